"""How it looks: themes, what the lines show, the table, the keys, sizes, names for all controls."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READY, OpenPage, ServerState
from tests.browser.page import case, comes, pause, session_of

SCROLLS = """() => [
  document.documentElement.scrollWidth - innerWidth,
  document.documentElement.scrollHeight - innerHeight,
]"""


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_one_page_without_scrolling_in_every_theme(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    ground = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    for theme in ("dark", "projector", "light"):
        with case(theme):
            page.get_by_label("theme").select_option(theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            assert page.evaluate(SCROLLS) == [0, 0]
            now = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
            assert (now == ground) == (theme != "dark")
            controls = page.locator("header").locator("button, select, input:not([type=radio])")
            for control in controls.locator("visible=true").all():
                box = control.bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= size[0]
            page.reload()
            page.locator(READY).wait_for(state="attached")
            expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_one_column_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert page.evaluate(SCROLLS)[0] == 0
    tops = [
        page.locator(part).bounding_box()["y"]  # type: ignore[index]
        for part in ("#network", "#output", "#loss", "#shapes", "#health")
    ]
    assert tops == sorted(tops)
    page.locator("#health").scroll_into_view_if_needed()
    expect(page.get_by_role("slider", name="learning rate")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_in_viewport()
    for control in ("#batch_size", "#seed", "#optimizer"):
        box = page.locator(control).bounding_box()
        assert box is not None
        assert box["height"] >= 24


def test_every_control_has_a_name(live_page: Page) -> None:
    live_page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    nameless = live_page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary, a")]
          .filter((e) => !(e.ariaLabel || e.textContent.trim() && e.tagName !== "SELECT"
            || [...(e.labels ?? [])].some((label) => label.textContent.trim())))
          .map((e) => e.outerHTML)"""
    )
    assert nameless == []


def test_words_stand_out_from_their_ground(live_page: Page) -> None:
    """Contrast of at least 4.5 in every theme, for text and for what is muted or in trouble."""
    ratio = """() => {
      const style = getComputedStyle(document.documentElement);
      const light = (name) => {
        const [r, g, b] = style.getPropertyValue(name).match(/[0-9a-f]{2}/gi)
          .map((byte) => parseInt(byte, 16) / 255)
          .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const pairs = [["--ink", "--paper"], ["--ink", "--panel"], ["--muted", "--paper"],
        ["--muted", "--panel"], ["--trouble", "--trouble-paper"], ["--on-accent", "--accent"]];
      return pairs.map(([a, b]) => [a, b, Math.max(light(a) / light(b), light(b) / light(a))]);
    }"""
    for theme in ("light", "dark", "projector"):
        live_page.get_by_label("theme").select_option(theme)
        assert [pair for pair in live_page.evaluate(ratio) if pair[2] < 4.5] == []


@pytest.mark.parametrize(("name", "title"), [("gradients", "gradient"), ("updates", "next update")])
def test_what_the_lines_show(live_page: Page, name: str, title: str) -> None:
    legend = live_page.locator("#legend-network")
    expect(legend.get_by_text("weight", exact=True)).to_be_visible()
    live_page.get_by_role("radio", name=name).check(force=True)
    expect(legend.get_by_text(title, exact=True)).to_be_visible()
    expect(live_page.get_by_role("radio", name=name)).to_be_checked()


def test_switches_of_the_pictures(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    for name, where in {
        "test points": "#output",
        "log loss": "#loss",
        "decision": "#output",
        "log step": "#loss",
    }.items():
        with case(name):
            live_page.wait_for_timeout(300)  # what was switched before has been drawn
            button = live_page.get_by_role("button", name=name)
            was = button.get_attribute("aria-pressed")
            redraws(live_page.locator(where), button)
            expect(button).to_have_attribute("aria-pressed", "false" if was == "true" else "true")


def test_the_accuracy_has_a_heading_and_percents_of_its_own(
    live_page: Page, server_state: ServerState
) -> None:
    _, _, frame = pause(live_page, server_state)
    live_page.locator("#show-metric").click()
    expect(live_page.locator("#loss-title")).to_have_text("accuracy")
    expect(live_page.get_by_role("button", name="log loss")).to_be_hidden()
    share = 100 * frame.meta["train_metric"]
    expect(live_page.locator(".chart-train b")).to_have_text(f"{share:.1f} %")
    live_page.locator("#show-metric").click()
    expect(live_page.locator("#loss-title")).to_have_text("Loss")
    expect(live_page.get_by_role("button", name="log loss")).to_be_visible()


def redraws(picture: Locator, button: Locator) -> None:
    before = picture.screenshot()
    button.click()
    comes(picture.page, lambda: picture.screenshot() != before)


def test_the_table_has_the_numbers_of_the_frame(live_page: Page, server_state: ServerState) -> None:
    topology, _, frame = pause(live_page, server_state)
    live_page.get_by_text("network as a table").click()
    live_page.locator("#table-layer").select_option("3")
    rows = live_page.locator("#network-table tbody tr")
    expect(rows).to_have_count(5)
    panel = live_page.locator(".table-panel").bounding_box()
    health = live_page.locator("#health-panel").bounding_box()
    table = live_page.locator("#network-table table").bounding_box()
    assert panel is not None
    assert health is not None
    assert table is not None
    assert abs(panel["y"] - health["y"]) <= 1
    assert table["width"] > 0.9 * panel["width"]
    offset = topology["layers"][3]["offset"]
    for k in range(5):
        button = rows.nth(k).locator("td button")
        assert (
            float((button.get_attribute("title") or "").partition("\n")[0])
            == frame.tensors["parameters"][offset + k]
        )
    live_page.get_by_role("button", name="output ŷ").click()
    expect(live_page.locator("#card h3")).to_contain_text("output ŷ")
    live_page.locator("#status").click()
    live_page.keyboard.press("Escape")
    expect(live_page.locator("#card h3")).not_to_contain_text("output ŷ")


def test_the_list_of_keys(live_page: Page) -> None:
    live_page.locator("#status").click()
    live_page.keyboard.press("?")
    keys = live_page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("play or pause")
    live_page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    live_page.get_by_role("button", name="keys").click()
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()


def test_a_page_that_was_hidden_goes_on(live_page: Page, server_state: ServerState) -> None:
    other = live_page.context.new_page()
    other.bring_to_front()
    live_page.wait_for_timeout(300)
    other.close()
    live_page.bring_to_front()
    step = server_state(session_of(live_page))[2].meta["step"]
    live_page.wait_for_function(
        "(step) => Number(document.querySelector('#counter').textContent"
        ".split(' ')[0].replaceAll(',', '')) > step",
        arg=step,
    )
