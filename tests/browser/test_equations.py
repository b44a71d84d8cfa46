"""Drill down: equations of neurons and weights, their numbers those of the server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import comes, session_of
from tests.browser.test_microscope import enter, numbers, signal
from tests.browser.test_views_pointing import places, unit_at


def result(page: Page, name: str) -> float:
    """The exact result of one line of the equation."""
    line = page.locator(".drill-line", has=page.get_by_text(name, exact=True))
    return float(line.locator(".drill-result").get_attribute("data-value") or "nan")


def terms(place: Locator) -> list[list[float]]:
    return [numbers(term) for term in place.locator(".drill-term").all()]


def choose(page: Page, topology: dict[str, Any], layer: int, unit: int) -> None:
    page.mouse.click(*unit_at(places(page, topology), layer, unit))
    expect(page.locator("#drill")).to_be_visible()
    page.mouse.move(5, 5)


def test_a_neuron_opens_its_equation(live_page: Page, server_state: ServerState) -> None:
    topology, frame = enter(live_page, server_state)
    choose(live_page, topology, 2, 1)
    values = {
        name: float(signal(frame, topology, name, 2, 1)[0])
        for name in ("pre_activations", "activations", "arriving", "slopes", "deltas")
    }
    assert result(live_page, "z = Σ w·x + b") == values["pre_activations"]
    assert result(live_page, "a = φ(z)") == values["activations"]
    assert result(live_page, "Σ w·δ") == values["arriving"]
    assert result(live_page, "φ′(z)") == values["slopes"]
    assert result(live_page, "δ = φ′(z) · Σ w·δ") == values["deltas"]
    ahead, back = live_page.locator(".drill-part").all()
    layer = topology["layers"][2]
    for k, (weight, value, product) in enumerate(terms(ahead)):
        assert weight == float(frame.tensors["parameters"][layer["offset"] + 5 + k])
        assert value == float(signal(frame, topology, "activations", 1, k)[0])
        assert product == pytest.approx(weight * value)
    assert sum(product for *_, product in terms(back)) == pytest.approx(values["arriving"])


def test_a_term_and_its_line_light_each_other(live_page: Page, server_state: ServerState) -> None:
    topology, _ = enter(live_page, server_state)
    choose(live_page, topology, 2, 1)
    network = live_page.locator("#network")
    before = network.screenshot()
    live_page.locator(".drill-term").nth(2).hover()
    comes(live_page, lambda: network.screenshot() != before)
    found = places(live_page, topology)["lines"]
    line = next(
        o
        for o in found
        if o["mark"] | {"kind": 0} == {"layer": 2, "unit": 1, "input": 3, "kind": 0}
    )
    live_page.mouse.move(*line["at"])
    expect(live_page.locator(".drill-term.lit")).to_have_attribute("data-mark", "2 1 3")


def test_many_terms_are_folded(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#layers=32tanh,32tanh")
    topology, frame = enter(page, server_state)
    choose(page, topology, 2, 3)
    ahead = page.locator(".drill-part").first
    sizes = [abs(product) for *_, product in terms(ahead)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 6
    ahead.get_by_role("button", name="26 smaller terms").click()
    assert len(terms(ahead)) == 32
    bias = result(page, "bias b")
    z = float(signal(frame, topology, "pre_activations", 2, 3)[0])
    assert sum(product for *_, product in terms(ahead)) + bias == pytest.approx(z, abs=1e-5)


def test_normalisation_and_dropout_have_their_equations(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=4tanh.bn.drop0.5,3relu")
    topology, frame = enter(page, server_state)
    assert topology["layers"][1]["batch_norm"]
    choose(page, topology, 1, 2)
    of = {
        name: float(signal(frame, topology, name, 1, 2)[0])
        for name in ("sums", "normalised", "pre_activations", "deltas", "masks", "activations")
    }
    assert result(page, "s = Σ w·x + b") == of["sums"]
    assert result(page, "x̂ = (s − μ) / σ") == of["normalised"]
    assert result(page, "z = γ·x̂ + β") == of["pre_activations"]
    assert result(page, "handed on") == pytest.approx(of["masks"] * of["activations"])
    through = page.locator(".drill-line", has_text="δ = γ/σ").locator(".number").all()
    gamma, deviation, outer, mean, normal, along, delta = (
        float(n.get_attribute("data-value") or "nan") for n in through
    )
    assert delta == of["deltas"]
    assert gamma / deviation * (outer - mean - normal * along) == pytest.approx(delta, abs=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad"])
def test_a_weight_opens_its_gradient_and_its_update(
    open_page: OpenPage, server_state: ServerState, optimizer: str
) -> None:
    page = open_page(f"/#optimizer={optimizer}&rate=0.01")
    topology, frame = enter(page, server_state)
    line = places(page, topology)["lines"][0]
    mark = line["mark"]
    page.mouse.click(*line["at"])
    page.mouse.move(5, 5)
    layer = topology["layers"][mark["layer"]]
    k = layer["offset"] + mark["unit"] * (layer["fan_in"] + 1) + mark["input"]
    before, gradient, change = (
        float(frame.tensors[name][k]) for name in ("parameters", "gradients", "updates")
    )
    source = "x" if mark["layer"] == 1 else "a"
    assert result(page, f"Σ δ·{source}") == gradient
    assert result(page, "Δw") == change
    assert result(page, "w ← w + Δw") == pytest.approx(before + change)
    page.get_by_role("button", name="each share").click()
    shares = page.locator(".drill-line", has_text="example").locator(".drill-result").all()
    total = sum(float(share.get_attribute("data-value") or "nan") for share in shares)
    assert len(shares) == 10
    assert total == pytest.approx(gradient, abs=1e-6)
    last = page.locator(".drill-part").last.locator(".drill-line")
    steps = [numbers(each)[-1] for each in last.all()]
    *made, delta, _ = steps
    moved = made[-1] + made[-2] if optimizer == "adamw" else made[-1]
    assert moved == pytest.approx(delta, rel=1e-3, abs=1e-8)
    state = frame.tensors["state_after"]
    for slot in range(len(frame.meta["microscope"]["slots"])):
        assert steps[slot] == float(state[slot, k])


def test_the_check_by_finite_differences(live_page: Page, server_state: ServerState) -> None:
    topology, _ = enter(live_page, server_state)
    line = places(live_page, topology)["lines"][5]
    live_page.mouse.click(*line["at"])
    live_page.mouse.move(5, 5)
    live_page.get_by_role("button", name="check by finite differences").click()
    expect(live_page.locator(".drill-check")).to_be_visible()
    by_difference = result(live_page, "by differences")
    by_backpropagation = result(live_page, "by backpropagation")
    assert by_difference == pytest.approx(by_backpropagation, rel=1e-4)
    assert result(live_page, "they differ by") == abs(by_difference - by_backpropagation)
    mark = line["mark"]
    source = "x" if mark["layer"] == 1 else "a"
    assert result(live_page, f"Σ δ·{source}") == pytest.approx(by_difference, rel=1e-3)
    told = server_state(session_of(live_page), until=lambda t, d, f: f.meta["microscope"]["check"])[
        2
    ].meta["microscope"]["check"]
    assert told["by_difference"] == by_difference


def test_the_card_leads_to_the_equation(live_page: Page, server_state: ServerState) -> None:
    topology = server_state(session_of(live_page))[0]
    live_page.mouse.click(*unit_at(places(live_page, topology), 1, 0))
    live_page.get_by_role("button", name="equation", exact=True).click()
    expect(live_page.locator("#drill h3")).to_have_text("layer 1, unit 1 · tanh")
    live_page.keyboard.press("Escape")
    expect(live_page.locator("#drill")).to_be_hidden()
    live_page.get_by_label("example shown").select_option("all 10")
    choose(live_page, topology, 1, 1)
    rows = live_page.locator(".drill-table tbody tr")
    expect(rows).to_have_count(10)
    rows.nth(4).get_by_role("button").click()
    expect(live_page.locator("#drill > .note")).to_contain_text("example 5 of the 10")
