"""The landscape's map: where everything lies in it, and what it is of."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import open_lab
from tests.browser.page import comes, session_of, type_in
from tests.browser.test_legible import PHONE, choose_theme, colliding, texts
from tests.live import Frame


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
        weights = box_of(map_.locator("circle.here"))
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


def at_rest(map_: Locator, axis: str) -> None:
    """Wait until the page has drawn the whole of it: it is drawn anew with every row that comes."""
    expect(map_.get_by_text(axis, exact=True)).to_have_count(1)
    drawn = [""]

    def same() -> bool:
        drawn.append(map_.inner_html())
        return drawn[-1] == drawn[-2]

    comes(map_.page, same)


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


# What the horizontal axis of each plane is called.
AXES = {"gradient": "along the gradient", "random": "direction 1", "path": "main direction"}


@pytest.mark.parametrize("screen", ["light", "projector", "phone"])
def test_a_short_step_does_not_look_like_a_long_one(
    open_page: OpenPage, server_state: ServerState, screen: str
) -> None:
    """Its direction crosses the map to the edge; where it ends, a dot stands."""
    page = open_page("/#dataset=moons&paused", **(PHONE if screen == "phone" else {}))
    if screen == "projector":
        choose_theme(page, screen)
    page.get_by_role("button", name="One epoch").click()
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    for plane, axis in AXES.items():
        page.locator("#map-plane").select_option(plane)
        place.get_by_role("button", name="Compute").click()
        server_state(session_of(page), until=computed(plane), timeout=20)
        map_ = place.get_by_role("img").first
        at_rest(map_, axis)
        expect(map_).to_have_accessible_name(re.compile(r"next minibatch step goes 0\.\d+ % of"))
        left, top, right, bottom = box_of(map_.locator("clipPath rect"))
        ray = box_of(map_.locator("path.step"))
        assert ray[0] < left or ray[1] < top or ray[2] > right or ray[3] > bottom  # it is cut there
        expect(map_.locator("path.step")).to_have_attribute("stroke-dasharray", re.compile(r"\d"))
        here, there = box_of(map_.locator("circle.here")), box_of(map_.locator("circle.step-end"))
        assert abs(here[0] + here[2] - there[0] - there[2]) < 28
        assert abs(here[1] + here[3] - there[1] - there[3]) < 28
        expect(map_.get_by_text(re.compile("direction of|next step"))).to_have_count(1)
        expect(map_.get_by_text("×")).to_have_count(0)
        assert colliding(texts(map_)) == []
        shown = map_.bounding_box()
        assert shown is not None
        assert all(one["left"] >= shown["x"] - 1 for one in texts(map_))


def test_a_step_long_enough_is_an_arrow_to_its_end(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused&rate=0.01&layers=4relu&output=linear")
    page.get_by_role("button", name="One epoch").click()
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    page.locator("#map-plane").select_option("gradient")
    place.get_by_role("button", name="Compute").click()
    server_state(session_of(page), until=computed("gradient"), timeout=20)
    map_ = place.get_by_role("img").first
    type_in(page.get_by_role("textbox", name="Learning rate"), "10")
    expect(map_.get_by_text("next minibatch step", exact=True)).to_be_visible()
    expect(map_.locator("circle.step-end")).to_have_count(0)
    expect(map_.locator("path.step")).not_to_have_attribute("stroke-dasharray", re.compile("."))


def computed(plane: str) -> Callable[..., bool]:
    """Whether every row of a map in that plane is there."""

    def whole(topology: object, dataset: object, frame: Frame) -> bool:
        info = frame.meta["lab"]["map"]
        return bool(info and info["plane"] == plane and info["rows"] == info["size"])

    return whole
