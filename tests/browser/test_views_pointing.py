"""Pointing at the drawings: what is shown, what is asked of the server, what is set."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import meta_becomes, pause, session_of

PLACES = """async ([topology, kind]) => {
  const { layoutNetwork } = await import("/static/views/network-layout.js");
  const { curveX, curveY, hit } = await import("/static/views/network-hit.js");
  const element = document.querySelector("#network");
  const size = { width: element.clientWidth, height: element.clientHeight };
  const font = parseFloat(getComputedStyle(document.body).getPropertyValue("--font-size-base"));
  const plan = layoutNetwork(topology, size, kind, font);
  const { left, top } = element.getBoundingClientRect();
  const client = ({ x, y }) => [x + left, y + top];
  const { edges } = plan;
  const lines = [];
  for (let k = 0; k < edges.count; k++) {
    for (const t of [0.3, 0.15, 0.7, 0.85]) {
      const x = curveX(edges.x1[k], edges.x2[k], t);
      const y = curveY(edges.y1[k], edges.y2[k], t);
      const mark = hit(plan, x, y);
      if (mark?.kind === "weight") { lines.push({ mark, at: client({ x, y }) }); break; }
    }
  }
  return {
    units: plan.units.map((box) => ({ ...box, at: client(box) })),
    biases: plan.biases.map((disc) => ({ ...disc, at: client(disc) })),
    lines,
  };
}"""


def places(page: Page, topology: dict[str, Any], kind: str = "plane") -> dict[str, Any]:
    """Where units, bias discs and lines are, in client coordinates."""
    found: dict[str, Any] = page.evaluate(PLACES, [topology, kind])
    return found


def unit_at(found: dict[str, Any], layer: int, unit: int) -> tuple[float, float]:
    at = next(u["at"] for u in found["units"] if (u["layer"], u["unit"]) == (layer, unit))
    return at[0], at[1]


def numbers(page: Page) -> dict[str, float]:
    """The card's numbers by their signs, exact: from the titles."""
    pairs = page.locator("#card dl > div").all()
    return {pair.locator("dt").inner_text(): exact(pair) for pair in pairs}


def exact(pair: Locator) -> float:
    return float((pair.get_attribute("title") or "").rpartition(": ")[2])


def test_pointing_at_a_unit_shows_its_numbers_and_asks_for_its_field(
    live_page: Page, server_state: ServerState
) -> None:
    topology, _, frame = pause(live_page, server_state)
    found = places(live_page, topology)
    live_page.mouse.move(*unit_at(found, 2, 1))
    title = live_page.locator("#card h3")
    expect(title).to_have_text("layer 2, unit 2 · tanh")
    row = topology["layers"][2]["row"] + 1
    z, a, delta = (float(value) for value in frame.tensors["example"][:, row])
    shown = numbers(live_page)
    assert (shown["z"], shown["a"], shown["δ"]) == (z, a, delta)
    meta_becomes(live_page, server_state, focus={"layer": 2, "unit": 1})
    live_page.mouse.move(5, 5)
    expect(title).to_have_text("")
    meta_becomes(live_page, server_state, focus=None)


def test_a_click_pins_a_unit_and_escape_lets_it_go(
    live_page: Page, server_state: ServerState
) -> None:
    found = places(live_page, server_state(session_of(live_page))[0])
    live_page.mouse.click(*unit_at(found, 1, 0))
    live_page.mouse.move(5, 5)
    title = live_page.locator("#card h3")
    expect(title).to_have_text("layer 1, unit 1 · tanh")
    expect(live_page.locator("#card")).to_contain_text("pinned")
    # All of it is on the card, or not there at all.
    inside = live_page.locator("#card").bounding_box()
    assert inside is not None
    for part in live_page.locator("#card").locator("h3, dl > div, button, p").all():
        box = part.bounding_box()
        if box and box["y"] + box["height"] / 2 < inside["y"] + inside["height"]:
            assert box["x"] + box["width"] <= inside["x"] + inside["width"] + 0.5
            assert part.evaluate("(e) => e.scrollWidth <= e.clientWidth")
    live_page.keyboard.press("Escape")
    expect(title).to_have_text("")


@pytest.mark.parametrize("way", ["Delete", "Backspace", "button"])
def test_a_pinned_neuron_is_removed_and_comes_back(
    live_page: Page, server_state: ServerState, way: str
) -> None:
    topology, _, frame = pause(live_page, server_state)
    live_page.mouse.click(*unit_at(places(live_page, topology), 1, 2))
    remove = live_page.locator("#card").get_by_role("button", name="remove")
    expect(remove).to_be_visible()
    if way == "button":
        remove.click()
    else:
        live_page.keyboard.press(way)
    _, _, left = server_state(
        session_of(live_page), until=lambda t, d, f: [x["units"] for x in t["layers"]][1] == 3
    )
    before, after = (one.tensors["parameters"][:12].tolist() for one in (frame, left))
    assert after[:9] == before[:6] + before[9:]  # two weights and a bias for each neuron
    expect(remove).to_be_hidden()
    live_page.keyboard.press("Control+z")
    server_state(session_of(live_page), until=lambda t, d, f: t["layers"][1]["units"] == 4)


def test_neither_an_input_nor_an_output_can_be_removed(
    live_page: Page, server_state: ServerState
) -> None:
    topology, _, _ = pause(live_page, server_state)
    for layer in (0, 3):
        live_page.mouse.click(*unit_at(places(live_page, topology), layer, 0))
        live_page.mouse.move(5, 5)
        expect(live_page.locator("#card")).to_contain_text("pinned")
        expect(live_page.locator("#remove-unit")).to_be_hidden()


def test_pointing_at_a_line_and_setting_its_weight(
    live_page: Page, server_state: ServerState
) -> None:
    topology, _, frame = pause(live_page, server_state)
    line = places(live_page, topology)["lines"][3]
    mark = line["mark"]
    layer = topology["layers"][mark["layer"]]
    at = layer["offset"] + mark["unit"] * (layer["fan_in"] + 1) + mark["input"]
    live_page.mouse.move(*line["at"])
    expect(live_page.locator("#card h3")).to_contain_text("→")
    shown = numbers(live_page)
    for sign, name in (("w", "parameters"), ("∂L/∂w", "gradients"), ("Δw", "updates")):
        assert shown[sign] == float(frame.tensors[name][at])
    live_page.mouse.click(*line["at"])
    field = live_page.locator("#editor-value")
    field.fill("1.25")
    field.press("Enter")
    server_state(
        session_of(live_page), until=lambda t, d, f: float(f.tensors["parameters"][at]) == 1.25
    )


def test_the_output_has_a_bias_that_can_be_set(live_page: Page, server_state: ServerState) -> None:
    topology, _, _ = pause(live_page, server_state)
    disc = places(live_page, topology)["biases"][-1]
    live_page.mouse.click(*disc["at"])
    field = live_page.locator("#editor-value")
    field.fill("-0.5")
    field.press("Enter")
    server_state(
        session_of(live_page),
        until=lambda t, d, f: float(f.tensors["parameters"][disc["parameter"]]) == -0.5,
    )


def test_a_click_near_a_point_selects_it(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    _, dataset, _ = server_state(session_of(live_page))
    canvas = live_page.locator("#output canvas").first.bounding_box()
    assert canvas is not None
    live_page.locator("#output canvas").first.click()
    middle = server_state(session_of(live_page))[2].meta["example"]
    points = dataset[middle["part"]]["points"][middle["index"]]
    assert max(map(abs, points)) < 3


def test_a_finger_shows_and_pins_at_once(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator("#network").scroll_into_view_if_needed()
    found = places(page, server_state(session_of(page))[0])
    x, y = unit_at(found, 1, 2)
    page.touchscreen.tap(x + 6, y)
    title = page.locator("#card h3")
    expect(title).to_have_text("layer 1, unit 3 · tanh")
    page.touchscreen.tap(x + 6, y)
    expect(title).to_have_text("")


def test_the_keyboard_walks_through_the_network(live_page: Page, server_state: ServerState) -> None:
    topology, _, frame = pause(live_page, server_state)
    network = live_page.get_by_role("application", name="The network:")
    expect(network).to_have_attribute("aria-roledescription", "network")
    network.focus()
    title = live_page.locator("#card h3")
    for key, name in [
        ("ArrowRight", "layer 1, unit 1"),
        ("ArrowDown", "layer 1, unit 2"),
        ("ArrowRight", "layer 2, unit 2"),
        ("PageDown", "layer 1, unit 1 → layer 2, unit 2"),
    ]:
        live_page.keyboard.press(key)
        expect(title).to_contain_text(name)
    layer = topology["layers"][2]
    weight = float(frame.tensors["parameters"][layer["offset"] + layer["fan_in"] + 1])
    assert numbers(live_page)["w"] == weight
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#editor-value")).to_be_visible()
    live_page.keyboard.press("Escape")
    live_page.keyboard.press("ArrowRight")
    live_page.keyboard.press("PageDown")
    live_page.keyboard.press("Enter")
    editor = live_page.locator("#editor")
    field = live_page.locator("#editor-value")
    field.fill("1e7")
    field.press("Enter")
    expect(editor.get_by_role("alert")).to_be_visible()
    # Beside the output and the unit before it, and on the screen, however long the refusal is.
    found = places(live_page, topology)
    live_page.wait_for_function(
        """(ends) => {
          const { left, top, right, bottom } = editor.getBoundingClientRect();
          return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
            && ends.every(({ at: [x, y], size }) => x + size / 2 < left || x - size / 2 > right
              || y + size / 2 < top || y - size / 2 > bottom);
        }""",
        arg=[u for u in found["units"] if (u["layer"], u["unit"]) in ((2, 0), (3, 0))],
    )


@pytest.mark.parametrize("data", ["digits", "mpg"])
def test_the_neighbours_of_an_example(
    open_page: OpenPage, server_state: ServerState, data: str
) -> None:
    page = open_page(f"/#dataset={data}")
    part = server_state(session_of(page))[2].meta["example"]
    page.get_by_role("button", name="next example").click()
    following = part | {"index": part["index"] + 1}
    server_state(
        session_of(page),
        until=lambda t, d, f: f.meta["example"]["index"] == following["index"],
    )
    expect(page.locator(".example-text")).to_contain_text(f" {following['index'] + 1}:")
    page.get_by_role("button", name="previous example").click()
    expect(page.locator(".example-text")).to_contain_text(f" {part['index'] + 1}:")
