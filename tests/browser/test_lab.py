"""The lab beside the network, and its races: what is seen, and what the server has in force."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.labels import RULES
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import open_lab, race
from tests.browser.page import case, comes, expect_refusal, pause, session_of
from tests.browser.test_legible import PHONE, choose_theme, colliding, texts

LABELS = set(RULES)


def test_the_lab_takes_the_place_of_the_network_and_gives_it_back(live_page: Page) -> None:
    place = open_lab(live_page)
    expect(place).to_contain_text("many learning rates, side by side")
    expect(live_page.get_by_role("application", name="The network's output")).to_be_visible()
    expect(live_page.get_by_role("textbox", name="Learning rate")).to_be_visible()
    live_page.get_by_role("radio", name="finder").check(force=True)
    expect(live_page.locator("#lab-finder")).to_contain_text("A copy of the network trains")
    live_page.get_by_role("radio", name="landscape").check(force=True)
    expect(live_page.locator("#lab-landscape")).to_contain_text("walks downhill")
    live_page.get_by_role("radio", name="network").check(force=True)
    expect(live_page.locator("#network")).to_be_visible()
    expect(place).to_be_hidden()


def test_a_race_is_drawn_and_each_replica_labelled_in_words(
    live_page: Page, server_state: ServerState
) -> None:
    place = race(live_page, server_state)
    info = server_state(session_of(live_page))[2].meta["lab"]["race"]
    tiles = place.locator(".lab-tile")
    expect(tiles).to_have_count(5)
    for k, tile in enumerate(tiles.all()):
        label = info["labels"][0][k]
        assert label in LABELS
        expect(tile).to_have_accessible_name(re.compile(f": {label}, training loss "))
        expect(tile).to_contain_text(label)  # there is room for the word
        assert len(set(tile.locator("canvas").evaluate(PIXELS))) > 1
    curves, finals = place.get_by_role("img").all()
    expect(curves.locator("path.runner")).to_have_count(5)
    expect(finals.locator("g.runner")).to_have_count(5)
    lengths = [len(d.get_attribute("d") or "") for d in curves.locator("path.runner").all()]
    assert min(lengths) > 100
    strokes = {d.get_attribute("stroke") for d in curves.locator("path.runner").all()}
    assert len(strokes) == 5
    expect(curves).to_have_accessible_name(re.compile("5 rates from .* lowest .* at rate"))
    for label in set(info["labels"][0]):
        count = info["labels"][0].count(label)
        expect(finals.get_by_text(f"{label} {count}", exact=True)).to_be_visible()
    place.get_by_text("Labels explained").click()
    for rule in RULES.values():
        expect(place.get_by_text(rule)).to_be_visible()


PIXELS = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return [...new Uint32Array(data.buffer)];
}"""


def test_pointing_at_one_shows_it_everywhere(live_page: Page, server_state: ServerState) -> None:
    place = race(live_page, server_state)
    place.locator(".lab-tile").nth(2).hover()
    expect(place.locator(".runner.on")).to_have_count(3)
    expect(place.locator("path.runner.on")).to_have_attribute("data-key", "0-2")
    expect(place.locator(".lab-readout")).to_have_text(
        re.compile(r"^rate 0\.0316 · \w+.* · loss .*, test .*$")
    )
    live_page.mouse.move(0, 0)
    expect(place.locator(".runner.on")).to_have_count(0)
    point_at(live_page, place, "0-1")
    expect(place.locator(".lab-tile.on")).to_have_attribute("data-key", "0-1")


def point_at(page: Page, place: Locator, key: str) -> None:
    """Move the pointer to a mark until its picture lights up: the figure may still be settling."""
    for _ in range(10):
        page.wait_for_timeout(200)
        mark = place.locator(f"g.runner[data-key='{key}'] > :not(title)").bounding_box()
        if mark is None:  # it is being drawn anew
            continue
        page.mouse.move(0, 0)
        page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
        page.wait_for_timeout(200)
        if place.locator(f".lab-tile.on[data-key='{key}']").count():
            return
    raise AssertionError(f"nothing lit up for {key}")


@pytest.mark.parametrize("way", ["mouse", "keyboard", "curve"])
def test_adopting_one_sets_its_weights_and_rate(
    live_page: Page, server_state: ServerState, way: str
) -> None:
    before = pause(live_page, server_state)[2]
    place = race(live_page, server_state)
    rate = server_state(session_of(live_page))[2].meta["lab"]["race"]["rates"][2]
    if way == "mouse":
        place.locator(".lab-tile").nth(2).click()
    elif way == "keyboard":
        place.locator(".lab-tile[tabindex='0']").focus()
        live_page.keyboard.press("ArrowRight")
        live_page.keyboard.press("ArrowRight")
        live_page.keyboard.press("Enter")
    else:
        point_at(live_page, place, "0-2")
        live_page.mouse.down()
        live_page.mouse.up()
    after = server_state(
        session_of(live_page),
        until=lambda t, d, f: math.isclose(t["recipe"]["learning_rate"], rate),
    )[2]
    assert after.meta["step"] == 200
    assert not np.array_equal(after.tensors["parameters"], before.tensors["parameters"])
    expect(live_page.get_by_role("textbox", name="Learning rate")).to_have_value("0.0316")
    loss = after.meta["lab"]["race"]["losses"][0][2]
    assert after.meta["train_loss"] == pytest.approx(loss, rel=1e-3)


def test_optimizers_race_at_the_same_rates(live_page: Page, server_state: ServerState) -> None:
    place = open_lab(live_page)
    live_page.locator("#race-vary").select_option("optimizer")
    place.get_by_role("button", name="RMSProp").click()
    place = race(live_page, server_state)
    info = server_state(session_of(live_page))[2].meta["lab"]["race"]
    assert info["lanes"] == ["optimizer sgd", "optimizer rmsprop", "optimizer adam"]
    expect(place.locator(".lab-tile")).to_have_count(15)
    curves = place.get_by_role("img").first
    dashes = {d.get_attribute("stroke-dasharray") for d in curves.locator("path.runner").all()}
    assert len(dashes) == 3
    expect(curves.get_by_text("RMSProp", exact=True)).to_be_visible()
    place.locator(".lab-tile").nth(12).click()
    server_state(session_of(live_page), until=lambda t, d, f: t["recipe"]["optimizer"] == "adam")


def test_from_the_weights_now_only_what_can_vary_is_offered(live_page: Page) -> None:
    open_lab(live_page)
    vary = live_page.locator("#race-vary")
    vary.select_option("activation")
    live_page.locator("#race-from").select_option("here")
    expect(vary).to_have_value("")
    expect(live_page.locator("#race-values")).to_be_hidden()
    off = vary.locator("option:disabled").all_text_contents()
    assert off == ["activation", "initialiser"]
    live_page.locator("#race-from").select_option("afresh")
    expect(vary.locator("option:disabled")).to_have_count(0)


def test_replicas_of_a_curve_are_pictured(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=sine&paused")
    place = race(page, server_state, low="0.0001", high="0.1")
    look = "canvas => canvas.toDataURL()"
    canvases = place.locator(".lab-tile canvas")
    comes(page, lambda: len({one.evaluate(look) for one in canvases.all()}) == 5)
    memory = page.locator("#race-memory")
    expect(memory).to_have_text(re.compile(r"^[\d.]+ MB$"))
    place.locator(".lab-tile").nth(2).hover()
    expect(place.locator(".lab-readout")).to_contain_text("loss")
    expect(memory).to_be_visible()


def test_typed_rates_race_from_here(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    open_lab(live_page)
    live_page.locator("#race-spacing").select_option("typed")
    live_page.locator("#race-rates").fill("0.01, 0.1; 1")
    live_page.locator("#race-from").select_option("here")
    live_page.locator("#race-steps").fill("100")
    step = server_state(session_of(live_page))[2].meta["step"]
    live_page.locator("#race-start").click()
    race = server_state(session_of(live_page), until=lambda t, d, f: f.meta["lab"]["race"])[2]
    assert race.meta["lab"]["race"]["rates"] == [0.01, 0.1, 1.0]
    assert race.meta["lab"]["race"]["begin"] == step > 0


def test_a_race_can_be_stopped_and_keeps_what_it_has(
    live_page: Page, server_state: ServerState
) -> None:
    place = open_lab(live_page)
    live_page.locator("#race-steps").fill("5000000")
    place.get_by_role("button", name="Start").click()
    place.get_by_role("button", name="Stop").click()
    info = server_state(
        session_of(live_page),
        until=lambda t, d, f: f.meta["lab"]["race"]["end"] < 5_000_000,
    )[2].meta["lab"]["race"]
    assert info["step"] == info["end"]
    expect(place.get_by_role("button", name="Stop")).to_be_hidden()
    expect(place.locator(".lab-tile")).to_have_count(16)


def test_what_cannot_race_is_refused_beside_its_field(live_page: Page) -> None:
    place = open_lab(live_page)
    for field, text, words in (
        ("count", "1000000", ["1000000", "2 to 64"]),
        ("high", "0.00001", ["more than"]),
        ("low", "0", ["1e-8 to 1000"]),
        ("steps", "many", ["many", "a number"]),
    ):
        with case(field):
            control = live_page.locator(f"#race-{field}")
            accepted = control.input_value()
            control.fill(text)
            place.get_by_role("button", name="Start").click()
            expect_refusal(live_page, control, *words)
            expect(place.locator(".lab-tile")).to_have_count(0)
            control.fill(accepted)


def test_a_diverged_replica_is_not_adopted_and_the_page_says_why(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=mpg")
    place = race(page, server_state, low="0.01", high="1000", count="2")
    tile = place.locator(".lab-tile").last
    expect(tile).to_have_accessible_name(re.compile("diverged"))
    tile.click()
    expect_refusal(page, tile, "diverged")


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_nothing_overlaps_and_nothing_scrolls(
    live_page: Page, server_state: ServerState, theme: str
) -> None:
    choose_theme(live_page, theme)
    place = race(live_page, server_state, count="16")
    assert place.evaluate("(e) => e.scrollHeight - e.clientHeight") == 0
    assert colliding(texts(place)) == []
    live_page.get_by_role("radio", name="landscape").check(force=True)
    place = live_page.locator("#lab-landscape")
    place.get_by_role("button", name="Compute").click()
    expect(place.locator("circle.landing")).to_be_visible()
    assert place.evaluate("(e) => e.scrollHeight - e.clientHeight") == 0
    assert [two for two in colliding(texts(place)) if "edge" not in "".join(two)] == []


def test_the_lab_on_a_phone_is_one_column(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/", **PHONE)
    place = race(page, server_state)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = [figure.bounding_box() for figure in place.locator("figure").all()]
    assert len(boxes) == 2
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    assert boxes[0]["height"] > 150


def test_slow_motion_shows_the_network(live_page: Page) -> None:
    open_lab(live_page)
    live_page.keyboard.press("m")
    expect(live_page.locator("#network")).to_be_visible()
    expect(live_page.locator("#lab")).to_be_hidden()
