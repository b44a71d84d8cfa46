"""A layer's view of space: the plane's grid and the points, carried there and drawn."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import comes, pause, session_of
from tests.browser.test_legible import INK

PIXELS = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def represented(page: Page, server_state: ServerState, **wanted: object) -> None:
    """Wait until the server carries the plane there."""

    def reached(topology: object, dataset: object, frame: object) -> bool:
        info = frame.meta["microscope"]["represent"]  # type: ignore[attr-defined]
        return info is not None and all(info[name] == value for name, value in wanted.items())

    server_state(session_of(page), until=reached)


def test_a_layer_shows_its_space(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    live_page.get_by_role("button", name="space", exact=True).click()
    represented(live_page, server_state, layer=2, units=None)
    canvas = live_page.get_by_role("img", name="The plane as a layer has it")
    expect(canvas).to_be_visible()
    expect(live_page.get_by_role("img", name="The network's output")).to_be_hidden()
    comes(live_page, lambda: canvas.evaluate(INK) > 0.3)
    assert canvas.evaluate(PIXELS) > 300  # cells in many shades, not one ground
    components = canvas.screenshot()
    live_page.get_by_label("to the right").select_option("unit 3")
    represented(live_page, server_state, layer=2, units=[2, 0])
    comes(live_page, lambda: canvas.screenshot() != components)
    live_page.get_by_label("upwards").select_option("unit 2")
    represented(live_page, server_state, layer=2, units=[2, 1])
    live_page.get_by_label("layer whose space is shown").select_option("layer 1")
    represented(live_page, server_state, layer=1)
    live_page.get_by_role("button", name="space", exact=True).click()
    expect(live_page.get_by_role("img", name="The network's output")).to_be_visible()
    server_state(
        session_of(live_page),
        until=lambda t, d, f: f.meta["microscope"]["represent"] is None,
    )


def test_the_space_moves_while_training(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_role("button", name="space", exact=True).click()
    represented(live_page, server_state, layer=2)
    canvas = live_page.get_by_role("img", name="The plane as a layer has it")
    comes(live_page, lambda: canvas.evaluate(INK) > 0.3)
    before = canvas.screenshot()
    comes(live_page, lambda: canvas.screenshot() != before)


def test_only_the_plane_has_a_space(open_page: OpenPage) -> None:
    page = open_page("/#dataset=wine")
    expect(page.locator("#space")).to_be_hidden()


def test_a_layer_that_is_removed_is_no_longer_shown(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=3tanh,3tanh")
    page.get_by_role("button", name="space", exact=True).click()
    represented(page, server_state, layer=2)
    page.get_by_label("layer whose space is shown").select_option("output")
    represented(page, server_state, layer=3)
    page.get_by_label("More about layer 2").click()
    page.locator("details[open]").get_by_role("button", name="Remove this layer").click()
    expect(page.get_by_role("img", name="The network's output")).to_be_visible()
