"""A control never lies about the state: dragged back, refused, clicked twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests import live
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, comes, pause, session_of, type_in
from tests.browser.test_time import looking_back, moment, trained


@pytest.mark.parametrize(
    ("selector", "field", "value", "shown"),
    [
        ("#rate-slider", "learning_rate", 0.5, "-0.301"),
        ("#noise", "noise", 0.75, "0.75"),
    ],
)
def test_a_slider_that_is_dragged_back_follows_the_server_again(
    live_page: Page,
    server_state: ServerState,
    base_url: str,
    selector: str,
    field: str,
    value: float,
    shown: str,
) -> None:
    slider = live_page.locator(selector)
    slider.press("Home")
    start = slider.get_attribute("min") or ""
    expect(slider).to_have_value(start)
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    live_page.mouse.move(box["x"] + 5, middle)
    live_page.mouse.down()
    live_page.mouse.move(box["x"] + 0.7 * box["width"], middle)
    expect(slider).not_to_have_value(start)
    live_page.mouse.move(box["x"] - 5, middle)
    expect(slider).to_have_value(start)
    live_page.mouse.up()
    with live.viewer(base_url, session_of(live_page)) as other:

        def followed() -> bool:
            # Anew where what the drag sent last came after it.
            other.send(type="set" if field == "learning_rate" else "data", **{field: value})
            return slider.input_value() == shown

        comes(live_page, followed)
    becomes(live_page, server_state, **{field: value})
    expect(slider).to_have_value(shown)


@pytest.fixture
def past(live_page: Page, server_state: ServerState) -> Page:
    """A page that shows the past, where every change is refused."""
    trained(live_page, server_state, 5)
    pause(live_page, server_state)
    moment(live_page).press("Home")
    looking_back(live_page, server_state, 0)
    return live_page


def test_a_data_set_that_is_refused_is_not_shown_as_chosen(past: Page) -> None:
    past.locator("#shapes label", has=past.get_by_role("radio", name="circle")).click()
    expect(past.get_by_role("alert").filter(has_text="in the past")).to_be_visible()
    expect(past.get_by_role("radio", name="circle")).not_to_be_checked()
    expect(past.get_by_role("radio", name="moons")).to_be_checked()
    tables = past.get_by_label("Tables and images")
    tables.select_option("wine")
    expect(past.get_by_role("alert").filter(has_text="in the past")).to_have_count(2)
    expect(tables).to_have_value("")


def test_a_learning_rate_that_is_refused_is_not_shown(past: Page) -> None:
    slider = past.get_by_role("slider", name="learning rate")
    number = past.get_by_role("textbox", name="Learning rate")
    refusal = past.get_by_role("alert").filter(has_text="in the past")
    before = slider.input_value()
    for control, key in ((slider, "ArrowRight"), (number, "ArrowUp"), (slider, "End")):
        control.press(key)
        expect(refusal).to_be_visible()
        expect(number).to_have_value("0.0300")
        expect(slider).to_have_value(before)
    box = slider.bounding_box()
    assert box is not None
    past.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    past.mouse.down()
    expect(number).to_have_value("0.0300")  # while the thumb is still held
    past.mouse.up()
    expect(slider).to_have_value(before)


def test_batch_normalisation_that_is_refused_is_not_ticked(past: Page) -> None:
    past.get_by_title("More about layer 2").click()
    box = past.get_by_label("Batch normalisation").locator("visible=true")
    box.click()
    expect(past.get_by_role("alert").filter(has_text="in the past")).to_be_visible()
    expect(box).not_to_be_checked()


def test_the_menu_of_tables_offers_tables_only(open_page: OpenPage) -> None:
    page = open_page("/#dataset=iris&seed=0")
    tables = page.get_by_label("Tables and images")
    expect(tables).to_have_value("iris")
    expect(tables.locator("option[value='']")).to_be_disabled()


def test_a_double_click_removes_one_layer(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=moons&seed=0&layers=2tanh,3tanh,4tanh")
    page.get_by_title("More about layer 1").click()
    page.get_by_role("button", name="Remove this layer").locator("visible=true").dblclick()
    server_state(session_of(page), until=lambda t, d, f: len(t["layers"]) == 4)
    expect(page.locator("#heads details[open]")).to_have_count(0)
    type_in(page.get_by_role("textbox", name="Learning rate"), "0.5")
    topology, _, _ = becomes(page, server_state, learning_rate=0.5)
    assert [layer["units"] for layer in topology["layers"]] == [2, 3, 4, 1]


def test_examples_of_the_plane_are_chosen_by_keys(
    live_page: Page, server_state: ServerState
) -> None:
    plot = live_page.get_by_role("application", name="The network's output")
    plot.focus()
    for index in (1, 2):
        live_page.keyboard.press("ArrowRight")
        expect(plot).to_have_accessible_name(re.compile(f"now training example {index + 1}: "))
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["example"]["index"] == 2)
    live_page.keyboard.press("ArrowLeft")
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["example"]["index"] == 1)


def test_a_stretch_of_the_loss_that_was_chosen_stays(live_page: Page, server_state: ServerState):
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > 60)
    over = live_page.locator("#loss .u-over")
    box = over.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    live_page.mouse.move(box["x"] + box["width"] * 0.1, y)
    live_page.mouse.down()
    live_page.mouse.move(box["x"] + box["width"] * 0.4, y, steps=4)
    live_page.mouse.up()
    live_page.mouse.move(5, 5)
    near = live_page.locator(".u-wrap canvas").screenshot()
    step = server_state(session_of(live_page))[2].meta["step"]
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > 3 * step)
    assert live_page.locator(".u-wrap canvas").screenshot() == near
    over.dblclick()
    live_page.mouse.move(5, 5)
    assert live_page.locator(".u-wrap canvas").screenshot() != near
