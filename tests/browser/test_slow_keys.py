"""Slow motion for those who hear it or go by keyboard: nothing false is said, no focus is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import meta_becomes, session_of
from tests.browser.test_microscope import enter, forward, title
from tests.browser.test_views_pointing import places

LISTEN = """() => {
  window.said = [];
  const live = document.querySelector("#microscope [aria-live]");
  new MutationObserver(() => window.said.push(live.textContent)).observe(
    live, { childList: true, characterData: true, subtree: true });
}"""


def heard(page: Page) -> list[str]:
    """The beginnings of what was said since the last time."""
    said: list[str] = page.evaluate("() => window.said.splice(0)")
    return [words.split(". ")[0] for words in said]


def test_nothing_false_is_said_where_one_step_leads_to_another(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused&layers=" + ",".join(["32tanh"] * 8))
    enter(page, server_state)
    page.get_by_role("button", name="weight update", exact=True).click()
    expect(title(page)).to_contain_text("Weight update")
    page.evaluate(LISTEN)
    for _ in range(3):
        forward(page)
        expect(title(page)).to_have_text("Iteration · step 1 is made")
        meta_becomes(page, server_state, step=1)
        assert heard(page) == ["Iteration · step 1 is made"]
        page.keyboard.press("ArrowLeft")
        expect(title(page)).to_contain_text("Weight update")
        meta_becomes(page, server_state, step=0)
        (said,) = heard(page)
        assert said.startswith("Weight update")


def test_the_phase_stays_when_layers_come_and_go(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    enter(page, server_state)
    page.get_by_role("button", name="weight update", exact=True).click()
    page.locator("#heads .add-layer").first.click()
    expect(page.locator(".slow-strip li")).to_have_count(12)
    expect(title(page)).to_contain_text("Weight update")
    page.get_by_role("button", name="backward pass (chain rule), layer 2").click()
    expect(title(page)).to_have_text("Backward pass · layer 2")
    page.locator("#undo").click()
    expect(page.locator(".slow-strip li")).to_have_count(10)
    expect(title(page)).to_have_text("Backward pass · layer 2")


def open_weight(page: Page, server_state: ServerState, number: int = 0) -> Locator:
    """The equation of a weight, in slow motion."""
    topology, _ = enter(page, server_state)
    page.mouse.click(*places(page, topology)["lines"][number]["at"])
    page.mouse.move(5, 5)
    drill = page.locator("#drill")
    expect(drill).to_be_visible()
    return drill


def test_the_keyboard_stays_in_the_equation_and_leaves_it_for_the_network(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    drill = open_weight(page, server_state)
    inside = "() => document.querySelector('#drill').contains(document.activeElement)"
    for name, effect in (
        ("each share", ".drill-line:has-text('example 10')"),
        ("check by finite differences", ".drill-check"),
    ):
        drill.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
        expect(drill.locator(effect).first).to_be_visible()
        assert page.evaluate(inside), name
    page.keyboard.press("Escape")
    expect(drill).to_be_hidden()
    assert page.evaluate("() => document.activeElement.matches('#network canvas')")


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "rmsprop"])
def test_powers_and_roots_take_the_whole_of_a_small_number(
    open_page: OpenPage, server_state: ServerState, optimizer: str
) -> None:
    """2·10⁻⁵² would be 2 · 10⁻⁵², and √2·10⁻⁵ be √2 · 10⁻⁵."""
    page = open_page(f"/#dataset=moons&paused&layers=4tanh&optimizer={optimizer}&clip=0.0001")
    drill = open_weight(page, server_state)
    lines = drill.locator(".drill-part").last.locator(".drill-line .drill-how").all_text_contents()
    assert any(re.search(r"\(\S+·10[⁻⁰-⁹¹²³]+\)²", line) for line in lines), lines
    assert any(re.search(r"√\(\S+·10[⁻⁰-⁹¹²³]+\)", line) for line in lines), lines
    assert not any(re.search(r"√[^(\s]+·10", line) for line in lines), lines


def test_a_weight_is_set_by_keyboard_in_slow_motion_too(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    enter(page, server_state)
    page.locator("#network canvas[tabindex]").focus()
    for key in ("ArrowRight", "PageDown"):
        page.keyboard.press(key)
    expect(page.locator("#drill h3")).to_contain_text("→")
    page.keyboard.press("Enter")
    value = page.locator("#editor-value")
    expect(value).to_be_visible()
    value.fill("0.5")
    page.keyboard.press("Enter")
    server_state(
        session_of(page),
        until=lambda t, d, f: 0.5 in f.tensors["parameters"].round(6).tolist(),
    )


def test_what_normalisation_and_dropout_do_on_the_way_back_is_true(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=rings&paused&layers=6relu.bn.drop0.5,4tanh.drop0.5,4tanh.bn")
    enter(page, server_state)
    words = page.locator(".slow-words")
    for layer, said, unsaid in (
        (1, ["nothing of that arrives", "what is left is δ"], "δ is 0"),
        (2, ["Where dropout drops a unit, δ is 0."], "what is left"),
        (3, ["what is left is δ"], "dropout"),
    ):
        page.get_by_role("button", name=f"backward pass (chain rule), layer {layer}").click()
        for part in said:
            expect(words).to_contain_text(part)
        expect(words).not_to_contain_text(unsaid)


def test_the_spread_of_the_initial_weights_has_its_number(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&init=normal&std=5&batch=1&loss=binary_cross_entropy&paused")
    page.get_by_role("button", name="Slow motion", exact=True).click()
    formula = page.locator(".slow-formula")
    expect(formula).to_contain_text("std = 5.00")
    page.get_by_role("button", name="loss", exact=True).click()
    expect(formula).to_contain_text("L = ℓ, the only one")
    expect(formula).to_contain_text("(1/m)·(p − y)")
