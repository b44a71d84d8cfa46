"""Drill down: equations of neurons and weights, their numbers those of the server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.optimizers import optimizers
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import case, comes, session_of, visit
from tests.browser.test_microscope import enter, full_minibatch, numbers, signal
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
    assert result(live_page, "δ = φ′(z) · Σ w·δ") == pytest.approx(values["deltas"], rel=1e-6)
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
    shown = ahead.locator(".drill-term:visible")
    expect(shown).to_have_count(6)
    # The line of a folded term brings it out; lines wholly beneath others cannot be pointed at.
    reached = {
        "{layer} {unit} {input}".format(**o["mark"]): o["at"]
        for o in places(page, topology)["lines"]
    }
    terms_folded = ahead.locator(".drill-term.folded").all()
    marks = [term.get_attribute("data-mark") or "" for term in terms_folded]
    folded = next(mark for mark in marks if mark in reached)
    page.mouse.move(*reached[folded])
    expect(shown).to_have_count(7)
    expect(page.locator(".drill-term.lit")).to_have_attribute("data-mark", folded)
    ahead.get_by_role("button", name="26 smaller terms").click()
    expect(shown).to_have_count(32)
    bias = result(page, "bias b")
    z = float(signal(frame, topology, "pre_activations", 2, 3)[0])
    assert sum(product for *_, product in terms(ahead)) + bias == pytest.approx(z, abs=1e-5)


def test_normalisation_and_dropout_have_their_equations(
    open_page: OpenPage, server_state: ServerState
) -> None:
    # Clipping must not change a number of the backward pass.
    page = open_page("/#layers=4tanh.bn.drop0.5,3relu&clip=0.001")
    topology, frame = enter(page, server_state)
    assert topology["layers"][1]["batch_norm"]
    choose(page, topology, 1, 2)
    of = {
        name: float(signal(frame, topology, name, 1, 2)[0])
        for name in ("sums", "normalised", "pre_activations", "deltas", "masks", "activations")
    }
    assert result(page, "z = Σ w·x + b") == of["sums"]
    assert result(page, "ẑ = (z − μ) / σ") == of["normalised"]
    assert result(page, "u = γ·ẑ + β") == of["pre_activations"]
    assert result(page, "a · mask") == pytest.approx(of["masks"] * of["activations"])
    through = page.locator(".drill-line", has_text="δ = γ/σ").locator(".number").all()
    gamma, deviation, outer, mean, normal, along, delta = (
        float(n.get_attribute("data-value") or "nan") for n in through
    )
    assert delta == of["deltas"]
    assert gamma / deviation * (outer - mean - normal * along) == pytest.approx(delta, abs=1e-6)
    bias = float(signal(frame, topology, "deltas", 1, 2).sum())
    assert result(page, "∂L/∂b = Σ δ") == pytest.approx(bias, abs=1e-6)


@pytest.mark.parametrize(("norm", "sign"), [("scale", "γ"), ("shift", "β")])
def test_scale_and_shift_have_gradient_update_and_check(
    open_page: OpenPage, server_state: ServerState, norm: str, sign: str
) -> None:
    page = open_page("/#layers=4tanh.bn,3relu&optimizer=adam&clip=0.001")
    topology, frame = enter(page, server_state)
    choose(page, topology, 1, 2)
    k = topology["layers"][1][f"{norm}_offset"] + 2
    place = page.locator(".drill-part").nth(2 if norm == "scale" else 3)
    place.get_by_role("button", name="its gradient and update").click()
    name = "∂L/∂u·ẑ" if norm == "scale" else "∂L/∂u"
    backpropagated = float(frame.tensors["backpropagated"][k])
    assert result(page, f"∂L/∂{sign} = Σ {name}") == backpropagated
    assert result(page, "g") == float(frame.tensors["gradients"][k])
    assert abs(backpropagated) > abs(result(page, "g"))
    after = float(frame.tensors["new_parameters"][k])
    assert result(page, f"{sign} ← {sign} + Δ{sign}") == after
    page.get_by_role("button", name="each share").click()
    shares = place.locator(".drill-line", has_text="example").locator(".drill-result")
    expect(shares).to_have_count(10)
    found = [float(share.get_attribute("data-value") or "nan") for share in shares.all()]
    assert sum(found) == pytest.approx(backpropagated, abs=1e-6)
    page.get_by_role("button", name="check by finite differences").click()
    expect(page.locator(".drill-check")).to_be_visible()
    assert result(page, "recorded in this step") == backpropagated
    assert result(page, "by differences") == pytest.approx(backpropagated, rel=1e-3, abs=1e-6)


def test_the_whole_minibatch_has_its_equation(live_page: Page, server_state: ServerState) -> None:
    topology, _ = enter(live_page, server_state)
    live_page.get_by_label("example shown").select_option("all 10")
    _, _, frame = server_state(
        session_of(live_page), until=lambda t, d, f: f.meta["microscope"]["example"] is None
    )
    choose(live_page, topology, 2, 1)
    mean = float(signal(frame, topology, "sums", 2, 1).mean())
    assert result(live_page, "mean z = Σ w·mean x + b") == pytest.approx(mean, abs=1e-6)
    ahead, back = live_page.locator(".drill-part").all()[:2]
    bias = result(live_page, "bias b")
    assert sum(product for *_, product in terms(ahead)) + bias == pytest.approx(mean, abs=1e-6)
    arriving = float(signal(frame, topology, "arriving", 2, 1).sum())
    assert result(live_page, "Σ w·Σδ") == pytest.approx(arriving, abs=1e-6)
    assert sum(product for *_, product in terms(back)) == pytest.approx(arriving, abs=1e-6)
    deltas = float(signal(frame, topology, "deltas", 2, 1).sum())
    assert result(live_page, "∂L/∂b = Σ δ") == pytest.approx(deltas, abs=1e-6)


def test_a_weight_opens_its_gradient_and_its_update(
    live_page: Page, server_state: ServerState
) -> None:
    for optimizer in optimizers:
        with case(optimizer):
            visit(live_page, f"/#optimizer={optimizer}&rate=0.01")
            opens_its_gradient_and_its_update(live_page, server_state)


def opens_its_gradient_and_its_update(page: Page, server_state: ServerState) -> None:
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
    assert result(page, f"∂L/∂w = Σ δ·{source}") == gradient
    assert result(page, "w ← w + Δw") == float(frame.tensors["new_parameters"][k])
    page.get_by_role("button", name="each share").click()
    shares = page.locator(".drill-line", has_text="example").locator(".drill-result")
    expect(shares).to_have_count(10)
    total = sum(float(share.get_attribute("data-value") or "nan") for share in shares.all())
    assert total == pytest.approx(gradient, abs=1e-6)
    last = page.locator(".drill-part").last.locator(".drill-line")
    told = frame.meta["microscope"]["update_lines"]
    names = [line["name"].replace("θ", "w") for line in told]
    numbers_of = frame.tensors["lines"][:, k]
    for name, line in zip(names, told, strict=True):
        result_of = line["result"]
        expected = result_of["number"] if result_of["row"] is None else numbers_of[result_of["row"]]
        assert result(page, name) == pytest.approx(float(expected))
    assert result(page, names[-1]) == pytest.approx(change, rel=1e-3, abs=1e-8)
    assert last.count() - len(names) in (1, 2)  # the new weight; perhaps how float32 rounds
    assert before + result(page, names[-1]) == pytest.approx(result(page, "w ← w + Δw"), rel=1e-6)
    state = frame.tensors["state_after"][:, k]
    assert set(state.tolist()) <= set(numbers_of.tolist())


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
    difference = abs(by_difference - by_backpropagation)
    assert result(live_page, "they differ by") == pytest.approx(difference, abs=1e-15)
    mark = line["mark"]
    source = "x" if mark["layer"] == 1 else "a"
    recorded = result(live_page, f"∂L/∂w = Σ δ·{source}")
    assert recorded == pytest.approx(by_difference, rel=1e-3)
    assert result(live_page, "recorded in this step") == recorded
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
    full_minibatch(live_page, server_state)
    live_page.get_by_label("example shown").select_option("all 10")
    choose(live_page, topology, 1, 1)
    rows = live_page.locator(".drill-table tbody tr")
    expect(rows).to_have_count(10)
    rows.nth(4).get_by_role("button").click()
    expect(live_page.locator("#drill > .note")).to_contain_text("example 5 of the 10")
