"""The time machine on the page: looking back, going on, undo and redo, a way out of divergence."""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import (
    becomes,
    comes,
    expect_refusal,
    meta_becomes,
    pause,
    session_of,
    type_in,
)

SVG = "{http://www.w3.org/2000/svg}"


def moment(page: Page) -> Locator:
    return page.get_by_role("slider", name="Moment of training")


def trained(page: Page, server_state: ServerState, steps: int) -> None:
    server_state(session_of(page), until=lambda t, d, f: f.meta["step"] >= steps)


def looking_back(page: Page, server_state: ServerState, made: int | None = None) -> Any:
    """Wait until the server shows the past (that moment of it)."""

    def reached(topology: object, dataset: object, frame: Any) -> bool:
        timeline = frame.meta["timeline"]
        return timeline["looking_back"] and made in (None, timeline["made"])

    return server_state(session_of(page), until=reached)


@pytest.fixture
def edited(live_page: Page, server_state: ServerState) -> Page:
    """A page that has trained, with one edit on the way, and is paused."""
    trained(live_page, server_state, 40)
    live_page.get_by_role("button", name="Add a neuron to layer 1").click()
    _, _, frame = becomes(
        live_page,
        server_state,
        layers=[
            {"units": 5, "activation": "tanh", "batch_norm": False, "dropout": 0.0},
            {"units": 4, "activation": "tanh", "batch_norm": False, "dropout": 0.0},
        ],
    )
    trained(live_page, server_state, frame.meta["step"] + 40)
    pause(live_page, server_state)
    return live_page


def neurons(page: Page) -> Locator:
    return page.locator("#heads").get_by_text(re.compile(r"^\d neurons$")).first


def test_the_past_is_shown_everywhere_as_it_was(edited: Page, server_state: ServerState) -> None:
    page = edited
    present = server_state(session_of(page))[2].meta["timeline"]["present"]
    expect(neurons(page)).to_have_text("5 neurons")
    moment(page).press("Home")
    topology, _, frame = looking_back(page, server_state, 0)
    assert (frame.meta["step"], topology["recipe"]["layers"][0]["units"]) == (0, 4)
    expect(page.locator("#counter")).to_have_text("0 · 0")
    expect(neurons(page)).to_have_text("4 neurons")
    said = f"step 0 of {present}, as it was"
    expect(page.locator("#past")).to_contain_text(said)
    expect(moment(page)).to_have_attribute("aria-valuetext", said)
    page.keyboard.press("ArrowRight")
    looking_back(page, server_state, 1)
    page.keyboard.press("Escape")
    expect(page.locator("#past")).to_be_hidden()
    expect(neurons(page)).to_have_text("5 neurons")
    frame = server_state(session_of(page))[2]
    assert frame.meta["timeline"]["made"] == present
    assert not frame.meta["timeline"]["looking_back"]


def test_dragging_the_scrubber_shows_what_lies_under_it(
    edited: Page, server_state: ServerState
) -> None:
    box = moment(edited).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    edited.mouse.move(box["x"] + box["width"] - 8, middle)
    edited.mouse.down()
    seen = set()
    for share in (0.8, 0.6, 0.45, 0.3):
        edited.mouse.move(box["x"] + share * box["width"], middle)
        comes(edited, lambda: edited.locator("#counter").inner_text() not in seen)
        seen.add(edited.locator("#counter").inner_text())
    edited.mouse.up()
    assert len(seen) == 4
    _, _, frame = looking_back(edited, server_state)
    timeline = frame.meta["timeline"]
    assert timeline["made"] / timeline["present"] == pytest.approx(0.3, abs=0.03)
    expect(moment(edited)).to_have_value(str(timeline["made"]))


def test_going_on_from_the_past_leaves_a_ghost(edited: Page, server_state: ServerState) -> None:
    expect(edited.locator(".chart-ghost")).to_be_hidden()
    moment(edited).press("PageDown")  # to the edit
    _, _, frame = looking_back(edited, server_state)
    made = frame.meta["timeline"]["made"]
    assert made == frame.meta["timeline"]["edits"][-1][0]
    edited.get_by_role("button", name="go on from here").click()
    expect(edited.locator("#past")).to_be_hidden()
    _, _, frame = server_state(session_of(edited), until=lambda t, d, f: f.meta["playing"])
    assert not frame.meta["timeline"]["looking_back"]
    assert frame.tensors["ghosts"][1].min() >= made
    expect(edited.locator(".chart-ghost")).to_be_visible()


def test_a_change_of_the_past_is_refused_with_the_two_ways_out(
    edited: Page, server_state: ServerState
) -> None:
    moment(edited).press("Home")
    looking_back(edited, server_state)
    play = edited.get_by_role("button", name="Play", exact=True)
    play.click()
    expect(play).to_have_accessible_description(
        re.compile("in the past, where nothing can be changed: go on from here first")
    )
    for name in ("go on from here", "back to the present"):
        expect(edited.get_by_role("button", name=name)).to_be_visible()
    edited.get_by_role("button", name="back to the present").click()
    expect(edited.locator("#past")).to_be_hidden()
    edited.get_by_role("button", name="Play", exact=True).click()
    meta_becomes(edited, server_state, playing=True)


def test_undo_and_redo_by_button_and_keys(edited: Page, server_state: ServerState) -> None:
    undo = edited.get_by_role("button", name=re.compile("^Undo"))
    redo = edited.get_by_role("button", name=re.compile("^Redo"))
    expect(undo).to_have_accessible_name("Undo: add neuron")
    expect(redo).to_be_disabled()
    undo.click()
    expect(neurons(edited)).to_have_text("4 neurons")
    expect(redo).to_have_accessible_name("Redo: add neuron")
    expect(undo).to_be_disabled()
    edited.locator("#stage h2").first.evaluate("() => document.activeElement.blur()")
    edited.keyboard.press("Control+Shift+Z")
    expect(neurons(edited)).to_have_text("5 neurons")
    edited.keyboard.press("Control+z")
    expect(neurons(edited)).to_have_text("4 neurons")
    assert server_state(session_of(edited))[0]["recipe"]["layers"][0]["units"] == 4


def test_a_field_keeps_its_own_undo(edited: Page, server_state: ServerState) -> None:
    edited.get_by_role("textbox", name="Learning rate").focus()
    edited.keyboard.press("Control+z")
    edited.wait_for_timeout(200)
    assert server_state(session_of(edited))[0]["recipe"]["layers"][0]["units"] == 5


def test_edits_are_marked_and_lead_to_their_moment(edited: Page, server_state: ServerState) -> None:
    type_in(edited.get_by_role("textbox", name="Learning rate"), "0.25")
    becomes(edited, server_state, learning_rate=0.25)
    ticks = edited.locator("#edits button")
    expect(ticks).to_have_count(2)
    expect(ticks.nth(0)).to_have_attribute("title", re.compile(r"^step \d+: add neuron\n"))
    expect(ticks.nth(1)).to_have_attribute("title", re.compile("set learning rate 0.25"))
    ticks.nth(0).click()
    _, _, frame = looking_back(edited, server_state)
    assert frame.meta["timeline"]["made"] == frame.meta["timeline"]["edits"][0][0]
    expect(edited.locator("#memory")).to_have_text(re.compile(r"^<?[\d.]+ of 64 MB$"))


def test_edits_of_one_drag_have_one_tick(live_page: Page) -> None:
    groups = live_page.evaluate(
        """async () => (await import("/static/time/moments.js")).grouped([
            [10, "add neuron"], [10, "add neuron"], [200, "set learning rate 0.1"],
            [201, "set learning rate 0.2"], [203, "set learning rate 3e-05"],
            [900, "set loss huber"],
        ], 3)"""
    )
    assert groups == [
        {"made": 10, "what": "add neuron; add neuron"},
        {"made": 203, "what": "set learning rate 3e-05"},
        {"made": 900, "what": "set loss huber"},
    ]


DIVERGING = "/#dataset=sine&seed=0&rate=0.05"


def red(page: Page) -> int:
    """Pixels of the loss chart in the colour of trouble."""
    count = page.locator("#loss .chart canvas").evaluate(
        """canvas => {
            const copy = document.createElement("canvas");
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, copy.width, copy.height);
            let count = 0;
            for (let k = 0; k < data.length; k += 4) {
                const [red, green, blue, alpha] = data.subarray(k, k + 4);
                if (red > 150 && green < 70 && blue < 70 && alpha > 200) count++;
            }
            return count;
        }"""
    )
    assert isinstance(count, int)
    return count


def test_one_click_leads_out_of_divergence(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page(DIVERGING)
    trained(page, server_state, 20)
    assert red(page) == 0
    type_in(page.get_by_role("textbox", name="Learning rate"), "2")
    alert = page.locator("#divergence")
    expect(alert).to_contain_text("Diverged in step")
    _, _, frame = server_state(session_of(page), until=lambda t, d, f: f.meta["diverged"])
    diverged = frame.meta["diverged"]
    expect(alert).to_contain_text(diverged["quantity"].partition(",")[0])
    expect(alert).to_contain_text("layer")
    comes(page, lambda: red(page) > 30)
    stage = page.locator("#stage").bounding_box()
    place = alert.bounding_box()
    assert stage is not None
    assert place is not None
    assert place["x"] >= stage["x"] + stage["width"]  # beside the network, not over it
    type_in(page.get_by_role("textbox", name="go back"), "0")
    expect_refusal(page, page.get_by_role("textbox", name="go back"), "Go back: got 0", "1 to")
    page.get_by_role("textbox", name="go back").fill("20")
    page.get_by_role("button", name="Try a third of the rate: 0.667").click()
    expect(alert).to_be_hidden()
    stood = frame.meta["step"]
    _, _, frame = server_state(
        session_of(page), until=lambda t, d, f: f.meta["learning_rate"] == pytest.approx(2 / 3)
    )
    ghost = frame.tensors["ghosts"]
    assert stood - 20 <= ghost[1].min() < stood
    assert np.isfinite(ghost).all()
    expect(page.locator(".chart-ghost")).to_be_visible()
    page.locator("#undo").click()  # and it is the state that diverged again
    expect(alert).to_contain_text(f"Diverged in step {diverged['step']}")
    server_state(session_of(page), until=lambda t, d, f: f.meta["diverged"] == diverged)


def saved(page: Page, form: str, folder: Path) -> Path:
    page.locator("#save-loss summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=form, exact=True).click()
    expect(page.get_by_role("button", name=form, exact=True)).to_be_hidden()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_the_loss_chart_as_a_file(edited: Page, server_state: ServerState, tmp_path: Path) -> None:
    _, _, frame = server_state(session_of(edited))
    history = frame.tensors["history"]
    with saved(edited, "CSV", tmp_path).open() as file:
        rows = list(csv.DictReader(file))
    for name, row in (("step", 0), ("train_loss", 1), ("test_loss", 2), ("learning_rate", 5)):
        np.testing.assert_array_equal([float(line[name]) for line in rows], history[row])
    path = saved(edited, "SVG", tmp_path)
    assert re.fullmatch(r"loss-moons-0-step-\d+\.svg", path.name)
    figure = ET.parse(path)
    lines = {line.findtext(f"{SVG}title"): line.get("d") for line in figure.iter(f"{SVG}path")}
    assert {"train", "test", "learning rate"} <= set(lines)
    assert (lines["train"] or "").count("L") == history.shape[1] - 1  # real lines, point by point
    assert "step" in [text.text for text in figure.iter(f"{SVG}text")]
    png = saved(edited, "PNG", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 1520


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (390, 844)])
def test_the_scrubber_is_in_sight_and_the_page_as_wide_as_the_window(
    open_page: OpenPage, server_state: ServerState, size: tuple[int, int]
) -> None:
    width, height = size
    page = open_page("/", viewport={"width": width, "height": height})
    trained(page, server_state, 30)
    moment(page).press("Home")
    looking_back(page, server_state)
    for name in ("go on from here", "back to the present"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(moment(page)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
