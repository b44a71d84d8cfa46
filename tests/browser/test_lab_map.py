"""The landscape's map: where everything lies in it, and what it is of."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import open_lab
from tests.browser.page import session_of, type_in


@pytest.mark.parametrize("plane", ["random", "gradient", "path"])
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_contours_path_and_weights_lie_in_one_plane(
    open_page: OpenPage, server_state: ServerState, plane: str, size: tuple[int, int]
) -> None:
    """The grid spans the axes' whole box, and no word of it is covered."""
    page = open_page("/#dataset=moons&paused")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.get_by_role("button", name="One epoch").click()
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    page.locator("#map-plane").select_option(plane)
    place.get_by_role("button", name="Compute").click()
    map_ = place.get_by_role("img").first
    whole_map(page, server_state)
    expect(map_.locator("path.level")).to_have_count(14)
    # The area of the lowest level is the whole grid and half a cell beyond.
    left, top, right, bottom = box_of(map_.locator("clipPath rect"))
    half = (right - left) / 20 / 2
    whole = [left - half, top - half, right + half, bottom + half]
    assert box_of(map_.locator("path.level").first) == pytest.approx(whole, abs=0.1)
    if plane != "path":  # there the weights are the map's middle
        weights = box_of(map_.locator("circle"))
        assert (weights[0] + weights[2]) / 2 == pytest.approx((left + right) / 2, abs=0.1)
        assert (weights[1] + weights[3]) / 2 == pytest.approx((top + bottom) / 2, abs=0.1)
    words = map_.locator("text").evaluate_all(
        "(all) => all.map((e) => e.getBoundingClientRect()).map((b) => [b.top, b.bottom])"
    )
    name = map_.get_by_text(re.compile("^(direction 1|along the gradient|main direction)$"))
    bar = map_.locator("svg > g > rect, g > rect").last.bounding_box()
    named, drawn = name.bounding_box(), map_.bounding_box()
    assert bar is not None
    assert named is not None
    assert drawn is not None
    assert named["y"] + named["height"] <= bar["y"] + 2
    assert max(bottom for _, bottom in words) <= drawn["y"] + drawn["height"] + 1


def box_of(shape: Locator) -> list[float]:
    """Left, top, right and bottom in the drawing's own coordinates."""
    box: list[float] = shape.evaluate(
        "(e) => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; }"
    )
    return box


def whole_map(page: Page, server_state: ServerState) -> None:
    """Wait until every row of it is computed."""
    server_state(
        session_of(page),
        until=lambda t, d, f: (
            f.meta["lab"]["map"]
            and f.meta["lab"]["map"]["rows"] == f.meta["lab"]["map"]["size"]
            and f.meta["lab"]["cut"]
        ),
        timeout=20,
    )


def test_a_map_of_another_network_or_other_data_says_so(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    place.get_by_role("button", name="Compute").click()
    whole_map(page, server_state)
    readout = place.locator(".lab-readout")
    expect(readout).to_contain_text("256 of the 336 training examples")
    expect(readout).to_contain_text("The network stands there")
    page.locator("input[name=dataset][value=xor]").check(force=True)
    expect(readout).to_contain_text("It is of other data than those shown now.")
    expect(readout).to_contain_text("256 of the 336 training examples")
    expect(readout).not_to_contain_text("stands there")
    page.locator("#undo").click()
    expect(readout).to_contain_text("The network stands there")
    page.locator("#setup summary", has_text="Regularisation").click()
    type_in(page.locator("#l2"), "0.1")
    expect(readout).to_contain_text("It is of another network, loss or penalty than now.")
