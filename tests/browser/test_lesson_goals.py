"""How a lesson's goal stands, in words."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage


@pytest.mark.parametrize(
    ("what", "sign", "value", "now", "words"),
    [
        ("test_loss", "<", 6.6e-5, 6.45e-5, "6.45·10⁻⁵ → below 6.60·10⁻⁵"),
        ("test_metric", ">=", 0.95, 0.949, "94.9 % → at least 95 %"),
        ("test_metric", ">=", 0.95, 0.9496, "94.96 % → at least 95 %"),
        ("test_loss", "<", 0.1, 0.09996, "0.09996 → below 0.1"),
        ("steps", ">=", 96517, 1234, "1,234 → at least 96,517"),
        ("steps", "=", 1, 2, "2 → exactly 1: too many, start again"),
        ("output", ">", -0.1, -0.5, "−0.500 → above −0.1"),
    ],
)
def test_how_a_goal_stands_is_written_as_the_page_writes_and_never_contradicts(
    open_page: OpenPage, what: str, sign: str, value: float, now: float, words: str
) -> None:
    page = open_page()
    goal = {"what": what, "name": what, "is": sign, "value": value}
    frame = {"meta": {"step": now, what: now, "example": {"chosen_output": now}}}
    script = """async ([goal, frame]) => {
      const main = document.querySelector('script[type="module"][src*="main.js"]').src;
      const { standing } = await import(new URL("./lesson/goals.js", main).href);
      return standing(goal, { topology: { recipe: {} }, frame }).words;
    }"""
    assert page.evaluate(script, [goal, frame]) == f"{what} {words}"
