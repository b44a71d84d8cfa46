"""What an output may not be cannot be chosen; what a head says can be read to its end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.page import expect_refusal
from tests.browser.test_legible import PHONE

COVERED = """(element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const places = [left + 2, (left + right) / 2, right - 2]
    .flatMap((x) => [top + 2, (top + bottom) / 2, bottom - 2].map((y) => [x, y]));
  return places.filter(([x, y]) => document.elementFromPoint(x, y) !== element);
}"""
"""The places of an element, from corner to corner, where something else is seen, or nothing."""


def barred(page: Page) -> list[str]:
    options = page.get_by_label("Output activation", exact=True).locator("option")
    found: list[str] = options.evaluate_all(
        "(all) => all.filter((one) => one.disabled).map((one) => one.value)"
    )
    return found


def test_a_loss_bars_the_output_activations_that_it_does_not_go_with(live_page: Page) -> None:
    menu = live_page.get_by_label("Output activation", exact=True)
    assert barred(live_page) == []
    loss = live_page.get_by_label("Loss", exact=True)
    loss.select_option("binary_cross_entropy")
    expect(menu).to_have_attribute("title", re.compile("entropy goes with linear only"))
    everything = menu.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
    assert set(barred(live_page)) == set(everything) - {"linear"}
    assert len(everything) > 5
    hidden = live_page.get_by_label("Activation of layer 1", exact=True)
    assert not hidden.evaluate("(menu) => [...menu.options].some((one) => one.disabled)")
    loss.select_option("half_squared_error")
    expect(menu).not_to_have_attribute("title", re.compile("only"))
    assert barred(live_page) == []


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_an_error_of_any_head_can_be_read_to_its_end(open_page: OpenPage, screen: str) -> None:
    address = "/#loss=binary_cross_entropy&output=linear&paused"
    page = open_page(address, **(PHONE if screen == "phone" else {}))
    menu = page.get_by_label("Output activation", exact=True)
    menu.evaluate("(menu) => [...menu.options].forEach((one) => { one.disabled = false; })")
    menu.select_option("relu")
    expect_refusal(page, menu, "expected linear", "takes logits")
    expect(menu).to_have_value("linear")
    assert page.locator(".head .error").evaluate(COVERED) == []
