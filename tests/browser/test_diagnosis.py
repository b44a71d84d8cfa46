"""What is wrong with a run, in words, with buttons that try something; calm when nothing is."""

from __future__ import annotations

import itertools
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, comes, meta_becomes, pause, session_of, type_in


def test_nothing_is_said_of_a_healthy_run(live_page: Page) -> None:
    verdict = live_page.locator(".health-verdict")
    expect(verdict).to_have_text("gradients reach every layer")
    expect(live_page.locator(".health-remedies button")).to_have_count(0)


TINT = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let most = 0;
  for (let k = 0; k < data.length; k += 4) {
    if (data[k + 3] > 60) most = Math.max(most, Math.abs(data[k] - data[k + 2]));
  }
  return most;
}"""


def test_weights_of_zero_are_of_neither_colour_and_have_no_ratio(open_page: OpenPage) -> None:
    page = open_page("/#init=zeros&layers=none&paused")
    ratio = page.locator("#health tbody td:nth-child(3)")
    expect(ratio).to_have_text("–")
    expect(ratio).to_have_attribute("title", "no ratio: all weights are 0")
    expect(ratio.locator(".outside")).to_have_count(0)
    assert page.locator("#network canvas").first.evaluate(TINT) < 30  # the lines
    page.get_by_role("button", name="One minibatch").click()
    expect(page.locator("#legend-network .legend", has_text="output")).to_contain_text("−1")


def test_a_remedy_is_tried_and_taken_back(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#init=zeros&paused")
    verdict = page.locator(".health-verdict")
    frame = server_state(session_of(page))[2]
    (finding,) = frame.meta["findings"]
    expect(verdict).to_have_text(finding["message"])
    before = page.locator("#network").bounding_box()
    page.get_by_role("button", name="start again from random weights").click()
    becomes(page, server_state, initializer="glorot_uniform")
    expect(verdict).to_have_text("gradients reach every layer")
    assert page.locator("#network").bounding_box() == before
    page.locator(".health-remedies").get_by_role("button", name="undo").click()
    becomes(page, server_state, initializer="zeros")
    expect(verdict).to_have_text(finding["message"])


def test_a_remedy_of_several_edits_is_taken_back_whole(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["4sigmoid"] * 6))
    server_state(
        session_of(page),
        until=lambda t, d, f: any(each["name"] == "vanishing" for each in f.meta["findings"]),
    )
    page.get_by_role("button", name="ReLU in all layers").click()

    def all_are(activation: str) -> None:
        server_state(
            session_of(page),
            until=lambda t, d, f: all(
                each["activation"] == activation for each in t["recipe"]["layers"]
            ),
        )

    all_are("relu")
    page.locator(".health-remedies").get_by_role("button", name="undo").click()
    all_are("sigmoid")


def test_a_rate_far_too_high_is_named_and_its_remedy_starts_again(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#rate=10")
    verdict = page.locator(".health-verdict")
    expect(verdict).to_contain_text("Steps at a learning rate of 10", timeout=20_000)
    page.get_by_role("button", name="start again at learning rate 1").click()
    becomes(page, server_state, learning_rate=1.0)
    expect(verdict).to_have_text("gradients reach every layer", timeout=20_000)


def test_what_an_edit_has_not_changed_is_said_on_while_training_stands_still(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&rate=10&layers=8tanh,5tanh&optimizer=adam")
    verdict = page.locator(".health-verdict")
    expect(verdict).to_contain_text("Steps at a learning rate of 10 have", timeout=20_000)
    pause(page, server_state)
    type_in(page.get_by_role("textbox", name="Learning rate"), "0.01")
    becomes(page, server_state, learning_rate=0.01)
    minibatch = page.get_by_role("button", name="One minibatch")
    for _ in range(2):
        step = server_state(session_of(page))[2].meta["step"]
        minibatch.click()
        _, _, frame = meta_becomes(page, server_state, step=step + 1)
        assert [finding["name"] for finding in frame.meta["findings"]] == ["rate too high"]
        expect(verdict).to_contain_text("Steps at a learning rate of 10 have")
    expect(page.locator("#health td.trouble").first).to_be_visible()


def courses(page: Page) -> list[list[tuple[float, float]]]:
    """The points of each layer's line."""
    lines = page.locator(".health-spark .course").evaluate_all(
        "paths => paths.map((path) => path.getAttribute('d'))"
    )
    points = [line[1:].split("L") if line else [] for line in lines]
    return [[(float(x), float(y)) for x, y in map(str.split, line)] for line in points]


@pytest.mark.parametrize("layers", [2, 8])
def test_every_layer_shows_the_whole_course_of_its_norm_as_the_server_has_it(
    open_page: OpenPage, server_state: ServerState, layers: int
) -> None:
    page = open_page("/#layers=" + ",".join(["4relu"] * layers))

    def whole() -> bool:
        found = courses(page)
        return len(found) == layers + 1 and all(len(line) > 20 for line in found)

    comes(page, whole)
    norms = pause(page, server_state)[2].tensors["norms"]
    assert norms.shape[0] == layers + 2
    comes(page, lambda: [len(line) for line in courses(page)] == [norms.shape[1]] * (layers + 1))
    assert all(line[0][0] == 0 and line[-1][0] == 100 for line in courses(page))
    for spark in page.locator(".health-spark").all():
        box = spark.bounding_box()
        assert box is not None
        assert box["width"] > 25


def test_all_norms_stand_on_one_axis_whose_range_is_stated(open_page: OpenPage) -> None:
    page = open_page("/#layers=" + ",".join(["8sigmoid"] * 6))
    comes(page, lambda: all(len(line) > 5 for line in courses(page)))
    heights = [line[-1][1] for line in courses(page)]
    assert heights[0] > heights[3] > heights[-1]
    for axis in page.locator(".health-axis").all():
        expect(axis).to_have_text(re.compile(r"^10⁻[²³⁴⁵⁶⁷⁸⁹] – 10?$"))


def test_an_explosion_goes_up_and_its_remedy_is_at_hand(open_page: OpenPage) -> None:
    page = open_page(
        "/#dataset=plane&output=linear&paused&init=normal&std=3&layers=" + ",".join(["8relu"] * 4)
    )
    expect(page.locator(".health-axis")).to_have_text(re.compile("– 10[⁴⁵⁶⁷⁸⁹]"))
    expect(page.locator(".health-verdict")).to_contain_text("explodes")
    page.get_by_role("button", name="start again from Glorot's weights").click()
    expect(page.locator(".health-verdict")).to_have_text("gradients reach every layer")
    expect(page.locator(".health-axis")).to_have_text(re.compile(r"^10⁻[²³⁴⁵⁶⁷⁸⁹] – 10?$"))


def test_histograms_are_those_of_the_frame(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#layers=4tanh,4relu&seed=0")
    _, _, frame = pause(page, server_state)
    for layer, which in itertools.product(range(3), range(2)):
        name = f"{('activations', 'gradients')[which]} of layer {('1', '2', 'out')[layer]}"
        path = page.get_by_role("img", name=name).locator("[fill^=url]")
        shares = frame.tensors["histograms"][layer, which]
        filled = np.flatnonzero(shares)
        heights = np.maximum(1.5, 20 * shares[filled] / shares.max())
        expected = np.stack([filled * 132 / len(shares), heights], axis=1)
        comes(page, partial(has_bars, path, expected))  # the panel follows a little later


@pytest.mark.parametrize("width", [1280, 1920])
def test_histograms_are_as_wide_as_their_column(open_page: OpenPage, width: int) -> None:
    page = open_page("/", viewport={"width": width, "height": 1080})
    shares = page.locator(".histogram").evaluate_all(
        "all => all.map((each) => each.clientWidth / each.parentElement.clientWidth)"
    )
    assert len(shares) == 6
    assert min(shares) > 0.9


def test_where_all_numbers_are_one_the_bar_stands_in_the_middle(open_page: OpenPage) -> None:
    page = open_page("/#layers=4tanh&init=zeros&rate=0&paused")
    path = page.get_by_role("img", name="activations of layer 1").locator("[fill^=url]")
    comes(page, lambda: bars(path) == [(66.4, 20)])


def has_bars(path: Locator, expected: np.ndarray[Any, Any]) -> bool:
    drawn = np.array(bars(path))
    return drawn.shape == expected.shape and bool(np.all(np.abs(drawn - expected) < [0.5, 0.06]))


def bars(path: Locator) -> list[tuple[float, float]]:
    """Left end and height of each bar."""
    drawn = re.findall(r"M([\d.]+) 21v-([\d.]+)", path.get_attribute("d") or "")
    return [(float(x), float(height)) for x, height in drawn]
