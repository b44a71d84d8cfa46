"""What slow motion says of each phase: true of the optimizer, layers and weights in force."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from engine.optimizers import optimizers
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import case, comes, session_of, visit
from tests.browser.test_microscope import enter, forward, numbers, signal, title, written


def at_update(page: Page) -> None:
    page.get_by_role("button", name="weight update", exact=True).click()
    expect(title(page)).to_contain_text("Weight update")


@pytest.mark.parametrize("name", optimizers)
def test_the_update_says_what_the_optimizer_moves_against(
    open_page: OpenPage, server_state: ServerState, name: str
) -> None:
    page = open_page(f"/#optimizer={name}&rate=0.1")
    enter(page, server_state)
    at_update(page)
    expect(page.locator(".slow-words")).to_contain_text(
        f"Every weight and bias moves {optimizers[name].against};"
    )
    # The terms of the weight that moves most, with their numbers: those of the drill-down.
    frame = server_state(session_of(page))[2]
    told = frame.meta["microscope"]["update_lines"]
    k = frame.tensors["new_parameters"].tolist().index(numbers(page.locator(".slow-formula"))[-1])
    shown = numbers(page.locator(".slow-formula"))
    assert frame.tensors["gradients"][k] in shown
    for line in told:
        if line["result"]["row"] is not None:
            assert frame.tensors["lines"][line["result"]["row"], k] in shown
            expect(page.locator(".slow-formula")).to_contain_text(line["name"].replace("θ", "w"))


def test_the_update_says_what_was_done_to_the_gradient(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#l2=0.1&clip=0.001")
    enter(page, server_state)
    at_update(page)
    expect(page.locator(".slow-words")).to_contain_text("with the L2 penalty on weights, clipped")
    expect(page.locator(".slow-formula")).to_contain_text("∂L/∂w =")


SAID: list[str] = [
    *(f"optimizer={name}&rate=0.01&l2=0.1&l1=0.1&clip=0.001" for name in optimizers),
    "layers=8tanh.bn.drop0.5,8tanh.bn.drop0.5",
    "dataset=wine",
]
BEYOND = "(e) => e.scrollHeight - e.clientHeight"


def test_whatever_is_said_needs_no_scrolling(open_page: OpenPage) -> None:
    page = open_page()
    for address in SAID:
        visit(page, f"/#{address}&paused")
        page.keyboard.press("m")
        for theme in ("light", "projector"):
            page.get_by_label("theme").select_option(theme)
            for phase in page.locator(".slow-strip button").all()[:-1]:
                with case((address, theme, phase.get_attribute("aria-label"))):
                    phase.click()
                    expect(phase).to_have_attribute("aria-current", "step")
                    assert page.locator(".slow-caption").evaluate(BEYOND) == 0


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OVERLAP = """() => {
  const scales = [...document.querySelectorAll("#slow-legend .legend")];
  const boxes = scales.map((one) => one.getBoundingClientRect());
  const above = document.querySelector(".network-frame").getBoundingClientRect().bottom;
  const below = document.querySelector("#microscope").getBoundingClientRect().top;
  return boxes.filter((box) => box.height && (box.top < above || box.bottom > below)).length;
}"""


def test_on_a_phone_the_scales_stand_clear_of_the_network_and_the_phases(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=8tanh.bn.drop0.5,8tanh.bn.drop0.5&paused", **PHONE)
    enter(page, server_state)
    for phase in page.locator(".slow-strip button").all()[:-1]:
        with case(phase.get_attribute("aria-label")):
            phase.click()
            expect(phase).to_have_attribute("aria-current", "step")
            comes(page, lambda: page.evaluate(OVERLAP) == 0)


def test_numbers_in_units_are_not_set_too_small(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["4sigmoid"] * 4) + "&paused")
    page.evaluate(
        """() => {
          const { fillText } = CanvasRenderingContext2D.prototype;
          window.written = [];
          CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            if (text.includes("·10")) window.written.push(parseFloat(this.font.split(" ")[1]));
            return fillText.call(this, text, ...place);
          };
        }"""
    )
    enter(page, server_state)
    page.get_by_role("button", name="backward pass (chain rule), layer 1").click()
    comes(page, lambda: len(page.evaluate("window.written")) >= 4)
    assert min(page.evaluate("window.written")) >= 9


def test_dropout_is_named_and_its_units_hand_on_nothing(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=8tanh.drop0.5,4tanh&paused")
    topology, frame = enter(page, server_state)
    mask = [float(signal(frame, topology, "masks", 1, k)[0]) for k in range(8)]
    assert set(mask) == {0, 2}
    forward(page)
    dropped = ", ".join(str(k + 1) for k in range(8) if mask[k] == 0)
    words = page.locator(".slow-words")
    expect(words).to_contain_text(f"Dropout, p = 0.5, drops units {dropped} (hatched)")
    expect(words).to_contain_text("a/(1 − p) = 2.00·a")
    expect(page.locator(".slow-formula")).to_contain_text("a·mask")
    forward(page)
    expect(page.locator("#slow-legend")).to_contain_text("a · mask")
    page.get_by_label("example shown").select_option("all 10")
    page.get_by_role("button", name="Back to the phase before").click()
    expect(words).to_contain_text("drops other units for each example")


def test_batch_normalisation_has_its_numbers_forward_and_back(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=4tanh.bn,4tanh.bn&paused")
    enter(page, server_state)
    forward(page)
    formula = page.locator(".slow-formula")
    expect(formula).to_contain_text("ẑ = (z − μ)/σ = (")
    forward(page, 5)
    expect(title(page)).to_have_text("Backward pass · layer 2")
    expect(formula).to_contain_text("δ = γ/σ·(∂L/∂u − mean − ẑ·mean(ẑ·∂L/∂u)) =")
    gamma, deviation, outer, mean, normal, along, delta = numbers(formula)[-7:]
    assert gamma / deviation * (outer - mean - normal * along) == pytest.approx(delta, abs=1e-6)


def test_the_initialisation_says_what_was_set_by_hand(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=backward-pass")
    page.get_by_role("button", name="leave the lesson").click()
    server_state(session_of(page), until=lambda t, d, f: f.meta["microscope"]["by_hand"] == "all")
    page.keyboard.press("m")
    expect(page.locator(".slow-words")).to_contain_text("All weights have been set by hand")
    page.keyboard.press("r")
    expect(page.locator(".slow-words")).to_contain_text("at random (Glorot, uniform, seed 202555)")
    expect(page.locator(".slow-words")).not_to_contain_text("by hand")


def test_a_logit_stands_beside_the_probability_that_is_compared(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#loss=binary_cross_entropy&output=linear&paused")
    # What is written on a canvas, kept for the test.
    page.evaluate(
        """() => {
          const { fillText } = CanvasRenderingContext2D.prototype;
          window.written = [];
          CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            window.written.push(text);
            return fillText.call(this, text, ...place);
          };
        }"""
    )
    _, frame = enter(page, server_state)
    forward(page, 4)
    expect(title(page)).to_contain_text("Loss")
    p, y = float(frame.tensors["probabilities"][0, 0]), int(frame.tensors["targets"][0, 0])
    comes(page, lambda: f"p = {written(p)}, y = {y}" in page.evaluate("window.written"))


def test_deltas_have_the_scale_of_the_layers_that_are_active(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["8sigmoid"] * 4) + "&paused")
    topology, frame = enter(page, server_state)
    page.get_by_role("button", name="backward pass (chain rule), layer 1").click()
    expect(title(page)).to_have_text("Backward pass · layer 1")
    scale = page.locator("#slow-legend .legend", has_text="δ = ∂L/∂z")
    low = topology["layers"][1]["row"]
    most = float(np.abs(frame.tensors["deltas"][low : low + 16, 0]).max())
    reach = scale.locator("span").last.inner_text()
    assert most <= number(reach) * 1.001 <= 2 * most


def test_activations_have_the_scale_of_the_example_shown(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["32relu"] * 4) + "&init=he_uniform&paused")
    topology, frame = enter(page, server_state)
    sizes = np.abs(frame.tensors["activations"][topology["layers"][1]["row"] :])
    example = int(sizes.max(axis=0).argmin())
    page.get_by_label("example shown").select_option(str(example))
    page.get_by_role("button", name="forward pass, layer 1").click()
    scale = page.locator("#slow-legend .legend", has_text="activation a")
    most = float(sizes[:, example].max())
    comes(page, lambda: most <= number(scale.locator("span").last.inner_text()) * 1.001 <= 2 * most)


def number(text: str) -> float:
    """What a legend's end says."""
    digits, _, power = text.partition("·10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(digits) * 10.0 ** int(raised or 0)
