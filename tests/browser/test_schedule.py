"""Schedules: chosen and drawn by hand beside the learning rate, in force, ahead of the chart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READY, OpenPage, ServerState
from tests.browser.page import case, expect_refusal, pause, session_of, type_in, visit

CURVE = [[0, 1], [250, 0.5], [1000, 0.01]]


def unfolded(page: Page) -> Locator:
    """The schedule's own panel."""
    menu = page.locator("#schedule")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    return menu


def choose(page: Page, title: str) -> None:
    unfolded(page).get_by_label("schedule", exact=True).select_option(label=title)


def in_force(page: Page, server_state: ServerState, **fields: Any) -> dict[str, Any]:
    """Wait until the schedule in force has these values."""

    def reached(topology: dict[str, Any], dataset: object, frame: object) -> bool:
        schedule = topology["recipe"]["schedule"]
        return all(schedule[name] == value for name, value in fields.items())

    schedule = server_state(session_of(page), until=reached)[0]["recipe"]["schedule"]
    assert isinstance(schedule, dict)
    return schedule


def test_every_kind_can_be_chosen_and_left(live_page: Page, server_state: ServerState) -> None:
    for title, short, kind in (
        ("drops in steps", "in steps", "step"),
        ("exponential", "exp.", "exponential"),
        ("cosine", "cosine", "cosine"),
        ("linear warm-up", "warm-up", "warmup"),
        ("one cycle", "one cycle", "one_cycle"),
        ("a curve of your own", "curve", "curve"),
    ):
        with case(title):
            choose(live_page, title)
            schedule = in_force(live_page, server_state, kind=kind)
            expect(live_page.locator("#schedule summary")).to_contain_text(short)
            assert schedule["begin"] > 0 or not schedule["points"]
            choose(live_page, "constant")
            in_force(live_page, server_state, kind="constant", points=[])


def test_its_numbers_are_in_force_and_the_rate_is_said(
    live_page: Page, server_state: ServerState
) -> None:
    choose(live_page, "cosine")
    type_in(live_page.get_by_label("over … steps"), "60")
    type_in(live_page.get_by_label("down to ×"), "0.5")
    in_force(live_page, server_state, kind="cosine", steps=60, final=0.5)
    said = live_page.locator("#rate-in-force")
    expect(said).to_have_text("0.0150")
    expect(live_page.get_by_role("textbox", name="Learning rate")).to_have_value("0.0300")
    type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.1")
    expect(said).to_have_text("0.0500")
    choose(live_page, "constant")
    expect(said).to_have_text("")


def test_its_numbers_keep_where_it_began_until_it_begins_anew(
    live_page: Page, server_state: ServerState
) -> None:
    choose(live_page, "cosine")
    begin = in_force(live_page, server_state, kind="cosine")["begin"]
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > begin + 20)
    type_in(live_page.get_by_label("over … steps"), "500")
    assert in_force(live_page, server_state, steps=500)["begin"] == begin
    expect(live_page.get_by_text(f"since step {begin}")).to_be_visible()
    live_page.get_by_role("button", name="begin anew").click()
    server_state(
        session_of(live_page),
        until=lambda t, d, f: t["recipe"]["schedule"]["begin"] > begin + 20,
    )
    choose(live_page, "constant")
    in_force(live_page, server_state, kind="constant")
    expect(live_page.get_by_role("button", name="begin anew")).to_be_hidden()


@pytest.mark.parametrize("menu", ["#schedule", "#save-loss"])
def test_what_is_unfolded_is_closed_by_escape_and_by_a_press_elsewhere(
    live_page: Page, menu: str
) -> None:
    unfolding = live_page.locator(menu)
    summary = unfolding.locator("summary")
    body = unfolding.locator(".popover-body")
    summary.click()
    expect(body).to_be_visible()
    live_page.keyboard.press("Escape")
    expect(body).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    live_page.locator("#network").click(position={"x": 20, "y": 200})
    expect(body).to_be_hidden()


def test_escape_in_a_number_takes_back_what_is_typed_and_then_closes(live_page: Page) -> None:
    choose(live_page, "cosine")
    steps = live_page.get_by_label("over … steps")
    steps.fill("77")
    steps.press("Escape")
    expect(steps).to_have_value("2000")
    expect(steps).to_be_visible()
    steps.press("Escape")
    expect(steps).to_be_hidden()


def test_the_table_stays_while_one_works_elsewhere_and_goes_by_escape_in_it(
    live_page: Page,
) -> None:
    live_page.get_by_text("network as a table").click()
    table = live_page.locator("#network-table table")
    expect(table).to_be_visible()
    live_page.get_by_role("button", name="One minibatch").click()
    live_page.keyboard.press("Escape")
    expect(table).to_be_visible()
    live_page.locator("#table-layer").focus()
    live_page.keyboard.press("Escape")
    expect(table).to_be_hidden()
    expect(live_page.get_by_text("network as a table")).to_be_focused()


def test_what_cannot_be_is_refused_beside_the_number(
    live_page: Page, server_state: ServerState
) -> None:
    choose(live_page, "exponential")
    field = live_page.get_by_label("down to ×")
    type_in(field, "0")
    expect_refusal(live_page, field, "Down to ×: got", "more than 0")
    type_in(field, "2")
    expect_refusal(live_page, field, "Down to ×: got 2", "1")
    steps = live_page.get_by_label("in … steps")
    type_in(steps, "0")
    expect_refusal(live_page, steps, "steps", "1")
    in_force(live_page, server_state, kind="exponential", steps=2000, final=0.01)


# Columns of the strip beneath the chart that have ink, and where the present is among them.
INKED = """() => {
  const canvas = document.querySelector(".rate-strip canvas");
  const plot = document.querySelector("#loss .u-over").getBoundingClientRect();
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const inked = [];
  const [left, right] = [plot.left, plot.right].map((x) => Math.ceil((x - box.left) * ratio));
  for (let x = left; x < right; x++) {
    const { data } = context.getImageData(x, 0, 1, copy.height);
    inked.push(data.some((value, k) => k % 4 === 3 && value > 60));
  }
  return inked;
}"""


def test_the_rate_is_drawn_beneath_the_loss_and_dashed_ahead(
    live_page: Page, server_state: ServerState
) -> None:
    expect(live_page.locator(".rate-strip")).to_be_hidden()
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > 30)
    choose(live_page, "cosine")
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > 120)
    _, _, frame = pause(live_page, server_state)
    expect(live_page.locator(".rate-strip")).to_be_visible()
    live_page.wait_for_timeout(300)
    inked = np.array(live_page.evaluate(INKED))
    gap = int(np.argmin(inked))  # the first column without ink lies ahead of the present
    assert inked[:gap].all()
    assert 10 < gap < len(inked) * 0.7
    ahead = inked[gap:]
    assert 0.3 < ahead.mean() < 0.9
    assert np.count_nonzero(np.diff(ahead.astype(int)) == 1) > 8  # dashes
    now = frame.meta["rate_in_force"]
    label = live_page.get_by_role("img", name="Learning rate, now")
    expect(label).to_have_attribute("aria-label", re.compile(f"now {now:.3g}"[:9]))


def test_points_are_dragged_added_and_moved_by_keys(
    live_page: Page, server_state: ServerState
) -> None:
    choose(live_page, "a curve of your own")
    first = in_force(live_page, server_state, kind="curve")
    before, begin = first["points"], first["begin"]
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > begin + 5)
    points = live_page.locator(".curve-point")
    expect(points).to_have_count(len(before))
    box = points.nth(2).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    live_page.mouse.move(x, y)
    live_page.mouse.down()
    live_page.mouse.move(x + 10, y + 8)
    live_page.mouse.move(x + 20, y + 16)
    live_page.mouse.up()
    server_state(
        session_of(live_page),
        until=lambda t, d, f: t["recipe"]["schedule"]["points"] != before,
    )
    schedule = in_force(live_page, server_state)
    moved = schedule["points"][2]
    assert moved[0] > before[2][0]
    assert moved[1] < before[2][1]
    assert schedule["points"][:2] == before[:2]
    assert schedule["begin"] == begin
    expect(live_page.get_by_text(f"since step {begin}")).to_be_visible()

    live_page.locator(".curve-point:focus").press("ArrowUp")
    in_force(
        live_page,
        server_state,
        points=[*before[:2], [moved[0], pytest.approx(1.1 * moved[1], rel=0.01)], before[3]],
    )
    points.nth(0).focus()
    live_page.keyboard.press("Enter")
    expect(points).to_have_count(len(before) + 1)
    live_page.keyboard.press("Delete")
    expect(points).to_have_count(len(before))
    live_page.wait_for_timeout(600)
    assert len(in_force(live_page, server_state)["points"]) == len(before)


ALL = [
    {"kind": "constant", "steps": 2000, "final": 0.01, "begin": 0, "points": []},
    {"kind": "step", "steps": 500, "final": 0.5, "begin": 120, "points": []},
    {"kind": "exponential", "steps": 2000, "final": 1e-05, "begin": 0, "points": []},
    {"kind": "cosine", "steps": 900, "final": 0, "begin": 7, "points": []},
    {"kind": "warmup", "steps": 100, "final": 0.01, "begin": 0, "points": []},
    {"kind": "one_cycle", "steps": 3000, "final": 0.001, "begin": 0, "points": []},
    {"kind": "curve", "steps": 1000, "final": 0.01, "begin": 50, "points": CURVE},
]


def test_every_schedule_is_the_same_after_the_way_through_the_address(live_page: Page) -> None:
    ways = live_page.evaluate(
        """async (all) => {
            const { toHash, fromHash } = await import("/static/url.js");
            const read = (id) => JSON.parse(document.getElementById(id).textContent);
            const { defaults } = read("start");
            return all.map((schedule) => {
              const hash = toHash({ ...defaults, schedule }, defaults);
              return [hash, fromHash("#" + hash, read("catalog"))];
            });
        }""",
        ALL,
    )
    for schedule, (hash_, back) in zip(ALL, ways, strict=True):
        with case(schedule["kind"]):
            assert back["mistakes"] == []
            assert {**ALL[0], **back["recipe"].get("schedule", {})} == schedule
            assert ("schedule=" in hash_) == (schedule["kind"] != "constant")


def test_a_link_reproduces_the_schedule(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page(
        "/#dataset=moons&seed=0&schedule=curve&steps=1000&points=0:1,250:0.5,1000:0.01&paused"
    )
    wanted = {**ALL[6], "begin": 0}
    assert in_force(page, server_state) == wanted
    choose(page, "one cycle")
    type_in(page.get_by_label("over … steps"), "400")
    expect(page).to_have_url(re.compile("schedule=one_cycle&steps=400"))
    before = in_force(page, server_state, kind="one_cycle", steps=400)
    page.reload()
    page.locator(READY).wait_for(state="attached")
    assert in_force(page, server_state) == before
    expect(page.locator("#schedule summary")).to_contain_text("one cycle")


def test_mistakes_in_the_address_are_said(live_page: Page) -> None:
    for part, words in {
        "schedule=sideways": "cosine",
        "points=0:1,five": "0:1,500:0.5",
        "final=2": "0 to 1",
        "steps=0": "1 to",
    }.items():
        visit(live_page, f"/#dataset=circle&seed=8&{part}")
        alert = live_page.get_by_role("alert").filter(has_text=part)
        expect(alert, part).to_contain_text(words)
