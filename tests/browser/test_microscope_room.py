"""Slow motion where there is little room: on one screen, in every theme, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import case
from tests.browser.test_legible import PHONE, colliding, texts
from tests.browser.test_microscope import enter, forward, title
from tests.browser.test_views_pointing import places, unit_at


def needs_no_scrolling(page: Page) -> None:
    assert page.evaluate(
        "document.documentElement.scrollHeight <= innerHeight"
        " && document.documentElement.scrollWidth <= innerWidth"
    )
    strip = page.locator(".slow-strip")
    assert strip.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
    assert colliding(texts(page.locator("#slow-legend"))) == []
    beyond = page.locator(".slow-caption").evaluate("(e) => e.scrollHeight - e.clientHeight")
    assert beyond <= 0


@pytest.mark.parametrize("layers", ["4tanh,4tanh", ",".join(["32relu"] * 8)], ids=["two", "eight"])
def test_slow_motion_needs_no_scrolling(
    open_page: OpenPage, server_state: ServerState, layers: str
) -> None:
    page = open_page(f"/#layers={layers}")
    for theme in ("light", "dark", "projector"):
        page.get_by_label("theme").select_option(theme)
        enter(page, server_state)
        for phase in range(1, 6):
            forward(page)
            with case((theme, phase)):
                needs_no_scrolling(page)
        page.get_by_role("button", name="leave slow motion").click()
        expect(page.locator("#microscope")).to_be_hidden()


@pytest.mark.parametrize("layers", ["4tanh,4tanh", ",".join(["32relu"] * 8)], ids=["two", "eight"])
def test_slow_motion_on_a_phone(
    open_page: OpenPage, server_state: ServerState, layers: str
) -> None:
    page = open_page(f"/#layers={layers}", **PHONE)
    enter(page, server_state)
    forward(page, 4)
    strip = page.locator(".slow-strip")
    assert colliding(texts(strip)) == []
    current = strip.locator("[aria-current]").bounding_box()
    assert current is not None
    assert 0 <= current["x"] <= current["x"] + current["width"] <= 390
    bar = page.locator("#timeline").bounding_box()
    said = title(page).bounding_box()
    assert bar is not None
    assert said is not None
    assert said["y"] + said["height"] < bar["y"]


def test_a_tap_brings_the_equation_below_the_network(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/", **PHONE)
    topology, _ = enter(page, server_state)
    page.touchscreen.tap(*unit_at(places(page, topology), 1, 1))
    expect(page.locator("#drill h3")).to_have_text("layer 1, unit 2 · tanh")
    total = page.locator(".drill-line", has=page.get_by_text("z = Σ w·x + b", exact=True))
    bar, line = page.locator("#timeline").bounding_box(), total.bounding_box()
    assert bar is not None
    assert line is not None
    assert 0 < line["y"] < line["y"] + line["height"] < bar["y"]
    network = page.locator("#network").bounding_box()
    assert network is not None
    assert 0 < network["y"] + network["height"] < line["y"]
