"""What the tests of lessons do again and again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

WHY = ".lesson-why"
SHOWN = "html[data-frame]"
"""A frame of the session that the step began has been painted."""


def minibatch(page: Page) -> None:
    page.get_by_role("button", name="One minibatch").click()


def go(page: Page, step: int) -> None:
    page.get_by_role("button", name=re.compile(f"Step {step}:")).click()
    expect(page.locator("#lesson-place")).to_contain_text(f"step {step} of")


def step_by_hand(page: Page) -> None:
    """Make the one step of the backward pass by hand, and read why."""
    go(page, 5)
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    minibatch(page)
    expect(page.locator(WHY)).to_be_visible()


def predict(page: Page, choice: int) -> None:
    settled = page.get_by_role("button", name="This is my prediction")
    expect(settled).to_be_disabled()
    page.locator(".lesson-predict input").nth(choice).check()
    settled.click()
