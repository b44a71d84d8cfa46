"""The learning-rate lab: what a person sees of it, and what the server then has in force."""

from __future__ import annotations

import csv
import io
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import expect_refusal, pause, session_of, type_in
from tests.browser.test_legible import PHONE, choose_theme, colliding, texts

LABELS = {"too slow", "converging", "oscillating", "diverged"}
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


def colours(place: Locator) -> int:
    """How many colours a drawing has on the screen: one that is blank has one or two."""
    return len(set(re.findall(r"rgb\([^)]*\)", place.locator("svg").first.inner_html())))


def test_the_lab_takes_the_place_of_the_network_and_gives_it_back(live_page: Page) -> None:
    place = open_lab(live_page)
    expect(place).to_contain_text("many learning rates, side by side")
    expect(live_page.locator("#output canvas").first).to_be_visible()
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
    for label in LABELS:
        count = info["labels"][0].count(label)
        expect(finals.get_by_text(f"{label} {count}", exact=True)).to_be_visible()
    place.get_by_text("How are these told apart?").click()
    expect(place.get_by_text("above ten times what it was at the start")).to_be_visible()


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
    mark = place.locator("g.runner[data-key='0-1'] > :not(title)").bounding_box()
    assert mark is not None
    live_page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    expect(place.locator(".lab-tile.on")).to_have_attribute("data-key", "0-1")


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
        mark = place.locator("g.runner[data-key='0-2'] > :not(title)").bounding_box()
        assert mark is not None
        live_page.mouse.click(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
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


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("count", "1000000", ["1000000", "2 to 64"]),
        ("high", "0.00001", ["more than"]),
        ("low", "0", ["1e-8 to 1000"]),
        ("steps", "many", ["many", "a number"]),
    ],
)
def test_what_cannot_race_is_refused_beside_its_field(
    live_page: Page, field: str, text: str, words: list[str]
) -> None:
    place = open_lab(live_page)
    control = live_page.locator(f"#race-{field}")
    control.fill(text)
    place.get_by_role("button", name="Start").click()
    expect_refusal(live_page, control, *words)
    expect(place.locator(".lab-tile")).to_have_count(0)


def test_a_diverged_replica_is_not_adopted_and_the_page_says_why(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=mpg")
    place = race(page, server_state, low="0.01", high="1000", count="2")
    tile = place.locator(".lab-tile").last
    expect(tile).to_have_accessible_name(re.compile("diverged"))
    tile.click()
    expect_refusal(page, tile, "diverged")


def test_the_finder_suggests_a_rate_that_is_used(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&rate=0.0001")
    pause(page, server_state)
    place = open_lab(page, "finder")
    place.get_by_role("button", name="Start").click()
    use = place.get_by_role("button", name="Use")
    expect(use).to_be_visible()
    finder = server_state(session_of(page), until=lambda t, d, f: f.meta["lab"]["finder"]["done"])
    found = finder[2].meta["lab"]["finder"]
    expect(place.locator(".lab-readout")).to_have_text(found["message"])
    figure = place.get_by_role("img")
    expect(figure.get_by_text("suggested")).to_be_visible()
    assert len(figure.locator("path.raw").get_attribute("d") or "") > 500
    assert len(figure.locator("path.smooth").get_attribute("d") or "") > 500
    use.click()
    rate = float(f"{found['rate']:.3g}")
    server_state(session_of(page), until=lambda t, d, f: t["recipe"]["learning_rate"] == rate)
    expect(use).to_be_disabled()
    place.get_by_role("button", name="Close").click()
    expect(place).to_contain_text("A copy of the network trains")


def test_the_finder_refuses_beside_its_field(live_page: Page) -> None:
    place = open_lab(live_page, "finder")
    type_in(live_page.locator("#finder-steps"), "3")
    expect_refusal(live_page, live_page.locator("#finder-steps"), "got 3", "20…5000")
    expect(place.get_by_role("img")).to_be_hidden()


def test_the_landscape_and_the_cut_show_the_next_step_at_the_rate_in_force(
    live_page: Page, server_state: ServerState
) -> None:
    place = open_lab(live_page, "landscape")
    live_page.locator("#map-size").select_option("21")
    live_page.wait_for_timeout(500)
    pause(live_page, server_state)
    place.get_by_role("button", name="Compute").click()
    frame = server_state(
        session_of(live_page),
        until=lambda t, d, f: (
            f.meta["lab"]["cut"]
            and f.meta["lab"]["map"]
            and f.meta["lab"]["map"]["rows"] == f.meta["lab"]["map"]["size"]
        ),
        timeout=20,
    )[2]
    map_, cut = place.get_by_role("img").all()
    expect(map_).to_have_accessible_name(re.compile("Loss from .* at step"))
    expect(map_.locator("path.level")).to_have_count(14)
    assert colours(place) >= 10
    expect(map_.locator("path.trail, path.step")).to_have_count(2)
    edge = f"{frame.meta['lab']['cut']['edge']:#.3g}"
    expect(cut.get_by_text(f"edge 2/λmax = {edge}")).to_be_visible()
    expect(place.locator(".lab-why")).to_contain_text("overshoots")
    expect(place.locator(".lab-readout")).to_contain_text("The network stands there")
    landing = cut.locator("circle.landing")
    before = landing.bounding_box()
    type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.1")
    expect(cut.get_by_text("rate 0.100")).to_be_visible()
    after = landing.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] > before["x"]
    live_page.get_by_role("button", name="One epoch").click()
    expect(place.locator(".lab-readout")).to_contain_text("compute anew")
    place.get_by_role("button", name="Close").click()
    expect(place).to_contain_text("walks downhill")


def test_a_path_that_was_not_walked_is_refused_beside_the_plane(open_page: OpenPage) -> None:
    page = open_page("/#dataset=moons&paused")
    place = open_lab(page, "landscape")
    page.locator("#map-plane").select_option("path")
    place.get_by_role("button", name="Compute").click()
    expect_refusal(page, page.locator("#map-plane"), "path")


def test_files_of_a_race(live_page: Page, server_state: ServerState) -> None:
    place = race(live_page, server_state)
    frame = server_state(session_of(live_page))[2]
    name, content = saved(live_page, place.get_by_role("button", name="CSV"))
    assert name == "race.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert list(rows[0]) == ["rate", "lane", "step", "train_loss", "test_loss"]
    steps = frame.tensors["race_steps"]
    assert len(rows) == 5 * len(steps)
    assert [float(row["train_loss"]) for row in rows] == pytest.approx(
        frame.tensors["race_train"].ravel(), rel=1e-6
    )
    assert float(rows[-1]["rate"]) == frame.meta["lab"]["race"]["rates"][-1]
    assert float(rows[-1]["step"]) == 200
    root = drawing(
        live_page, place.get_by_role("button", name="SVG: Loss over the race"), "race-losses.svg"
    )
    paths = [path.get("d", "") for path in root.iter(f"{SVG}path")]
    assert len([d for d in paths if d.count("L") > 20]) == 5
    assert "training loss" in {text.text for text in root.iter(f"{SVG}text")}
    name, picture = saved(live_page, place.get_by_role("button", name="PNG: Loss over the race"))
    assert name == "race-losses.png"
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(picture) > 10_000
    drawing(live_page, place.get_by_role("button", name="SVG: Loss against"), "race-rates.svg")
    name, content = saved(live_page, place.get_by_role("button", name="SVG: Outputs"))
    assert name == "race-outputs.svg"
    pictures = ET.fromstring(content)
    assert len(list(pictures.iter(f"{SVG}image"))) == 5
    assert "rate 0.0316" in {text.text for text in pictures.iter(f"{SVG}text")}


def test_a_file_of_the_map_has_its_levels_as_lines(
    live_page: Page, server_state: ServerState
) -> None:
    place = open_lab(live_page, "landscape")
    live_page.locator("#map-size").select_option("21")
    live_page.wait_for_timeout(300)
    place.get_by_role("button", name="Compute").click()
    expect(place.locator("circle.landing")).to_be_visible()
    expect(place.locator("path.level").first).to_be_visible()
    button = place.get_by_role("button", name="SVG: Loss around the weights")
    root = drawing(live_page, button, "loss-map.svg")
    assert len([p for p in root.iter(f"{SVG}path") if p.get("fill-rule") == "evenodd"]) == 14
    button = place.get_by_role("button", name="SVG: Loss along the gradient")
    drawing(live_page, button, "loss-cut.svg")


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
