"""The glossary: no control and no number of the page without its sentence."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from server.glossary import explanations, glossary
from tests.browser.conftest import OpenPage

UNEXPLAINED = """() => {
  const areas = "header, #setup, #stage, #results, #health-panel, #microscope, #timeline, footer";
  const parts = "input, select, button, summary, thead th, #counter, #seen, #pace, #metric, "
    + "#train-loss, #test-loss";
  const own = "#lesson, #network-table table, #divergence, dialog, button[aria-label^=Close]";
  return [...document.querySelectorAll(areas)].flatMap((area) =>
    [...area.querySelectorAll(parts)]
      .filter((part) => !part.closest(own) && part.dataset.term === undefined)
      .map((part) => part.outerHTML.slice(0, 120)));
}"""


def test_every_control_every_column_and_every_number_has_an_entry(live_page: Page) -> None:
    live_page.locator(".health-table").wait_for()
    assert live_page.evaluate(UNEXPLAINED) == []


def test_an_entry_for_elements_that_are_there(live_page: Page) -> None:
    live_page.locator(".health-table").wait_for()
    on_request = {"remedy", "recover"}
    missing = [
        one["name"]
        for one in explanations()
        if one["name"] not in on_request and not live_page.locator(one["where"]).count()
    ]
    assert missing == []


def test_one_text_for_tooltip_and_screen_reader(live_page: Page) -> None:
    words = {one["name"]: one["words"] for one in explanations()}
    step = live_page.get_by_role("button", name="One minibatch")
    expect(step).to_have_attribute("title", words["one-minibatch"])
    expect(step).to_have_accessible_description(words["one-minibatch"])
    noise = live_page.get_by_role("slider", name="noise")
    expect(noise).to_have_accessible_description(words["noise"])
    expect(live_page.locator("label", has_text="noise")).to_have_attribute("title", words["noise"])
    head = live_page.get_by_role("columnheader", name="gradient norm")
    expect(head).to_have_attribute("title", words["gradient-norm"])


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
