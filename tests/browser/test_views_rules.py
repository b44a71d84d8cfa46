"""What the drawings decide by arithmetic alone, run in the browser that will run it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import OpenPage


@pytest.fixture(scope="module")
def blank(browser: Browser, base_url: str) -> Any:
    """A page of the server without the application: modules can be imported in it."""
    page = browser.new_page()
    page.goto(f"{base_url}/healthz")
    yield page
    page.close()


def call(page: Page, module: str, body: str, *arguments: Any) -> Any:
    """Import a module of `static/` as `m` and return the value of an expression in m and a."""
    return page.evaluate(
        f"async (a) => {{ const m = await import('/static/{module}'); return {body}; }}",
        list(arguments),
    )


def topology(units: list[int], **more: Any) -> dict[str, Any]:
    """A topology message, as far as the layout reads it."""
    layers: list[dict[str, Any]] = []
    row = offset = 0
    for index, count in enumerate(units):
        before = units[index - 1] if index else 0
        kind = "input" if index == 0 else "output" if index == len(units) - 1 else "hidden"
        names = [f"name {k}" for k in range(count)] if kind != "hidden" else []
        layers.append(
            {"index": index, "kind": kind, "units": count, "row": row, "names": names}
            | {"offset": offset if index else None, "fan_in": before, "activation": "tanh"}
            | {"batch_norm": False, "dropout": 0, "scale_offset": None, "shift_offset": None}
            | more
        )
        row += count
        offset += count * (before + 1) if index else 0
    return {"version": 1, "layers": layers, "parameters": offset, "rows": row}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0305, "0.0305"),
        (-1.2, "−1.20"),
        (1234.5, "1235"),
        (12345, "1.23·10⁴"),
        (4.1e-6, "4.10·10⁻⁶"),
        (-7.9e12, "−7.90·10¹²"),
        (None, "not a number"),
    ],
)
def test_three_significant_digits(blank: Page, value: float | None, text: str) -> None:
    assert call(blank, "views/format.js", "m.significant(a[0])", value) == text


NETWORKS = [[2, 4, 4, 1], [2, 1], [7, *[32] * 8, 5], [30, 4, 2], [2, *[6] * 8, 1], [4, 32, 3]]


@pytest.mark.parametrize("units", NETWORKS, ids=str)
@pytest.mark.parametrize("size", [(764, 423), (370, 267), (1200, 700)], ids=str)
def test_layout_keeps_every_unit_in_sight_and_apart(
    blank: Page, units: list[int], size: tuple[int, int]
) -> None:
    width, height = size
    boxes = call(
        blank,
        "views/network-layout.js",
        "m.layoutNetwork(a[0], {width: a[1], height: a[2]}, 'plane', 13).units",
        topology(units),
        width,
        height,
    )
    assert len(boxes) == sum(units)
    for box in boxes:
        half = box["size"] / 2
        assert half >= 2
        assert half <= box["x"] <= width - half
        assert 64 + half <= box["y"] <= height - half
    for one in boxes:
        for other in boxes:
            if (one["layer"], one["unit"]) < (other["layer"], other["unit"]):
                apart = max(abs(one["x"] - other["x"]), abs(one["y"] - other["y"]))
                assert apart >= (one["size"] + other["size"]) / 2 - 0.5


@pytest.mark.parametrize("units", [[2, 4, 4, 1], [7, *[32] * 8, 5], [30, 6, 2]], ids=str)
def test_what_is_drawn_can_be_hit(blank: Page, units: list[int]) -> None:
    found = blank.evaluate(
        """async (topology) => {
          const { layoutNetwork } = await import("/static/views/network-layout.js");
          const { hit, curveX, curveY } = await import("/static/views/network-hit.js");
          const plan = layoutNetwork(topology, { width: 764, height: 423 }, "plane", 13);
          const { edges } = plan;
          const same = (mark, kind, { layer, unit }) =>
            mark?.kind === kind && mark.layer === layer && mark.unit === unit;
          let near = 0;
          for (let k = 0; k < edges.count; k++) {
            const x = curveX(edges.x1[k], edges.x2[k], 0.5);
            const y = curveY(edges.y1[k], edges.y2[k], 0.5);
            if (hit(plan, x, y)) near += 1;
          }
          return {
            units: plan.units.every((box) => same(hit(plan, box.x, box.y), "unit", box)),
            biases: plan.biases.every((disc) => same(hit(plan, disc.x, disc.y), "bias", disc)),
            edges: near === edges.count && edges.count,
            nothing: hit(plan, 380, 5),
          };
        }""",
        topology(units),
    )
    weights = sum(a * b for a, b in pairwise(units))
    assert found == {"units": True, "biases": True, "edges": weights, "nothing": None}


def test_an_image_is_one_picture_without_edges(blank: Page) -> None:
    plan = call(
        blank,
        "views/network-layout.js",
        "m.layoutNetwork(a[0], {width: 764, height: 423}, 'image', 13)",
        topology([64, 16, 10]),
    )
    assert len(plan["units"]) == 26
    assert plan["edges"]["count"] == 160
    assert [column["content"] for column in plan["columns"]] == ["picture", "picture", "bars"]


@pytest.mark.parametrize("units", [[64, *[32] * 8, 10], [64, 32, 10], [64, 10]], ids=str)
@pytest.mark.parametrize("size", [(757, 380), (645, 340), (360, 267)], ids=str)
def test_no_layer_stands_in_an_image(blank: Page, units: list[int], size: tuple[int, int]) -> None:
    columns = call(
        blank,
        "views/network-layout.js",
        "m.layoutNetwork(a[0], {width: a[1], height: a[2]}, 'image', 13).columns",
        topology(units),
        *size,
    )
    assert columns[0]["size"] > 40
    assert all(one["right"] + 4 < other["left"] for one, other in pairwise(columns))


def test_a_range_is_round_follows_and_does_not_flicker(blank: Page) -> None:
    ranges = call(
        blank,
        "views/ranges.js",
        """(() => {
          const range = m.createRange();
          const seen = [];
          let now = 0;
          for (const size of a[0]) { range.follow(size, (now += 33)); seen.push(range.value); }
          return seen;
        })()""",
        [1.4] + [1.2, 1.45, 0.9, 1.1] * 50 + [0.01] * 300 + [0] * 5,
    )
    assert set(ranges[:200]) == {1.5}
    assert ranges[-1] in (0.01, 0.015, 0.02)
    assert ranges[-1] == ranges[-50]
    assert call(blank, "views/ranges.js", "m.robustMax(new Float32Array([1, NaN, -2, 1/0]))") == 2


def test_the_chart_leaves_gaps_for_what_no_axis_can_show(blank: Page) -> None:
    history = [0, 1, 2, 1, 0, 0.5, 2, 3, 4, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.03, 0.03, 0.1]
    columns = call(
        blank,
        "views/loss-data.js",
        "m.columnsOf(new Float64Array(a[0]), 3, {logY: true, logX: true, showMetric: false})",
        history,
    )
    assert columns == [[1, 2], [None, 0.5], [3, 4]]
    broken = call(
        blank,
        "views/loss-data.js",
        "m.columnsOf(new Float64Array([0, 1, NaN, 1/0, 0, 0, 0, 0, 0, 0, 1, 1]), 2,"
        " {logY: false, logX: false, showMetric: false})",
    )
    assert broken == [[0, 1], [None, None], [0, 0]]
    changes = call(blank, "views/loss-data.js", "m.rateChanges(new Float64Array(a[0]), 3)", history)
    assert changes == [{"step": 2, "rate": 0.1}]
    ticks = call(blank, "views/loss-data.js", "m.logSplits(0.004, 3)")
    assert ticks == [0.01, 0.1, 1]
    narrow = [(0.0132, 0.9, 2.4), (0.005, 0.02, 1.3), (1.01, 4.04, 1), (0.02, 7e3, 1)]
    for low, high, room in narrow:
        few = call(blank, "views/loss-data.js", "m.logSplits(...a)", low, high, room)
        assert 2 <= len(few) <= 3, few
        assert all(low <= tick <= high for tick in few)


def test_colours_are_read_from_the_theme_and_meet_in_zero(open_page: OpenPage) -> None:
    page = open_page()
    scale = call(
        page,
        "colour.js",
        "(() => { const { value } = m.themeOf('light');"
        " return [value.at(-1), value.at(0), value.at(1), value.at(-9), value.at(NaN)]; })()",
    )
    assert scale[0] == scale[3] == "rgb(224,129,43)"
    assert scale[2] == "rgb(42,111,187)"
    with pytest.raises(Exception, match="colour: got"):
        call(page, "colour.js", "m.parseColour('blue-ish')")
