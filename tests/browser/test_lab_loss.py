"""The lab's finder and landscape, and the files of all its figures."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import SVG, drawing, open_lab, race, saved
from tests.browser.page import expect_refusal, pause, session_of, type_in


def colours(place: Locator) -> int:
    """How many colours a drawing has on the screen: one that is blank has one or two."""
    return len(set(re.findall(r"rgb\([^)]*\)", place.locator("svg").first.inner_html())))


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


def test_the_finder_suggests_the_rate_that_is_applied_whatever_the_schedule(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&schedule=warmup&final=0.01&steps=1000&paused")
    place = open_lab(page, "finder")
    place.get_by_role("button", name="Start").click()
    use = place.get_by_role("button", name="Use")
    expect(use).to_be_visible()
    finder = server_state(session_of(page), until=lambda t, d, f: f.meta["lab"]["finder"]["done"])
    found = finder[2].meta["lab"]["finder"]
    assert found["rate"] < 0.3
    readout = place.locator(".lab-readout")
    expect(readout).to_contain_text(found["message"])
    expect(readout).to_contain_text("it multiplies the rate that you use")
    figure = place.get_by_role("img")
    expect(figure.get_by_text("256 training examples")).to_be_visible()
    expect(figure.get_by_text("now 3.00·10⁻⁴")).to_be_visible()
    expect(figure.get_by_text(f"middle: {found['rate']:#.3g}")).to_be_visible()
    use.click()
    rate = float(f"{found['rate']:.3g}")
    server_state(session_of(page), until=lambda t, d, f: t["recipe"]["learning_rate"] == rate)
    expect(use).to_contain_text("set")


def test_a_ramp_that_ends_too_early_says_so_and_offers_nothing(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    place = open_lab(page, "finder")
    type_in(page.locator("#finder-high"), "0.05")
    place.get_by_role("button", name="Start").click()
    expect(place.locator(".lab-readout")).to_contain_text("still falling")
    expect(place.locator(".lab-readout")).to_contain_text("try a higher end")
    expect(place.get_by_role("button", name="Use")).to_be_hidden()


def test_the_finder_refuses_beside_its_field(live_page: Page) -> None:
    place = open_lab(live_page, "finder")
    type_in(live_page.locator("#finder-steps"), "3")
    expect_refusal(live_page, live_page.locator("#finder-steps"), "got 3", "20 to 5000")
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
    expect(place.get_by_role("img")).to_have_count(2)
    map_, cut = place.get_by_role("img").all()
    expect(map_).to_have_accessible_name(re.compile("Loss from .* at step"))
    expect(map_.locator("path.level")).to_have_count(14)
    assert colours(place) >= 10
    expect(map_.locator("path.trail, path.step")).to_have_count(2)
    edge = f"{frame.meta['lab']['cut']['edge']:#.3g}"
    expect(cut.get_by_text(f"edge 2/λmax = {edge}")).to_be_visible()
    expect(place.locator(".lab-why")).to_contain_text("overshoots")
    expect(place.locator(".lab-why")).to_contain_text("all 336 training examples")
    expect(place.locator(".lab-why")).to_contain_text("the loss may fall for longer")
    expect(place.locator(".lab-readout")).to_contain_text("256 of the 336 training examples")
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
    assert list(rows[0]) == ["rate", "step", "train_loss", "test_loss"]
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
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert "training loss" in words
    caption = " · ".join(words)
    assert "336 training examples" in caption
    assert "from initial weights" in caption
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
    made = {text.text or "" for text in root.iter(f"{SVG}text")}
    said = next(words for words in made if "network 2–4–4–1 tanh" in words)
    assert "moons, 336 training examples" in said
    assert any("SGD, minibatch 10" in words for words in made)
    assert any("computed on 256 of them" in words for words in made)
    # The file ends with the drawing and its lines: no empty part below.
    box = [float(number) for number in (root.get("viewBox") or "").split()]
    lowest = max(float(text.get("y", "0")) for text in root.iter(f"{SVG}text"))
    assert box[1] + box[3] - lowest < 25
    button = place.get_by_role("button", name="SVG: Loss along the gradient")
    cut = drawing(live_page, button, "loss-cut.svg")
    assert any("computed on 336" in (text.text or "") for text in cut.iter(f"{SVG}text"))


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_no_word_of_the_landscape_runs_over_another_or_out_of_its_figure(
    open_page: OpenPage, server_state: ServerState, theme: str
) -> None:
    page = open_page("/#dataset=moons&l2=0.001&paused")
    page.get_by_label("theme").select_option(theme)
    page.get_by_role("button", name="One epoch").click()
    server_state(session_of(page), until=lambda t, d, f: f.meta["step"] >= 34)
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    place.get_by_role("button", name="Compute").click()
    expect(place.locator("circle.landing")).to_be_visible()
    map_, cut = place.get_by_role("img").all()
    expect(map_.get_by_text("loss and penalties", exact=True)).to_be_visible()
    expect(cut.get_by_text("loss and penalties after a step downhill")).to_be_visible()
    expect(map_.locator("path.level")).to_have_count(14)
    for figure in (map_, cut):
        room = figure.bounding_box()
        assert room is not None
        boxes = [text.bounding_box() for text in figure.locator("text").all()]
        for k, one in enumerate(boxes):
            assert one is not None
            assert one["x"] >= room["x"] - 1
            assert one["x"] + one["width"] <= room["x"] + room["width"] + 1
            for other in boxes[:k]:
                assert other is not None
                across = min(one["x"] + one["width"], other["x"] + other["width"])
                down = min(one["y"] + one["height"], other["y"] + other["height"])
                apart = across - max(one["x"], other["x"]), down - max(one["y"], other["y"])
                assert min(apart) < 7, (one, other)  # letters are lower than their line
    # The map takes the height that there is.
    room, legend = map_.bounding_box(), map_.locator("rect").last.bounding_box()
    assert room is not None
    assert legend is not None
    assert legend["y"] > room["y"] + 0.7 * room["height"]
