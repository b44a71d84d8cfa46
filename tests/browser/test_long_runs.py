"""However long training goes on, its counters keep to their place."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import OpenPage
from tests.browser.page import case
from tests.browser.test_legible import PHONE, choose_theme, texts

LONGEST = [
    (999_999, 99_999, 99_999_999),
    (999_999, 999_999, 999_999_000),
    (12_534_567, 373_049, 125_345_670),
    (888_888_888, 888_888_888, 88_888_888_888),
]
SHORT = [
    ("999,999 · 99,999", "99.9 M examples"),
    ("999,999 · 999 k", "999 M examples"),
    ("12.5 M · 373 k", "125 M examples"),
    ("888 M · 888 M", "88.8 G examples"),
]


def aged(message: bytes | str, counts: tuple[int, int, int]) -> bytes | str:
    """The same frame, as it would be after so many steps, epochs and examples."""
    if isinstance(message, str):
        return message
    size = int.from_bytes(message[:8], "little")
    header: dict[str, Any] = json.loads(message[8 : 8 + size])
    meta = json.loads(header["__metadata__"]["frame"])
    meta |= dict(zip(("step", "epoch", "examples"), counts, strict=True))
    header["__metadata__"]["frame"] = json.dumps(meta)
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)  # what follows is aligned
    return len(text).to_bytes(8, "little") + text + message[8 + size :]


def show_counts(page: Page, counts: list[tuple[int, int, int]]) -> None:
    """Have all frames to come say the last of the counts."""

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: socket.send(aged(message, counts[-1])))

    page.route_web_socket("**/ws*", between)
    page.reload()


@pytest.mark.parametrize("screen", ["light", "projector", "narrow", "phone"])
def test_the_counters_of_a_long_run_keep_to_their_place(open_page: OpenPage, screen: str) -> None:
    page = open_page("/", **(PHONE if screen == "phone" else {}))
    if screen == "projector":
        choose_theme(page, screen)
    if screen == "narrow":
        page.set_viewport_size({"width": 1024, "height": 768})
    now = [LONGEST[0]]
    show_counts(page, now)
    place = page.locator(".block.counter")
    for counts, (words, seen) in zip(LONGEST, SHORT, strict=True):
        with case(counts):
            now.append(counts)
            expect(place.locator("#counter")).to_have_text(words)
            expect(place.locator("#seen")).to_have_text(seen)
            box = place.bounding_box()
            assert box is not None
            assert len(texts(place)) == 3
            for text in texts(place):
                assert text["right"] <= box["x"] + box["width"] + 0.5, text


def test_what_is_shortened_is_still_told_whole(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#counter")).not_to_have_attribute("title", re.compile(r"\d,\d"))
    show_counts(page, [LONGEST[2]])
    for name, whole in {"counter": "12,534,567 · 373,049", "seen": "125,345,670 examples"}.items():
        expect(page.locator(f"#{name}")).to_have_attribute("title", re.compile(whole))
        expect(page.locator(f"#{name}")).to_have_attribute("aria-hidden", "true")
        expect(page.locator(f"#{name}-whole")).to_have_text(whole)
