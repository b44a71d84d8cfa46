"""Every kind of data has its picture, and nothing is blank."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import case, comes, meta_becomes, pause, visit

COLOURS = """(canvas) => {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  const seen = new Set();
  new Uint32Array(data.buffer).forEach((pixel) => pixel >>> 24 && seen.add(pixel));
  return seen.size;
}"""
WIPE = """(all) => all.forEach((canvas) => {
  const context = canvas.getContext("2d");
  context.save();
  context.resetTransform();
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.restore();
})"""
KINDS = ["moons", "rings", "gaussian", "sine", "penguins", "mpg", "breast_cancer", "digits"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_data_has_its_pictures(live_page: Page, theme: str) -> None:
    live_page.get_by_label("theme").select_option(theme)
    for data in KINDS:
        visit(live_page, f"/#dataset={data}")
        live_page.locator("canvas").evaluate_all(WIPE)  # no picture may be that of other data
        for picture in ("#network canvas:nth-of-type(2)", "#output canvas", "#loss canvas"):
            with case((data, picture)):
                is_drawn(live_page.locator(picture).first)


def is_drawn(canvas: Locator) -> None:
    comes(canvas.page, lambda: canvas.evaluate(COLOURS) > 20)


def test_health_has_a_row_for_each_layer_and_its_numbers_are_the_frames(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=5relu,4tanh,3sigmoid,3tanh,3tanh,3tanh,2silu")
    topology, _, frame = pause(page, server_state)
    rows = page.locator("#health tbody tr")
    expect(rows).to_have_count(len(topology["layers"]) - 1)
    expect(page.locator("#health table")).to_have_count(2)
    expect(rows.first).to_contain_text("1 · 5 ReLU")
    silu = rows.nth(6).get_by_role("rowheader")
    expect(silu).to_have_text("7 · 2 SiLU")
    expect(silu).to_have_attribute("title", re.compile(r"^7 · 2 SiLU \(swish\)"))
    expect(rows.last).to_contain_text("out · 1 tanh")
    columns = frame.meta["statistics"]
    for k, row in enumerate(rows.all()):
        cell = row.locator("td").first
        expect(cell).to_have_attribute("title", _written(frame.tensors["statistics"][k, 0]))
    assert columns[0] == "gradient_norm"


def _written(value: float) -> str:
    """A float32 as JavaScript writes it where it is neither tiny nor huge."""
    number = float(value)
    return repr(number) if number >= 1e-6 else f"{number!r}".replace("e-0", "e-")


def test_accuracy_in_place_of_the_loss(live_page: Page, server_state: ServerState) -> None:
    _, _, frame = pause(live_page, server_state)
    switch = live_page.locator("#show-metric")
    expect(switch).to_have_text("accuracy")
    train = live_page.locator(".chart-train")
    expect(train).to_have_attribute("title", re.compile(f"^train: {frame.meta['train_loss']}"))
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(train).to_have_attribute("title", re.compile(f"^train: {frame.meta['train_metric']}"))


def test_the_picture_stands_still_for_those_who_want_less_motion(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page(reduced_motion="reduce")
    pause(page, server_state)
    meta_becomes(page, server_state, playing=False)
    page.wait_for_timeout(500)
    before = page.locator("#network").screenshot()
    page.wait_for_timeout(400)
    assert page.locator("#network").screenshot() == before
