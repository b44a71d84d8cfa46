"""What the tests of the lab ask again and again."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ServerState
from tests.browser.page import session_of

SVG = "{http://www.w3.org/2000/svg}"


def open_lab(page: Page, panel: str = "race") -> Locator:
    """Switch from the network to the lab, as a person with a keyboard does."""
    page.get_by_role("radio", name="network").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name=panel).check(force=True)
    place = page.locator(f"#lab-{panel}")
    expect(place).to_be_visible()
    expect(page.locator("#network")).to_be_hidden()
    return place


def race(page: Page, server_state: ServerState, **fields: str) -> Locator:
    """Run a short race to its end."""
    place = open_lab(page)
    for name, text in {"count": "5", "steps": "200", **fields}.items():
        page.locator(f"#race-{name}").fill(text)
    place.get_by_role("button", name="Start").click()
    server_state(
        session_of(page),
        until=lambda t, d, f: (
            f.meta["lab"]["race"] and f.meta["lab"]["race"]["step"] == f.meta["lab"]["race"]["end"]
        ),
    )
    expect(place.get_by_role("button", name="Stop")).to_be_hidden()
    return place


def saved(page: Page, button: Locator) -> tuple[str, bytes]:
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def drawing(page: Page, button: Locator, name: str) -> ET.Element:
    """An SVG file: lines of its own, no picture within, nothing of the page's style."""
    file, content = saved(page, button)
    assert file == name
    root = ET.fromstring(content)
    assert root.tag == f"{SVG}svg"
    assert root.find(f".//{SVG}image") is None
    assert b"var(" not in content
    return root
