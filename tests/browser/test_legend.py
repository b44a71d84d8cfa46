"""What the colours and points of the output's picture mean stands below it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.page import case, visit
from tests.browser.test_legible import PHONE, choose_theme, colliding, texts

WORDS = {  # the signs between them are drawn
    "rings": "33 %100 %traintestwrong",
    "plane": "−0.9890.989traintest",
    "sine": "traintestnetwork",
    "mpg": "testbeyond the axes",
    "iris": "right 0100 %wrong 0100 %",
}


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
    end = room["x"] + room["width"]
    assert all(room["x"] <= box["left"] <= box["right"] <= end for box in boxes), boxes
    page.get_by_role("button", name="test points").click()
    expect(legend).to_have_text("−11trainwrong")
    page.locator("#network canvas[tabindex]").focus()
    page.keyboard.press("ArrowRight")
    caption = page.locator(".output-legend .legend").first
    expect(caption).to_have_attribute("title", "What the unit answers")
    assert len(texts(legend)) == 4


def test_every_picture_of_the_output_has_a_legend(live_page: Page) -> None:
    for data, words in WORDS.items():
        with case(data):
            visit(live_page, f"/#dataset={data}&paused")
            expect(live_page.locator(".output-legend")).to_have_text(words)


@pytest.mark.parametrize(
    ("part", "words", "title"),
    [
        ("output=sigmoid", "01traintestwrong", "What the network answers"),
        ("loss=binary_cross_entropy", "01traintestwrong", "Probability of the positive class"),
    ],
)
def test_targets_of_0_and_1_have_a_scale_from_0_to_1(
    open_page: OpenPage, part: str, words: str, title: str
) -> None:
    legend = open_page(f"/#dataset=moons&paused&{part}").locator(".output-legend")
    expect(legend).to_have_text(words)
    expect(legend.locator(".legend").first).to_have_attribute("title", title)


def test_an_images_pixels_have_a_scale_of_their_own(open_page: OpenPage) -> None:
    page = open_page("/#dataset=digits&paused&init=uniform")  # −0.5 to 0.5
    scales = page.locator("#legend-network .legend-scales > .legend")
    expect(scales.first).to_have_text("pixels−0.60.6")
    page.get_by_text("updates", exact=True).click()
    expect(scales.nth(1)).to_contain_text("next update")
    choose_theme(page, "projector")
    assert not colliding(texts(page.locator("#legend-network")))
