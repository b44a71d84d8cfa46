"""Slow motion: one true step, phase by phase, forward and back, with every number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests import live
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import comes, meta_becomes, session_of
from tests.browser.test_views_pointing import places, unit_at


def enter(page: Page, server_state: ServerState) -> tuple[dict[str, Any], live.Frame]:
    """Into slow motion; returns what the server says of the step."""
    page.get_by_role("button", name="Slow motion", exact=True).click()
    expect(page.locator("#microscope")).to_be_visible()
    return full_minibatch(page, server_state)


def full_minibatch(page: Page, server_state: ServerState) -> tuple[dict[str, Any], live.Frame]:
    """In slow motion: past the last minibatch of an epoch, which is smaller than the others."""
    session = session_of(page)
    topology, _, frame = server_state(session, until=lambda t, d, f: "losses" in f.tensors)
    if frame.tensors["losses"].size < frame.meta["batch_size"]:
        page.keyboard.press(".")
        _, _, frame = meta_becomes(page, server_state, step=frame.meta["step"] + 1)
    return topology, frame


def written(value: float) -> str:
    """A number as the page writes it."""
    size = abs(value)
    digits, exponent = f"{size:.2e}".split("e")
    power, sign = int(exponent), "−" if value < 0 else ""
    if value == 0:
        return "0"
    if -3 <= power < 5:
        return sign + f"{size:.{max(0, 2 - power)}f}"
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{sign}{digits}·10{raised}"


def forward(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name="On to the next phase").click()


def title(page: Page) -> Locator:
    return page.locator("#microscope h3")


def numbers(place: Locator) -> list[float]:
    """Every number of a formula, exact."""
    found: list[float] = place.locator(".number").evaluate_all(
        "(all) => all.map((one) => Number(one.dataset.value))"
    )
    return found


def signal(frame: live.Frame, topology: dict[str, Any], name: str, layer: int, unit: int) -> Any:
    return frame.tensors[name][topology["layers"][layer]["row"] + unit]


def speaker(frame: live.Frame, topology: dict[str, Any], layer: int) -> int:
    """The unit of whom the formula speaks: most flows back through it."""
    here = topology["layers"][layer]
    deltas = frame.tensors["deltas"][here["row"] : here["row"] + here["units"], 0]
    return int(np.abs(deltas).argmax())


def test_the_phases_of_a_step_with_the_numbers_of_the_server(
    live_page: Page, server_state: ServerState
) -> None:
    topology, frame = enter(live_page, server_state)
    formula = live_page.locator(".slow-formula")
    expect(title(live_page)).to_have_text(f"Initialisation, {frame.meta['step']} steps later")
    seen = []
    for layer in (1, 2, 3):
        forward(live_page)
        name = "output layer" if layer == 3 else f"layer {layer}"
        expect(title(live_page)).to_have_text(f"Forward pass · {name}")
        seen.append(numbers(formula))
        unit = speaker(frame, topology, layer)
        z, a = (
            float(signal(frame, topology, name, layer, unit)[0])
            for name in ("pre_activations", "activations")
        )
        *terms, first, second, last = seen[-1]
        assert (first, second, last) == (z, z, a)
        *products, bias = terms
        total = sum(w * x for w, x in zip(products[::2], products[1::2], strict=True)) + bias
        assert total == pytest.approx(z, abs=1e-6)
    forward(live_page)
    expect(title(live_page)).to_contain_text("Loss")
    assert float(frame.tensors["losses"][0]) in numbers(formula)
    assert frame.meta["minibatch_loss"] in numbers(formula)
    # ∂L/∂ŷ is 1/m of the example's own slope, ŷ − y.
    own = float(frame.tensors["own_slopes"][0, 0])
    assert numbers(formula)[-2:] == [own, float(signal(frame, topology, "arriving", 3, 0)[0])]
    assert numbers(formula)[-1] == pytest.approx(own / 10)
    for layer in (3, 2, 1):
        forward(live_page)
        name = "output layer" if layer == 3 else f"layer {layer}"
        expect(title(live_page)).to_have_text(f"Backward pass · {name}")
        unit = speaker(frame, topology, layer)
        assert numbers(formula)[-1] == float(signal(frame, topology, "deltas", layer, unit)[0])
        assert numbers(formula)[0] == float(signal(frame, topology, "slopes", layer, unit)[0])
    forward(live_page)
    expect(title(live_page)).to_contain_text("Weight update")
    after = numbers(formula)[-1]
    assert after in frame.tensors["new_parameters"].tolist()


def test_stepping_back_and_the_one_step_of_the_iteration(
    live_page: Page, server_state: ServerState
) -> None:
    _, frame = enter(live_page, server_state)
    step = frame.meta["step"]
    live_page.get_by_role("button", name="weight update", exact=True).click()
    expect(title(live_page)).to_contain_text("Weight update")
    live_page.keyboard.press("ArrowLeft")
    expect(title(live_page)).to_have_text("Backward pass · layer 1")
    live_page.keyboard.press("ArrowRight")
    forward(live_page)
    expect(title(live_page)).to_have_text(f"Iteration · step {step + 1} is made")
    after = meta_becomes(live_page, server_state, step=step + 1)[2]
    expected = frame.tensors["parameters"] + frame.tensors["updates"]
    np.testing.assert_allclose(after.tensors["parameters"], expected, atol=1e-6)
    # Back over the iteration: the step before, as it was; then on again, without another step.
    live_page.get_by_role("button", name="Back to the phase before").click()
    expect(title(live_page)).to_contain_text("Weight update")
    before = meta_becomes(live_page, server_state, step=step)[2]
    np.testing.assert_array_equal(before.tensors["parameters"], frame.tensors["parameters"])
    forward(live_page)
    expect(title(live_page)).to_have_text(f"Iteration · step {step + 1} is made")
    again = meta_becomes(live_page, server_state, step=step + 1)[2].meta["timeline"]
    assert again["made"] == again["present"] == step + 1
    forward(live_page)
    expect(title(live_page)).to_have_text(f"Initialisation, {step + 1} steps later")


def test_a_click_on_a_neuron_leaves_the_keys_to_the_phases(
    live_page: Page, server_state: ServerState
) -> None:
    topology = server_state(session_of(live_page))[0]
    live_page.mouse.click(*unit_at(places(live_page, topology), 1, 0))
    live_page.keyboard.press("m")
    expect(live_page.locator("#drill h3")).to_have_text("layer 1, unit 1 · tanh")
    live_page.mouse.click(*unit_at(places(live_page, topology), 1, 2))
    live_page.keyboard.press("ArrowRight")
    expect(title(live_page)).to_have_text("Forward pass · layer 1")
    expect(live_page.locator("#drill h3")).to_have_text("layer 1, unit 3 · tanh")
    live_page.keyboard.press("Space")
    expect(live_page.get_by_role("button", name="Pause the phases")).to_be_visible()
    live_page.keyboard.press("Space")
    expect(live_page.get_by_role("button", name="Play the phases")).to_be_visible()
    # Reached by keyboard, the network is walked with the arrows; Space is the phases' still.
    live_page.locator("#network canvas[tabindex]").focus()
    live_page.keyboard.press("ArrowDown")
    expect(live_page.locator("#drill h3")).to_have_text("layer 1, unit 4 · tanh")
    expect(title(live_page)).to_have_text("Forward pass · layer 1")
    live_page.keyboard.press("Space")
    expect(live_page.get_by_role("button", name="Pause the phases")).to_be_visible()


def test_the_table_and_the_keys_tell_the_numbers_of_the_picture(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=4tanh.bn,3relu&optimizer=momentum&l2=0.1")
    topology, frame = enter(page, server_state)
    page.locator("#network canvas[tabindex]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    values = [
        float(signal(frame, topology, name, 1, 1)[0])
        for name in ("sums", "normalised", "pre_activations", "activations", "slopes", "deltas")
    ]
    names = ("z", "ẑ", "u", "a", "φ′", "δ")
    told = ", ".join(f"{name} {written(v)}" for name, v in zip(names, values, strict=True))
    expect(page.locator("#status")).to_have_text(f"layer 1, unit 2: {told}")
    page.get_by_text("network as a table").click()
    rows = page.locator("#network-table tbody tr")
    expect(rows).to_have_count(4 * 5)
    expect(rows.nth(5).locator("td").first).to_have_text(told)
    heads = page.locator("#network-table thead th")
    expect(heads.last).to_have_text("velocity")
    tensors = frame.tensors
    columns = (
        tensors["parameters"], tensors["backpropagated"], tensors["updates"],
        tensors["state_after"][0],
    )  # fmt: skip
    for row, k in ((6, 4), (8, topology["layers"][1]["scale_offset"] + 1)):
        expected = [written(float(column[k])) for column in columns]
        assert rows.nth(row).locator("td").all_inner_texts() == expected


def test_the_phases_play_and_leaving_trains_on(live_page: Page, server_state: ServerState) -> None:
    _, frame = enter(live_page, server_state)
    live_page.locator("#slow-speed").select_option("4×")
    live_page.locator("#slow-play").click()
    expect(title(live_page)).to_have_text("Forward pass · layer 2", timeout=8000)
    live_page.get_by_role("button", name="Pause the phases").click()
    assert (
        meta_becomes(live_page, server_state, playing=False)[2].meta["step"] == frame.meta["step"]
    )
    live_page.get_by_role("button", name="leave slow motion").click()
    expect(live_page.locator("#microscope")).to_be_hidden()
    server_state(
        session_of(live_page),
        until=lambda t, d, f: f.meta["playing"] and "pre_activations" not in f.tensors,
    )
    live_page.keyboard.press("m")
    expect(live_page.locator("#microscope")).to_be_visible()
    live_page.get_by_role("button", name="Play", exact=True).click()
    expect(live_page.locator("#microscope")).to_be_hidden()


def test_equal_weights_are_said_to_be_equal(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#init=zeros&paused")
    enter(page, server_state)
    page.keyboard.press("r")
    words = page.locator(".slow-words")
    expect(words).to_contain_text("all equal (zeros)")
    expect(words).to_contain_text("Nothing breaks the symmetry; the biases are 0")
    expect(words).not_to_contain_text("at random")


def test_what_the_weights_were_drawn_from(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#init=he_normal&paused")
    enter(page, server_state)
    page.keyboard.press("r")
    expect(title(page)).to_have_text("Initialisation")
    expect(page.locator(".slow-words")).to_contain_text("He, normal, seed 0")
    expect(page.locator(".slow-formula")).to_contain_text("N(0, 2 / fan_in)")
    expect(page.get_by_role("button", name="Back to the phase before")).to_be_disabled()


def test_an_example_or_the_whole_minibatch(live_page: Page, server_state: ServerState) -> None:
    _, frame = enter(live_page, server_state)
    forward(live_page)
    formula = live_page.locator(".slow-formula")
    chooser = live_page.get_by_label("example shown")
    for example in (3, 7):
        chooser.select_option(f"{example} of 10")
        values = frame.tensors["activations"][2:6, example - 1].tolist()
        comes(live_page, lambda: numbers(formula)[-1] in values)  # noqa: B023
        shown = server_state(session_of(live_page))[2]
        assert shown.meta["microscope"]["example"] == example - 1
    chooser.select_option("all 10")
    means = frame.tensors["activations"][2:6].mean(axis=1)
    comes(live_page, lambda: bool(np.isclose(means, numbers(formula)[-1], rtol=1e-5).any()))


def test_less_motion_leaves_the_phases(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page(reduced_motion="reduce")
    enter(page, server_state)
    forward(page)
    page.mouse.move(5, 5)
    page.wait_for_timeout(300)
    before = page.locator("#network").screenshot()
    page.wait_for_timeout(500)
    assert page.locator("#network").screenshot() == before
    forward(page)
    expect(title(page)).to_have_text("Forward pass · layer 2")
    live_text = page.locator("#microscope [aria-live=polite]")
    expect(live_text).to_contain_text("Forward pass · layer 2. Each unit multiplies")
