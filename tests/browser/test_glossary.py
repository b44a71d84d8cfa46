"""The glossary: no control and no number of the page without its sentence."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine.optimizers import optimizers
from server.glossary import explanations, glossary
from tests.browser.conftest import OpenPage
from tests.browser.lessons import predict
from tests.browser.page import case, visit

UNEXPLAINED = """() => {
  const terms = JSON.parse(document.querySelector("#glossary").textContent);
  const words = new Map(terms.map((term) => [term.name, term.words]));
  const controls = "button, input, select, textarea, summary, [role=slider]:not(circle)";
  const labels = "dt, th[scope=col], .drill-name, h4, .legend-title, figcaption > :first-child, "
    + ".chart-entry, .counter .label, .losses .label";
  const numbers = "#counter, #seen, #pace, #metric, #train-loss, #test-loss, #memory";
  const within = "#keys dl, .drill-term, #lesson-body > *";
  const parts = [...document.querySelectorAll(`${controls}, ${labels}, ${numbers}`)]
    .filter((part) => part.checkVisibility() && part.textContent + part.tagName !== "TH")
    .filter((part) => part.matches(controls) || !part.closest(within));
  return parts.filter((part) => {
    const said = words.get(part.dataset.term);
    const shown = [part, ...(part.labels ?? [])];
    return !said || part.ariaDescription !== said || !shown.every((e) => e.title.endsWith(said));
  }).map((part) => part.outerHTML.slice(0, 140));
}"""
DOUBTFUL = """() => {
  const terms = JSON.parse(document.querySelector("#glossary").textContent);
  const wheres = terms.map(({ where }) => where).filter(Boolean);
  return [...document.querySelectorAll(wheres.join(", "))]
    .filter((part) => wheres.filter((where) => part.matches(where)).length > 1)
    .map((part) => part.outerHTML.slice(0, 140));
}"""


def all_explained(page: Page) -> None:
    """No control and no labelled number that is seen is without its sentence."""
    assert page.evaluate(UNEXPLAINED) == []
    assert page.evaluate(DOUBTFUL) == []


def press(page: Page, *keys: str) -> None:
    """Walk the network by the keyboard."""
    page.locator("#network canvas[tabindex]").first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_every_control_beside_the_network_has_an_entry(live_page: Page) -> None:
    live_page.locator(".health-table").wait_for()
    all_explained(live_page)
    for fold in live_page.locator("details:visible").all():
        fold.evaluate("(e) => { e.open = true; }")
    all_explained(live_page)
    live_page.locator("#network-table tbody button").first.wait_for()
    all_explained(live_page)


EQUATIONS = "/#dataset=circle&layers=4tanh.bn,3relu.drop0.2&l1=0.001&l2=0.001&clip=0.001&paused"


def test_every_line_of_an_update_has_an_entry(live_page: Page) -> None:
    options = live_page.locator("#setup details", has=live_page.locator("#clip_norm"))
    options.evaluate("e => { e.open = true; }")
    for optimizer in optimizers:
        with case(optimizer):
            visit(live_page, f"{EQUATIONS}&optimizer={optimizer}")
            expect(live_page.locator("#optimizer")).to_have_value(optimizer)
            all_explained(live_page)
            press(live_page, "ArrowRight", "PageDown")
            all_explained(live_page)
            live_page.keyboard.press("m")
            live_page.get_by_text("w ← w + Δw", exact=True).wait_for()
            all_explained(live_page)
            live_page.locator(".slow-strip button").last.click()
            all_explained(live_page)


def test_every_line_of_an_equation_has_an_entry(open_page: OpenPage) -> None:
    page = open_page(f"{EQUATIONS}&optimizer=adam")
    press(page, "ArrowRight")
    all_explained(page)
    press(page, "PageDown")
    all_explained(page)
    page.keyboard.press("m")
    check = page.get_by_role("button", name="check by finite differences")
    check.first.click()
    page.locator(".drill-check").wait_for()
    all_explained(page)
    page.locator(".drill-rest button").first.click()
    all_explained(page)
    for phase in page.locator(".slow-strip button").all()[:-1]:
        phase.click()
        all_explained(page)
    press(page, "ArrowLeft")
    all_explained(page)
    for _ in range(3):
        press(page, "ArrowRight")
        page.locator(".drill-name").first.wait_for()
        all_explained(page)
        page.locator("#slow-example").select_option("")
        page.locator(".drill-name", has_text="mean of").first.wait_for()
        all_explained(page)
        page.locator("#slow-example").select_option("0")


def test_every_control_of_the_lab_has_an_entry(open_page: OpenPage) -> None:
    page = open_page("/#dataset=moons&paused")
    page.get_by_text("lab", exact=True).click()
    all_explained(page)
    page.locator("#race-spacing").select_option("typed")
    all_explained(page)
    for vary in ("batch_size", "activation", "initializer", "optimizer"):
        page.locator("#race-vary").select_option(vary)
        all_explained(page)
    page.locator("#race-steps").fill("20")
    page.locator("#race-start").click()
    page.locator(".lab-tile").first.wait_for()
    page.locator(".lab-rule summary").click()
    all_explained(page)
    for tool, start, shown in (
        ("finder", "#finder-start", "#finder-close"),
        ("landscape", "#map-start", "#map-close"),
    ):
        page.locator("label", has_text=tool).click()
        all_explained(page)
        page.locator(start).click()
        page.locator(shown).wait_for()
        page.locator(f"#lab-{tool} figcaption").first.wait_for()
        all_explained(page)


def test_every_control_of_time_has_an_entry(open_page: OpenPage) -> None:
    page = open_page("/#dataset=plane&layers=none&rate=0.1")
    page.locator("#rate").fill("30")
    page.locator("#rate").press("Enter")
    page.locator("#third").wait_for()
    page.locator("#edits button").first.wait_for()
    all_explained(page)
    undo = page.locator("#undo")
    expect(undo).to_have_attribute("title", re.compile(r"^Undo: set learning rate 30.*\n"))
    page.locator("#moment").press("Home")
    page.locator("#go-on").wait_for()
    all_explained(page)
    page.locator("#go-on").click()
    page.locator(".chart-ghost").wait_for()
    all_explained(page)


def test_every_control_of_dialogs_and_lessons_has_an_entry(open_page: OpenPage) -> None:
    page = open_page("/?lesson=digits")
    all_explained(page)
    predict(page, 0)
    all_explained(page)
    for name in ("lessons", "keys"):
        page.locator(f"#show-{name}").click()
        all_explained(page)
        page.locator(f"#close-{name}").click()
    page.get_by_role("button", name="leave the lesson").click()
    press(page, "ArrowRight", "PageDown", "Enter")
    page.locator("#editor-value").wait_for()
    all_explained(page)
    page.locator("#editor-cancel").click()
    all_explained(page)


def test_an_entry_for_elements_that_are_there(live_page: Page) -> None:
    live_page.locator(".health-table").wait_for()
    for name in (one for one in explanations() if one["where"]):
        live_page.evaluate("(where) => document.querySelector(where)", name["where"])  # it parses
    missing = [
        one["name"]
        for one in explanations()
        if one["where"].startswith("#") and not live_page.locator(one["where"]).count()
    ]
    asked_for = {"edit-mark", "neuron", "share", "finite-difference", "lesson-step", "connection"}
    assert set(missing) <= asked_for


def test_one_text_for_tooltip_and_screen_reader(live_page: Page) -> None:
    words = {one["name"]: one["words"] for one in explanations()}
    step = live_page.get_by_role("button", name="One minibatch")
    expect(step).to_have_attribute("title", words["one-minibatch"])
    expect(step).to_have_accessible_description(words["one-minibatch"])
    rate = live_page.locator("#rate-slider")
    expect(rate).to_have_attribute("title", words["learning-rate"])
    optimizer = live_page.locator("#optimizer")
    expect(optimizer).to_have_accessible_description(words["optimizer"])
    optimizer.select_option("adam")  # its formula, and what an optimizer is
    expect(optimizer).to_have_attribute(
        "title", re.compile(rf"m̂.*\n{re.escape(words['optimizer'])}$", re.DOTALL)
    )
    spiral = live_page.locator("label", has_text="spiral").first
    expect(spiral).to_have_attribute(
        "title", re.compile(rf"^spiral: .*\n{re.escape(words['dataset'])}$")
    )
    noise = live_page.get_by_role("slider", name="noise")
    expect(noise).to_have_accessible_description(words["noise"])
    expect(live_page.locator("label", has_text="noise")).to_have_attribute("title", words["noise"])
    head = live_page.get_by_role("columnheader", name="gradient norm")
    expect(head).to_have_attribute("title", re.compile(f"{re.escape(words['gradient-norm'])}$"))


def test_a_sign_is_explained_wherever_it_stands(live_page: Page) -> None:
    words = {one["name"]: one["words"] for one in explanations()}
    press(live_page, "ArrowRight")
    signs = live_page.locator("#card dt")
    expect(signs).to_have_text(["z", "a", "δ", "b"])
    for sign, name in zip(
        signs.all(), ["pre-activation", "activation", "delta", "bias"], strict=True
    ):
        expect(sign).to_have_attribute("title", words[name])
    press(live_page, "PageDown")  # the same places, other numbers
    expect(signs).to_have_text(["w", "∂L/∂w", "Δw"])
    for sign, name in zip(signs.all(), ["weight", "gradient", "update"], strict=True):
        expect(sign).to_have_attribute("title", words[name])


def test_what_is_built_anew_is_explained_again(live_page: Page) -> None:
    live_page.get_by_role("button", name="Add a neuron to layer 1").click()
    count = live_page.locator("#heads .count").first
    expect(count).to_contain_text("5")
    more = live_page.get_by_role("button", name="Add a neuron to layer 1")
    expect(more).to_have_accessible_description(re.compile("One neuron more"))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_the_glossary(open_page: OpenPage, width: int) -> None:
    page = open_page("/", viewport={"width": width, "height": 844})
    page.goto(page.url.partition("#")[0] + "glossary")
    titles = [term.title for group in glossary() for term in group.terms]
    expect(page.get_by_role("rowheader")).to_have_text(titles)
    assert page.locator("html").evaluate("(e) => e.scrollWidth <= innerWidth")


def test_the_footer_leads_to_it(live_page: Page) -> None:
    link = live_page.get_by_role("link", name="glossary")
    expect(link).to_have_attribute("href", "/glossary")
    expect(link).to_have_attribute("target", "_blank")


@pytest.mark.parametrize("where", ["glossary", "protocol"])
def test_the_other_pages_follow_the_theme_that_was_chosen(open_page: OpenPage, where: str) -> None:
    page = open_page("/")
    page.locator("#theme").select_option("dark")
    page.goto(page.url.partition("#")[0] + where)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ground = page.locator("body").evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", ground)[:3]) < 80
