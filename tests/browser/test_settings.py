"""Loss, optimizer, minibatch, regularisation, initial weights, seed."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, case, expect_refusal, pause, session_of, type_in, unfold


def test_every_loss(live_page: Page, server_state: ServerState) -> None:
    menu = live_page.get_by_label("Loss", exact=True)
    for name, kind in losses.items():
        menu.select_option(label=kind.title)
        topology, _, _ = becomes(live_page, server_state, loss=name)
        expect(menu).to_have_value(name)
        if kind.from_logits:
            assert topology["recipe"]["output_activation"] == "linear"
            expect(live_page.get_by_label("Output activation")).to_have_value("linear")


def test_losses_for_classes_are_not_offered_for_numbers(open_page: OpenPage) -> None:
    page = open_page("/#dataset=plane&seed=0")
    option = page.get_by_label("Loss", exact=True).locator("option", has_text="binary")
    expect(option).to_be_disabled()


def test_every_optimizer_shows_its_own_options(live_page: Page, server_state: ServerState) -> None:
    unfold(live_page, "Optimizer")
    for name, kind in [*optimizers.items()][::-1]:
        live_page.get_by_label("optimizer", exact=True).select_option(label=kind.title)
        becomes(live_page, server_state, optimizer=name)
        fields = live_page.locator("#optimizer-options input:visible")
        expect(fields).to_have_count(len(kind.options))
        for option in kind.options.values():
            field = live_page.locator("#optimizer-options").get_by_label(option.title, exact=True)
            shown = field.locator("visible=true")
            assert float(shown.input_value()) == option.default


def test_an_option_of_the_optimizer(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_label("optimizer", exact=True).select_option("adam")
    becomes(live_page, server_state, optimizer="adam")
    unfold(live_page, "Optimizer")
    beta = live_page.locator("#adam-beta1")
    type_in(beta, "0.5")
    becomes(live_page, server_state, optimizer_options={"beta1": 0.5})
    type_in(live_page.locator("#adam-beta2"), "0.9")
    becomes(live_page, server_state, optimizer_options={"beta1": 0.5, "beta2": 0.9})
    type_in(beta, "2")
    expect_refusal(live_page, beta, "2")
    expect(beta).to_have_value("0.5")


def test_the_size_of_the_minibatch(live_page: Page, server_state: ServerState) -> None:
    field = live_page.get_by_label("minibatch", exact=True)
    type_in(field, "32")
    becomes(live_page, server_state, batch_size=32)
    for text in ("0", "2.5", "many"):
        type_in(field, text)
        expect_refusal(live_page, field, text)
        expect(field).to_have_value("32")
    assert server_state(session_of(live_page))[0]["recipe"]["batch_size"] == 32


def test_penalties_and_clipping(live_page: Page, server_state: ServerState) -> None:
    for group, label, field, text, wrong in (
        ("Regularisation", "L1 penalty λ₁", "l1", "0.001", "-1"),
        ("Regularisation", "L2 penalty λ₂", "l2", "0.01", "11"),
        ("Optimizer", "clip gradient norm", "clip_norm", "1", "0"),
    ):
        with case(label):
            unfold(live_page, group)
            control = live_page.get_by_label(label)
            type_in(control, text)
            becomes(live_page, server_state, **{field: float(text)})
            type_in(control, wrong)
            expect_refusal(live_page, control, wrong)
            expect(control).to_have_value(text)
    type_in(control, "")
    becomes(live_page, server_state, clip_norm=None)
    expect(control).to_have_value("")


def test_every_initialiser(live_page: Page, server_state: ServerState) -> None:
    unfold(live_page, "Initial weights")
    menu = live_page.get_by_label("initialiser")
    for name, kind in initializers.items():
        menu.select_option(label=kind.title)
        becomes(live_page, server_state, initializer=name)
        deviation = live_page.get_by_label("standard deviation")
        expect(deviation).to_be_visible(visible=name == "normal")
        expect(live_page.locator("#initializer-note")).to_contain_text(kind.formula)
        if name == "normal":
            type_in(deviation, "2")
            becomes(live_page, server_state, std=2)


def test_seed(live_page: Page, server_state: ServerState) -> None:
    _, _, before = pause(live_page, server_state)
    field = live_page.get_by_label("seed", exact=True)
    type_in(field, "41")
    _, _, after = becomes(live_page, server_state, seed=41)
    assert not np.array_equal(before.tensors["parameters"], after.tensors["parameters"])
    type_in(field, "-3")
    expect_refusal(live_page, field, "-3")
    expect(field).to_have_value("41")
    live_page.get_by_role("button", name="new", exact=True).click()
    topology, _, _ = server_state(
        session_of(live_page), until=lambda t, d, f: t["recipe"]["seed"] != 41
    )
    expect(field).to_have_value(str(topology["recipe"]["seed"]))
