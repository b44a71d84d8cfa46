"""Play and pause, step, epoch, reset, speed: by pointer and by key."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import live
from tests.browser.conftest import ServerState
from tests.browser.page import case, meta_becomes, pause, session_of, type_in


def test_it_opens_training_moons_at_a_pace_to_follow(
    live_page: Page, server_state: ServerState
) -> None:
    topology, dataset, frame = server_state(session_of(live_page))
    assert dataset["name"] == "moons"
    assert [layer["units"] for layer in topology["layers"]] == [2, 4, 4, 1]
    assert frame.meta["playing"]
    assert frame.meta["speed"] == 60
    expect(live_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(live_page.get_by_role("radio", name="60 steps per second")).to_be_checked()
    expect(live_page.locator("#counter")).to_have_text(re.compile(r"^[1-9][\d,]* · \d"))


def test_play_and_pause(live_page: Page, server_state: ServerState) -> None:
    _, _, frame = pause(live_page, server_state)
    expect(live_page.locator("#counter")).to_contain_text(f"{frame.meta['step']:,} ·")
    live_page.get_by_role("button", name="Play", exact=True).click()
    expect(live_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    meta_becomes(live_page, server_state, playing=True)


def test_one_minibatch(live_page: Page, server_state: ServerState) -> None:
    _, _, before = pause(live_page, server_state)
    live_page.get_by_role("button", name="One minibatch").click()
    step = before.meta["step"] + 1
    meta_becomes(live_page, server_state, step=step, playing=False)
    expect(live_page.locator("#counter")).to_contain_text(f"{step:,} ·")


def test_one_epoch(live_page: Page, server_state: ServerState) -> None:
    topology, dataset, before = pause(live_page, server_state)
    live_page.get_by_role("button", name="One epoch").click()
    steps = math.ceil(dataset["train"]["count"] / topology["recipe"]["batch_size"])
    step = before.meta["step"] + steps
    _, _, after = meta_becomes(live_page, server_state, step=step, playing=False)
    assert after.meta["epoch"] == before.meta["epoch"] + 1
    expect(live_page.locator("#counter")).to_contain_text(
        f"{step:,} · {int(after.meta['epoch']):,}"
    )


def test_reset_goes_back_to_the_same_initial_weights(
    live_page: Page, server_state: ServerState, base_url: str
) -> None:
    pause(live_page, server_state)
    live_page.get_by_role("button", name="Reset").first.click()
    _, _, frame = meta_becomes(live_page, server_state, step=0)
    expect(live_page.locator("#counter")).to_have_text("0 · 0")
    with live.viewer(base_url) as fresh:
        assert fresh.frame is not None
        assert np.array_equal(frame.tensors["parameters"], fresh.frame.tensors["parameters"])


def test_speed(live_page: Page, server_state: ServerState) -> None:
    for name, speed in {
        "1 step per second": 1,
        "60 steps per second": 60,
        "10 steps per second": 10,
        "600 steps per second": 600,
        "As fast as the machine goes": None,
    }.items():
        with case(name):
            live_page.get_by_text(name, exact=True).locator("..").click()
            meta_becomes(live_page, server_state, speed=speed)
            expect(live_page.get_by_role("radio", name=name, exact=True)).to_be_checked()


def test_a_speed_just_chosen_is_not_taken_back_by_a_frame_on_its_way(live_page: Page) -> None:
    for _ in range(4):
        for name in ("As fast as the machine goes", "10 steps per second"):
            radio = live_page.get_by_role("radio", name=name, exact=True)
            radio.check(force=True)  # raises where it does not stay checked
            expect(radio).to_be_checked()


def test_speed_by_arrow_keys(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_role("radio", name="60 steps per second").focus()
    live_page.keyboard.press("ArrowRight")
    meta_becomes(live_page, server_state, speed=600)
    expect(live_page.get_by_role("radio", name="600 steps per second")).to_be_checked()


def test_keys(live_page: Page, server_state: ServerState) -> None:
    live_page.locator("#status").click()  # nothing that has a use of its own for a key
    expect(live_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    live_page.keyboard.press("Space")
    _, _, frame = meta_becomes(live_page, server_state, playing=False)
    step = frame.meta["step"]
    live_page.keyboard.press(".")
    _, _, frame = meta_becomes(live_page, server_state, step=step + 1)
    live_page.keyboard.press("e")
    meta_becomes(live_page, server_state, epoch=frame.meta["epoch"] + 1)
    live_page.keyboard.press("r")
    meta_becomes(live_page, server_state, step=0, playing=False)
    live_page.keyboard.press("Space")
    meta_becomes(live_page, server_state, playing=True)


def test_space_plays_after_a_click_on_something_else(
    live_page: Page, server_state: ServerState
) -> None:
    pause(live_page, server_state)
    circle = live_page.locator("#shapes label", has=live_page.get_by_role("radio", name="circle"))
    for control in (circle, live_page.get_by_role("button", name="x₁²")):
        control.click()
        playing = server_state(session_of(live_page))[2].meta["playing"]
        live_page.keyboard.press("Space")
        meta_becomes(live_page, server_state, playing=not playing)
    # A button that was reached by keyboard has the key for itself.
    meta_becomes(live_page, server_state, playing=False)
    live_page.get_by_role("button", name="x₂²").focus()
    live_page.keyboard.press("Tab")
    live_page.keyboard.press("Space")
    server_state(session_of(live_page), until=lambda t, d, f: len(t["recipe"]["features"]) == 4)
    assert not server_state(session_of(live_page))[2].meta["playing"]


def test_keys_do_nothing_while_one_types(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    _, _, before = server_state(session_of(live_page))
    seed = live_page.get_by_label("seed", exact=True)
    seed.click()
    live_page.keyboard.type("e.r ?")
    seed.press("Escape")
    _, _, after = server_state(session_of(live_page))
    assert after.meta["step"] == before.meta["step"]
    assert not after.meta["playing"]
    expect(live_page.get_by_role("dialog")).to_have_count(0)
    expect(seed).to_have_value("0")


def test_counters_and_losses_are_those_of_the_frame(
    live_page: Page, server_state: ServerState
) -> None:
    _, _, frame = pause(live_page, server_state)
    shown = float(live_page.locator("#train-loss").inner_text())
    assert shown == pytest.approx(frame.meta["train_loss"], rel=0.01)
    shown = float(live_page.locator("#test-loss").inner_text())
    assert shown == pytest.approx(frame.meta["test_loss"], rel=0.01)
    accuracy = float(live_page.locator("#metric").inner_text().split()[0])
    assert accuracy == pytest.approx(100 * frame.meta["test_metric"], abs=0.1)


def test_a_number_of_another_kind_is_refused_before_it_is_sent(
    live_page: Page, server_state: ServerState
) -> None:
    batch = live_page.get_by_label("minibatch", exact=True)
    type_in(batch, "ten")
    expect(live_page.get_by_role("alert").filter(has_text="ten")).to_be_visible()
    assert server_state(session_of(live_page))[0]["recipe"]["batch_size"] == 10
