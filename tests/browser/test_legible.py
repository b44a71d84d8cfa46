"""Nothing overlaps, nothing is cut and nothing dances, wherever there is little room."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, case, comes, pause, session_of, visit

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TEXTS = """(root) => {
  const boxes = [];
  let number = 0;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest(".hidden, option")) continue;
    if (!node.parentElement.checkVisibility({ visibilityProperty: true })) continue;
    number += 1;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (let { left, right, top, bottom } of range.getClientRects()) {
      for (let box = node.parentElement; box; box = box.parentElement) {
        if (getComputedStyle(box).overflowX === "visible") continue;
        const cut = box.getBoundingClientRect();
        [left, right] = [Math.max(left, cut.left), Math.min(right, cut.right)];
        [top, bottom] = [Math.max(top, cut.top), Math.min(bottom, cut.bottom)];
      }
      if (right <= left || bottom <= top) continue;
      boxes.push({ number, text: node.data.trim(), left, right, top, bottom });
    }
  }
  return boxes;
}"""
INK = """(canvas) => {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  let ink = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k] > 200) ink += 1;
  return ink / (width * height);
}"""


def texts(place: Locator) -> list[dict[str, Any]]:
    """Where every visible piece of text stands."""
    found: list[dict[str, Any]] = place.evaluate(TEXTS)
    return found


def colliding(boxes: list[dict[str, Any]], slack: float = 1) -> list[tuple[str, str]]:
    return [
        (one["text"], other["text"])
        for one, other in itertools.combinations(boxes, 2)
        if one["number"] != other["number"]
        and min(one["right"], other["right"]) - max(one["left"], other["left"]) > slack
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 3 * slack
    ]


def choose_theme(page: Page, theme: str) -> None:
    page.get_by_label("theme").select_option(theme)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.wait_for_timeout(400)


def test_heads_stay_apart_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/", **PHONE)
    for layers in (1, 3, 5, 8):
        visit(page, "/#layers=" + ",".join(["6leaky_relu.bn"] * layers))
        with case(f"{layers} layers"):
            heads = [head.bounding_box() for head in page.locator("#heads > .head").all()]
            edges = [(box["x"], box["x"] + box["width"]) for box in heads if box]
            assert len(edges) == layers + 2
            assert edges[0][0] >= 0
            assert edges[-1][1] <= 390
            assert all(one[1] <= other[0] + 1 for one, other in itertools.pairwise(edges)), edges
            assert colliding(texts(page.locator("#heads"))) == []


def test_a_head_on_a_phone_unfolds_all_that_a_layer_has(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["3tanh"] * 6), **PHONE)
    page.get_by_label("More about layer 6").tap()
    open_body = page.locator("details[open] .popover-body")
    box = open_body.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    open_body.get_by_role("button", name="Add a neuron to layer 6").tap()
    server_state(session_of(page), until=lambda t, d, f: t["layers"][6]["units"] == 4)
    open_body.get_by_label("Activation of layer 6").select_option("relu")
    server_state(session_of(page), until=lambda t, d, f: t["layers"][6]["activation"] == "relu")
    open_body.get_by_role("button", name="Remove this layer").tap()
    server_state(session_of(page), until=lambda t, d, f: len(t["layers"]) == 7)


@pytest.mark.parametrize("layers", ["4tanh,4tanh", ",".join(["32relu"] * 8)], ids=["two", "eight"])
def test_no_text_of_the_page_overlaps_another(open_page: OpenPage, layers: str) -> None:
    page = open_page(f"/#dataset=penguins&layers={layers}&rate=0.1")
    page.get_by_label("As fast as the machine goes").click(force=True)
    page.wait_for_timeout(1000)
    expect(page.locator("#legend-bars")).to_be_visible()
    parts = "header, #heads, .stage-line, #legend-network, #health, #results, footer"
    for theme in ("light", "projector"):
        choose_theme(page, theme)
        for part in parts.split(", "):
            assert colliding(texts(page.locator(part))) == [], (theme, part)


CUT = """(root) => [...root.querySelectorAll("th, td")].filter((cell) =>
  cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1
).map((cell) => cell.textContent)"""


FILL = """(root) => {
  for (const row of root.querySelectorAll("tbody tr")) {
    const [name, norm, ratio, saturated, dead] = row.cells;
    name.textContent = "out · 10 softplus";
    for (const cell of [saturated, dead]) {
      cell.textContent = "100 %";
      cell.classList.add("trouble");
    }
    for (const cell of [norm, ratio]) {
      cell.querySelector(".health-number").textContent = "4.60·10⁻⁸";
    }
  }
}"""
"""The longest texts that the columns may have to hold."""
SMALLEST = """(root) => Math.min(...[...root.querySelectorAll("th, td, .health-verdict")]
  .map((cell) => parseFloat(getComputedStyle(cell).fontSize)))"""


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_no_number_of_the_health_is_cut(open_page: OpenPage, screen: str) -> None:
    page = open_page("/", **(PHONE if screen == "phone" else {}))
    health = page.locator("#health")
    for layers in (2, 5, 8):
        visit(page, "/#rate=0.00001&layers=" + ",".join(["8sigmoid"] * layers))
        for theme in ("light", "projector"):
            with case(f"{layers} layers, {theme}"):
                choose_theme(page, theme)
                expect(health.locator("tbody tr")).to_have_count(layers + 1)
                expect(page.locator(".health-number", has_text="10⁻").first).to_be_visible()
                assert health.evaluate(CUT) == []
                assert (
                    health.evaluate(f"(root) => {{ ({FILL})(root); return ({CUT})(root); }}") == []
                )
                assert colliding(texts(health)) == []
                large = theme == "projector" and screen == "wide"
                assert health.evaluate(SMALLEST) >= (14 if large else 11)


LONGEST = """(root) => {
  const verdict = root.querySelector(".health-verdict");
  verdict.textContent = "The gradient shrinks more than 10,000 times on its way from the output " +
    "to layer 1: it vanishes, and hardly anything is learned there.";
  verdict.classList.add("trouble");
  const labels = ["start again with ReLU in all layers", "batch normalisation in all layers"];
  root.querySelector(".health-remedies").replaceChildren(...labels.map((label) => {
    const button = document.createElement("button");
    button.className = "chip small";
    button.textContent = label;
    return button;
  }));
  return verdict.scrollHeight - verdict.clientHeight;
}"""


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 720)])
def test_no_verdict_is_cut(
    open_page: OpenPage, server_state: ServerState, width: int, height: int
) -> None:
    page = open_page("/", viewport={"width": width, "height": height})
    pause(page, server_state)
    health = page.locator("#health")
    for theme in ("light", "projector"):
        choose_theme(page, theme)
        assert health.evaluate(LONGEST) <= 1, theme
        assert colliding(texts(health)) == []
        assert all(box["left"] >= 0 and box["right"] <= width for box in texts(health))


def test_no_text_overlaps_in_the_health_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("/#dataset=moons&layers=32relu,32relu&rate=0.001", **PHONE)
    assert colliding(texts(page.locator("#health"))) == []
    assert all(box["right"] <= 390 for box in texts(page.locator("#health")))


def test_the_learning_rate_stays_where_it_is_while_the_numbers_grow(
    live_page: Page, server_state: ServerState
) -> None:
    place = live_page.locator("#rate-slider")
    before = place.bounding_box()
    live_page.get_by_label("As fast as the machine goes").click(force=True)
    server_state(session_of(live_page), until=lambda t, d, f: f.meta["step"] > 12_000, timeout=30)
    live_page.wait_for_timeout(200)
    assert place.bounding_box() == before


def test_every_chip_of_the_chart_stays_on_the_page(open_page: OpenPage) -> None:
    page = open_page("/#dataset=gauss&seed=5&rate=0.1")
    page.get_by_label("As fast as the machine goes").click(force=True)
    expect(page.locator(".chart-train")).to_contain_text("·10", timeout=20_000)
    for theme in ("light", "projector"):
        choose_theme(page, theme)
        inside = page.locator("#loss").bounding_box()
        chip = page.locator("#show-metric").bounding_box()
        assert inside is not None
        assert chip is not None
        assert chip["x"] + chip["width"] <= inside["x"] + inside["width"] + 0.5


def test_the_settings_need_no_scrolling_on_a_projector(open_page: OpenPage) -> None:
    page = open_page()
    choose_theme(page, "projector")
    for data in ("moons", "arms", "breast_cancer", "digits"):
        visit(page, f"/#dataset={data}")
        beyond = page.locator("#setup").evaluate("(e) => e.scrollHeight - e.clientHeight")
        assert beyond == 0, data


def test_a_diverged_run_leaves_its_chart_in_its_place(open_page: OpenPage) -> None:
    page = open_page("/#dataset=moons&layers=4relu,4relu&rate=10&output=linear")
    choose_theme(page, "projector")
    expect(page.locator("#divergence")).to_be_visible()
    chart = page.locator("#loss").bounding_box()
    below = page.locator("#health-panel").bounding_box()
    assert chart is not None
    assert below is not None
    assert chart["height"] > 60
    assert chart["y"] + chart["height"] <= below["y"]


def test_the_fitted_curve_lies_above_the_points(open_page: OpenPage) -> None:
    page = open_page("/#dataset=sine&samples=2000")
    expect(layers := page.locator("#output canvas")).to_have_count(3)
    comes(page, lambda: layers.nth(1).evaluate(INK) > 0.02)  # the points
    comes(page, lambda: 0.005 < layers.nth(2).evaluate(INK) < 0.1)  # the curve, and nothing else
    page.get_by_title("moons").click()
    comes(page, lambda: layers.nth(2).evaluate(INK) == 0)


def test_what_comes_out_has_a_scale_of_its_own(open_page: OpenPage) -> None:
    """Outputs of ten do not flatten the bars of hidden units, which end at one."""
    page = open_page("/#dataset=penguins&layers=4tanh")
    page.get_by_label("As fast as the machine goes").click(force=True)
    legend = page.locator("#legend-network .legend")
    expect(legend.filter(has_text="hidden")).to_contain_text("−1")
    expect(legend.filter(has_text="output")).to_be_visible()
    page.wait_for_timeout(2000)  # training
    assert "−1" in legend.filter(has_text="hidden").inner_text()
    assert legend.filter(has_text="output").inner_text().split()[-1] not in ("1", "0.8")
    boxes = [one.bounding_box() for one in legend.all()]
    assert len({round(box["y"]) for box in boxes if box}) == 1


def test_a_sure_output_is_no_trouble(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_label("As fast as the machine goes").click(force=True)
    row = live_page.locator("#health tbody tr").last
    server_state(
        session_of(live_page),
        until=lambda t, d, f: (
            f.tensors["statistics"][-1, f.meta["statistics"].index("saturated_share")] > 0.9
        ),
        timeout=30,
    )
    pause(live_page, server_state)
    expect(row.locator("td").nth(2)).not_to_have_class(re.compile("trouble"))


def test_many_classes_are_columns_with_names_that_can_be_read(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=digits")
    becomes(page, server_state, dataset="digits")
    expect(page.locator("#example")).to_contain_text("training 1: ")
    chip = page.get_by_role("button", name="space", exact=True).bounding_box()
    strip = page.locator("#example").bounding_box()
    assert chip is not None
    assert strip is not None
    assert abs((chip["y"] + chip["height"] / 2) - (strip["y"] + strip["height"] / 2)) < 4


def test_a_page_without_a_server_says_that_it_is_connecting(
    open_page: OpenPage, base_url: str
) -> None:
    page = open_page().context.new_page()
    page.route_web_socket("**/ws", lambda socket: None)
    page.goto(base_url)
    words = page.locator(".network-frame").evaluate(
        "(e) => getComputedStyle(e, '::before').content"
    )
    assert "Connecting" in words
