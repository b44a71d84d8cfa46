"""The learning rate: the page's main control."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ServerState
from tests.browser.page import becomes, case, comes, expect_refusal, session_of, type_in


def rate_of(page: Page, server_state: ServerState) -> float:
    rate = server_state(session_of(page))[0]["recipe"]["learning_rate"]
    assert isinstance(rate, float)
    return rate


def shown(rate: float) -> str:
    """Three significant digits, as the page writes them."""
    return f"{rate:#.3g}"


def reaches(page: Page, server_state: ServerState, rate: float) -> None:
    server_state(
        session_of(page),
        until=lambda topology, dataset, frame: (
            frame.meta["learning_rate"] == pytest.approx(rate, rel=0.01)
            and frame.meta["step"] > 0
            and frame.meta["playing"]
        ),
    )
    expect(page.get_by_role("textbox", name="Learning rate")).to_have_value(shown(rate))


def test_arrow_keys_on_the_slider(live_page: Page, server_state: ServerState) -> None:
    for key, factor in {
        "ArrowRight": 1.1,
        "ArrowUp": 1.1,
        "ArrowLeft": 1 / 1.1,
        "ArrowDown": 1 / 1.1,
        "Shift+ArrowRight": 10,
        "Shift+ArrowDown": 0.1,
    }.items():
        with case(key):
            live_page.get_by_role("slider", name="learning rate").press(key)
            reaches(live_page, server_state, float(f"{0.03 * factor:.3g}"))
            type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.03")
            reaches(live_page, server_state, 0.03)


def test_dragging_the_slider_is_continuous_and_live(
    live_page: Page, server_state: ServerState
) -> None:
    slider = live_page.get_by_role("slider", name="learning rate")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    live_page.mouse.move(box["x"] + 0.58 * box["width"], middle)
    live_page.mouse.down()
    seen = set()
    for share in (0.6, 0.65, 0.7, 0.8):
        live_page.mouse.move(box["x"] + share * box["width"], middle)
        live_page.wait_for_timeout(60)
        seen.add(live_page.get_by_role("textbox", name="Learning rate").input_value())
    assert len(seen) == 4
    # In force while the thumb is still held.
    server_state(
        session_of(live_page),
        until=lambda topology, dataset, frame: 0.3 < frame.meta["learning_rate"] < 1.5,
    )
    live_page.mouse.up()
    field = live_page.get_by_role("textbox", name="Learning rate")
    comes(live_page, lambda: field.input_value() == shown(rate_of(live_page, server_state)))


def test_typing_a_number(live_page: Page, server_state: ServerState) -> None:
    field = live_page.get_by_role("textbox", name="Learning rate")
    type_in(field, "2.5e-4")
    becomes(live_page, server_state, learning_rate=2.5e-4)
    expect(field).to_have_value("2.50·10⁻⁴")
    type_in(field, "1.25·10⁻⁴")
    becomes(live_page, server_state, learning_rate=1.25e-4)
    type_in(field, "10^-5")
    becomes(live_page, server_state, learning_rate=1e-5)
    type_in(field, "0,2")
    becomes(live_page, server_state, learning_rate=0.2)
    slider = live_page.get_by_role("slider", name="learning rate")
    expect(slider).to_have_value("-0.699")
    # The slider ends at 10, the number does not.
    type_in(field, "20")
    becomes(live_page, server_state, learning_rate=20)
    field.press("ArrowUp")
    becomes(live_page, server_state, learning_rate=22)
    expect(slider).to_have_value("1")


def test_a_rate_out_of_bounds_is_refused_in_words(
    live_page: Page, server_state: ServerState
) -> None:
    field = live_page.get_by_role("textbox", name="Learning rate")
    type_in(field, "1000")
    expect_refusal(live_page, field, "1000", "0 to 100")
    assert rate_of(live_page, server_state) == 0.03
    field.blur()
    expect(field).to_have_value("0.0300")
    type_in(field, "0.1")
    becomes(live_page, server_state, learning_rate=0.1)
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_what_another_viewer_sets_is_shown(
    live_page: Page, base_url: str, server_state: ServerState
) -> None:
    from tests import live

    with live.viewer(base_url, session_of(live_page)) as other:
        other.send(type="set", learning_rate=0.5)
        other.wait(lambda: other.replies)
    expect(live_page.get_by_role("textbox", name="Learning rate")).to_have_value("0.500")
    slider = live_page.get_by_role("slider", name="learning rate")
    expect(slider).to_have_attribute("aria-valuetext", "learning rate 0.500")
