"""A layer's view of space: a grid of inputs and the examples, carried there and drawn."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import live
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import case, comes, pause, session_of, visit
from tests.browser.test_legible import INK, PHONE, choose_theme, colliding, texts

SHADES = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
COLOURED = """(canvas, names) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const probe = document.body.appendChild(document.createElement("i"));
  const counts = names.map((name) => {
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color.match(/[\\d.]+/g).map((part) => part * 0.7);
    let count = 0;
    for (let k = 0; k < data.length; k += 4) {
      if (data[k + 3] === 255 && [0, 1, 2].every((c) => Math.abs(data[k + c] - colour[c]) < 3)) {
        count += 1;
      }
    }
    return count;
  });
  probe.remove();
  return counts;
}"""
TWO = ["--negative", "--positive"]
EXAMPLES = "The examples as a layer has them"
TWO_COMPONENTS = "grid: the inputs' two principal components"


def represented(page: Page, server_state: ServerState, **wanted: object) -> None:
    """Wait until the server carries the inputs there."""

    def reached(topology: object, dataset: object, frame: object) -> bool:
        info = frame.meta["microscope"]["represent"]  # type: ignore[attr-defined]
        return info is not None and all(info[name] == value for name, value in wanted.items())

    server_state(session_of(page), until=reached)


def chip(page: Page) -> Locator:
    return page.get_by_role("button", name="space", exact=True)


def points(page: Page) -> Locator:
    """The canvas above the grid."""
    return page.locator(".space-plot canvas").nth(1)


def test_a_layer_shows_its_space(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    chip(live_page).click()
    represented(live_page, server_state, layer=2, units=None)
    canvas = live_page.get_by_role("img", name="The plane as a layer has it")
    expect(canvas).to_be_visible()
    expect(live_page.get_by_role("application", name="The network's output")).to_be_hidden()
    comes(live_page, lambda: canvas.evaluate(INK) > 0.3)
    assert canvas.evaluate(SHADES) > 300  # cells in many shades, not one ground
    comes(live_page, lambda: min(points(live_page).evaluate(COLOURED, TWO)) > 50)
    components = canvas.screenshot()
    live_page.get_by_label("to the right").select_option("unit 3")
    represented(live_page, server_state, layer=2, units=[2, 0])
    comes(live_page, lambda: canvas.screenshot() != components)
    live_page.get_by_label("upwards").select_option("unit 2")
    represented(live_page, server_state, layer=2, units=[2, 1])
    live_page.get_by_label("layer whose space is shown").select_option("layer 1")
    represented(live_page, server_state, layer=1)
    chip(live_page).click()
    expect(live_page.get_by_role("application", name="The network's output")).to_be_visible()
    server_state(
        session_of(live_page),
        until=lambda t, d, f: f.meta["microscope"]["represent"] is None,
    )


def test_the_space_moves_while_training(live_page: Page, server_state: ServerState) -> None:
    chip(live_page).click()
    represented(live_page, server_state, layer=2)
    canvas = live_page.get_by_role("img", name="The plane as a layer has it")
    comes(live_page, lambda: canvas.evaluate(INK) > 0.3)
    before = canvas.screenshot()
    comes(live_page, lambda: canvas.screenshot() != before)


@pytest.mark.parametrize(("dataset", "classes"), [("penguins", 3), ("digits", 10)])
def test_tables_and_images_have_a_space(
    open_page: OpenPage, server_state: ServerState, dataset: str, classes: int
) -> None:
    page = open_page(f"/#dataset={dataset}&layers=6tanh,4tanh&paused")
    expect(chip(page)).to_have_attribute("title", re.compile("training examples and a grid"))
    chip(page).click()
    represented(page, server_state, layer=2, units=None)
    canvas = page.get_by_role("img", name=EXAMPLES)
    expect(canvas).to_have_accessible_name(
        f"{EXAMPLES}: layer 2, component 1 across, component 2 up"
    )
    legend = page.locator(".space-legend")
    expect(legend).to_contain_text(TWO_COMPONENTS)
    topology, data, _ = server_state(session_of(page))
    for name in data["classes"]:
        expect(legend.get_by_text(name, exact=True)).to_be_visible()
    comes(page, lambda: canvas.evaluate(INK) > 0.3)
    assert canvas.evaluate(SHADES) > 300
    palette = [f"--class-{k}" for k in range(classes)]
    comes(page, lambda: min(points(page).evaluate(COLOURED, palette)) > 10)
    components = points(page).screenshot()
    page.get_by_label("to the right").select_option("unit 3")
    page.get_by_label("upwards").select_option("unit 2")
    represented(page, server_state, layer=2, units=[2, 1])
    comes(page, lambda: points(page).screenshot() != components)
    # Layer 0 is the inputs, under their own names.
    page.get_by_label("layer whose space is shown").select_option("inputs")
    represented(page, server_state, layer=0, units=None)
    column = topology["layers"][0]["names"][4]
    page.get_by_label("to the right").select_option(column)
    represented(page, server_state, layer=0, units=[4, 0])
    expect(canvas).to_have_accessible_name(re.compile(f"inputs, {re.escape(column)} across"))


def test_a_curve_has_a_line_for_a_space(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=sine&layers=4tanh,3tanh&paused")
    chip(page).click()
    represented(page, server_state, layer=2)
    canvas = page.get_by_role("img", name="The line of inputs as a layer has it: layer 2")
    legend = page.locator(".space-legend")
    expect(legend).to_contain_text("line: all inputs x")
    # The line alone is drawn below the points: far less than cells would cover.
    comes(page, lambda: canvas.evaluate(SHADES) > 100)
    covered = points(page).evaluate(INK)
    assert 0.005 < covered < 0.3
    page.get_by_label("to the right").select_option("unit 2")
    represented(page, server_state, layer=2, units=[1, 0])
    page.get_by_label("layer whose space is shown").select_option("inputs")
    represented(page, server_state, layer=0)
    expect(page.get_by_label("to the right")).to_be_hidden()
    expect(page.get_by_role("img", name="inputs, x across")).to_be_visible()


def test_numbers_are_coloured_by_their_size(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=mpg&layers=5tanh&paused")
    chip(page).click()
    represented(page, server_state, layer=1)
    canvas = page.get_by_role("img", name=EXAMPLES)
    expect(canvas).to_be_visible()
    _, _, frame = server_state(session_of(page))
    low, high = frame.meta["microscope"]["represent"]["ends"]
    expect(page.locator(".space-legend")).to_contain_text(TWO_COMPONENTS)
    expect(page.locator(".space-legend")).to_contain_text(f"mpg {low:.3g}".replace("-", "−"))
    expect(page.locator(".space-legend")).to_contain_text(f"{high:.3g}")
    comes(page, lambda: canvas.evaluate(SHADES) > 300)
    assert points(page).evaluate(SHADES) > 100  # a shade for each target, not one for each sign
    page.get_by_label("layer whose space is shown").select_option("output")
    represented(page, server_state, layer=2)
    expect(page.get_by_label("to the right")).to_be_hidden()


def test_other_data_are_carried_in_their_turn(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&layers=4tanh&paused")
    chip(page).click()
    represented(page, server_state, layer=1)
    page.get_by_label("Tables and images").select_option("iris")
    server_state(session_of(page), until=lambda t, d, f: d["name"] == "iris")
    canvas = page.get_by_role("img", name=EXAMPLES)
    expect(canvas).to_be_visible()
    expect(page.locator(".space-legend")).to_contain_text("setosa")
    comes(
        page, lambda: min(points(page).evaluate(COLOURED, [f"--class-{k}" for k in range(3)])) > 50
    )


def test_what_is_not_finite_has_no_place(
    open_page: OpenPage, server_state: ServerState, base_url: str
) -> None:
    deep = ",".join(["2relu"] * 8)
    page = open_page(f"/#dataset=iris&layers={deep}&paused")
    chip(page).click()
    represented(page, server_state, layer=8)
    with live.viewer(base_url, session_of(page)) as seen:
        for layer in range(1, 9):
            for unit, factor in ((0, 1e6), (1, 1e6)):
                seen.send(type="set_parameter", layer=layer, unit=unit, input=0, value=factor)
                seen.send(type="set_parameter", layer=layer, unit=unit, input=None, value=1e6)
    expect(page.get_by_role("img", name=f"{EXAMPLES}: no number is finite")).to_be_visible()
    assert points(page).evaluate(INK) == 0


def test_the_space_is_reached_and_left_by_keyboard(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=penguins&layers=4tanh&paused")
    chip(page).focus()
    page.keyboard.press("Enter")
    represented(page, server_state, layer=1)
    layer, first = (
        page.get_by_label("layer whose space is shown"),
        page.get_by_label("to the right"),
    )
    page.keyboard.press("Shift+Tab")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    represented(page, server_state, layer=1, units=[0, 1])
    expect(page.get_by_label("upwards")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(layer).to_be_focused()
    page.keyboard.press("ArrowUp")
    represented(page, server_state, layer=0, units=None)
    chip(page).focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("img", name="The network's output")).to_be_visible()


def test_the_space_collides_with_nothing(open_page: OpenPage, server_state: ServerState) -> None:
    for options in ({}, PHONE):
        page = open_page("/", **options)
        for dataset in ("wine", "digits", "sine", "mpg"):
            visit(page, f"/#dataset={dataset}&layers=4tanh,4tanh&paused")
            chip(page).click()
            represented(page, server_state, layer=2)
            page.get_by_label("to the right").select_option("unit 3")
            expect(page.get_by_label("upwards")).to_be_visible()
            for theme in ("projector", "light"):
                with case((dataset, theme, options)):
                    choose_theme(page, theme)
                    results = page.locator("#results")
                    assert colliding(texts(results)) == []
                    box, room = chip(page).bounding_box(), results.bounding_box()
                    assert box is not None
                    assert room is not None
                    assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
                    assert page.locator("#results .panel-line").first.evaluate(
                        "(line) => line.scrollWidth <= line.clientWidth + 1"
                    )


def test_the_chip_leaves_the_example_room_for_its_name(open_page: OpenPage) -> None:
    for options in ({}, PHONE):
        page = open_page("/", **options)
        for dataset in ("penguins", "wine", "mpg", "breast_cancer", "digits"):
            visit(page, f"/#dataset={dataset}&paused")
            expect(page.locator("#example")).to_contain_text("training 1: ")
            for theme in ("projector", "light"):
                with case((dataset, theme, options)):
                    choose_theme(page, theme)
                    assert page.locator(".example-text").evaluate(
                        "(text) => text.scrollWidth <= text.clientWidth + 1"
                    )
                    assert colliding(texts(page.locator("#results .panel-line").first)) == []


def test_a_layer_that_is_removed_is_no_longer_shown(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=3tanh,3tanh")
    chip(page).click()
    represented(page, server_state, layer=2)
    page.get_by_label("layer whose space is shown").select_option("output")
    represented(page, server_state, layer=3)
    page.get_by_label("More about layer 2").click()
    page.locator("details[open]").get_by_role("button", name="Remove this layer").click()
    expect(page.get_by_role("application", name="The network's output")).to_be_visible()
