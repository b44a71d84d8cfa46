"""What the tests of the page ask again and again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ServerState, State


def session_of(page: Page) -> str:
    """The name of the session that a page shows."""
    name = page.evaluate("document.documentElement.dataset.session")
    assert isinstance(name, str)
    assert name
    return name


@contextmanager
def case(name: object) -> Iterator[None]:
    """Have whatever fails within name the case: for tests that go through many on one page."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"case: {name}")
        raise


def visit(page: Page, address: str) -> None:
    """Enter another address in the same tab; its session has painted a frame on return."""
    before = session_of(page)
    with case(address):
        page.goto(urljoin(page.url, address))
        page.locator(f"html[data-frame]:not([data-session='{before}'])").wait_for(state="attached")


def becomes(page: Page, server_state: ServerState, **recipe: Any) -> State:
    """Wait until the server has these values of the recipe in force."""

    def reached(topology: dict[str, Any], dataset: object, frame: object) -> bool:
        return all(topology["recipe"][name] == value for name, value in recipe.items())

    return server_state(session_of(page), until=reached)


def meta_becomes(page: Page, server_state: ServerState, **meta: Any) -> State:
    """Wait until the newest frame says so."""
    return server_state(
        session_of(page),
        until=lambda topology, dataset, frame: all(
            frame.meta[name] == value for name, value in meta.items()
        ),
    )


def pause(page: Page, server_state: ServerState) -> State:
    """Have training stand still: what is compared must not move meanwhile."""
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    return meta_becomes(page, server_state, playing=False)


def type_in(field: Locator, text: str) -> None:
    """Replace what stands in a field, as a person does, and press Enter."""
    field.click()
    field.fill(text)
    field.press("Enter")


def expect_refusal(page: Page, control: Locator, part: str, *more: str) -> None:
    """The reason stands beside the control, in words, and belongs to it."""
    expect(control).to_have_attribute("aria-describedby", re.compile("error-"))
    for words in (part, *more):
        expect(control).to_have_accessible_description(re.compile(re.escape(words)))
    named = control.get_attribute("aria-describedby") or ""
    describing = page.locator(", ".join(f"[id='{name}']" for name in named.split()))
    expect(describing.and_(page.get_by_role("alert"))).to_be_visible()


def comes(page: Page, reached: Callable[[], bool]) -> None:
    """Wait until it is painted: a busy machine paints late."""
    for _ in range(100):
        if reached():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def unfold(page: Page, title: str) -> None:
    """Open a group of settings."""
    group = page.locator("#setup details", has=page.locator("summary", has_text=title))
    if group.get_attribute("open") is None:
        group.locator("summary").click()
