"""Between a phone and a projector: half a screen, an old projector, a phone on its side."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.page import case, visit
from tests.browser.test_legible import choose_theme, colliding, texts


def box_of(element: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is seen of it."""
    box = element.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_switches_above_the_network_are_whole_at_1024_pixels(
    open_page: OpenPage, theme: str
) -> None:
    page = open_page("/#paused", viewport={"width": 1024, "height": 768})
    choose_theme(page, theme)
    for data in ("penguins", "digits", "wine", "moons"):
        visit(page, f"/#dataset={data}&paused")
        with case(data):
            left, _, right, _ = box_of(page.locator("#stage"))
            choices = page.locator(".stage-line .switch:visible")
            expect(choices).to_have_count(2)
            for choice in choices.all():
                assert choice.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
            boxes = [box_of(choice) for choice in choices.all()]
            assert left <= boxes[0][0]
            assert boxes[1][2] <= right
            assert all(one[2] < other[0] for one, other in itertools.pairwise(boxes))
            assert colliding(texts(page.locator(".stage-line"))) == []
            scales = texts(page.locator("#legend-network"))
            assert all(scale["right"] <= right - 8 for scale in scales), scales


def shows_more(page: Page) -> bool:
    """Whether the foot of the settings fades out."""
    more = page.locator("#setup").evaluate("(e) => getComputedStyle(e).getPropertyValue('--more')")
    return float(more) > 0.5


def test_settings_that_go_on_below_fade_out(open_page: OpenPage) -> None:
    page = open_page("/#paused&layers=" + ",".join(["32relu"] * 8))
    settings = page.locator("#setup")
    choose_theme(page, "projector")
    assert settings.evaluate("(e) => e.scrollHeight - e.clientHeight") > 8
    assert shows_more(page)
    settings.evaluate("(e) => e.scrollTo(0, e.scrollHeight)")
    page.wait_for_function("() => document.querySelector('#setup').scrollTop > 0")
    page.wait_for_timeout(100)
    assert not shows_more(page)
    visit(page, "/#paused&layers=2relu")
    choose_theme(page, "projector")
    assert settings.evaluate("(e) => e.scrollHeight - e.clientHeight") == 0
    assert not shows_more(page)
