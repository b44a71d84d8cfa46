"""What the tests of lessons do again and again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

WHY = ".lesson-why"
SHOWN = "html[data-frame]"
"""A frame of the session that the step began has been painted."""


def minibatch(page: Page) -> None:
    page.get_by_role("button", name="One minibatch").click()


def predict(page: Page, choice: int) -> None:
    settled = page.get_by_role("button", name="This is my prediction")
    expect(settled).to_be_disabled()
    page.locator(".lesson-predict input").nth(choice).check()
    settled.click()
