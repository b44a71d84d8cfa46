"""What the colours and points of the output's picture mean is said below it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_legible import PHONE, choose_theme, texts


@pytest.mark.parametrize("screen", ["light", "projector", "phone"])
def test_the_output_says_what_its_colours_and_points_mean(open_page: OpenPage, screen: str) -> None:
    page = open_page("/#dataset=moons&paused", **(PHONE if screen == "phone" else {}))
    if screen != "phone":
        choose_theme(page, screen)
    legend = page.locator(".output-legend")
    expect(legend).to_have_text("−11traintestwrong")  # the signs between them are drawn
    room = page.locator("#output").bounding_box()
    assert room is not None
    boxes = texts(legend)
    assert len(boxes) == 5
    assert min(box["left"] for box in boxes) >= room["x"]
    assert max(box["right"] for box in boxes) <= room["x"] + room["width"]
    page.get_by_role("button", name="test points").click()
    expect(legend).to_have_text("−11trainwrong")
    page.locator("#network canvas[tabindex]").focus()
    page.keyboard.press("ArrowRight")
    caption = page.locator(".output-legend .legend").first
    expect(caption).to_have_attribute("title", "What the unit answers")
    assert len(texts(legend)) == 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("rings", "33 %100 %traintestwrong"),
        ("plane", "−0.9890.989traintest"),
        ("sine", "traintestnetwork"),
        ("mpg", "testbeyond the axes"),
        ("iris", "right 0100 %wrong 0100 %"),
    ],
)
def test_every_picture_of_the_output_has_a_legend(
    open_page: OpenPage, data: str, words: str
) -> None:
    page = open_page(f"/#dataset={data}&paused")
    expect(page.locator(".output-legend")).to_have_text(words)
