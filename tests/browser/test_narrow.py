"""Between a phone and a projector: half a screen, an old projector, a phone on its side."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.page import case, comes, visit
from tests.browser.test_legible import choose_theme, colliding, texts


def box_of(element: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is seen of it."""
    box = element.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_switches_above_the_network_are_whole_at_1024_pixels(
    open_page: OpenPage, theme: str
) -> None:
    page = open_page("/#paused", viewport={"width": 1024, "height": 768})
    choose_theme(page, theme)
    for data in ("penguins", "digits", "wine", "moons"):
        visit(page, f"/#dataset={data}&paused")
        with case(data):
            left, _, right, _ = box_of(page.locator("#stage"))
            choices = page.locator(".stage-line .switch:visible")
            expect(choices).to_have_count(2)
            for choice in choices.all():
                assert choice.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
            boxes = [box_of(choice) for choice in choices.all()]
            assert left <= boxes[0][0]
            assert boxes[1][2] <= right
            assert all(one[2] < other[0] for one, other in itertools.pairwise(boxes))
            assert colliding(texts(page.locator(".stage-line"))) == []
            scales = texts(page.locator("#legend-network"))
            assert all(scale["right"] <= right - 8 for scale in scales), scales


def shows_more(page: Page) -> bool:
    """Whether the foot of the settings fades out."""
    more = page.locator("#setup").evaluate("(e) => getComputedStyle(e).getPropertyValue('--more')")
    return float(more) > 0.5


def test_settings_that_go_on_below_fade_out(open_page: OpenPage) -> None:
    page = open_page("/#paused&layers=" + ",".join(["32relu"] * 8))
    settings = page.locator("#setup")
    choose_theme(page, "projector")
    assert settings.evaluate("(e) => e.scrollHeight - e.clientHeight") > 8
    assert shows_more(page)
    settings.evaluate("(e) => e.scrollTo(0, e.scrollHeight)")
    page.wait_for_function("() => document.querySelector('#setup').scrollTop > 0")
    page.wait_for_timeout(100)
    assert not shows_more(page)
    visit(page, "/#paused&layers=2relu")
    choose_theme(page, "projector")
    assert settings.evaluate("(e) => e.scrollHeight - e.clientHeight") == 0
    assert not shows_more(page)


def within(page: Page, top: float, bottom: float) -> None:
    """The network, what comes out and the loss are seen whole, and stand apart."""
    parts = [box_of(page.locator(f"#{name}")) for name in ("stage", "output", "loss")]
    for left, upper, right, lower in parts:
        assert left >= 0
        assert right <= page.evaluate("innerWidth")
        assert upper >= top - 1
        assert lower <= bottom + 1
        assert lower - upper >= 60
    for one, other in itertools.combinations(parts, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        assert across <= 1 or down <= 1
    for place in ("#stage", "#results", "header"):
        assert colliding(texts(page.locator(place))) == []
    for button in page.locator("#results .toggles button:visible").all():
        assert box_of(button)[2] <= box_of(page.locator("#results"))[2]


@pytest.mark.parametrize("data", ["moons", "penguins", "digits"])
@pytest.mark.parametrize("size", [(960, 1040), (1000, 600), (720, 900)])
def test_half_a_screen_shows_network_output_and_loss_at_once(
    open_page: OpenPage, size: tuple[int, int], data: str
) -> None:
    width, height = size
    page = open_page(f"/#dataset={data}&paused", viewport={"width": width, "height": height})
    within(page, box_of(page.locator("header"))[3], box_of(page.locator("#timeline"))[1])
    # No room is kept for lines that nothing stands in.
    assert box_of(page.locator("#stage"))[3] - box_of(page.locator("#card"))[3] < 12
    assert box_of(page.locator("#card"))[3] - box_of(page.locator("#card"))[1] < 40


def test_a_diverged_run_leaves_the_output_its_place_on_half_a_screen(open_page: OpenPage) -> None:
    page = open_page(
        "/#dataset=moons&layers=4relu,4relu&rate=10&output=linear",
        viewport={"width": 960, "height": 1040},
    )
    expect(page.locator("#divergence")).to_be_visible()
    within(page, box_of(page.locator("header"))[3], box_of(page.locator("#timeline"))[1])
    output = box_of(page.locator("#output"))
    assert output[3] - output[1] > 300


@pytest.mark.parametrize("size", [(844, 390), (1000, 600)])
def test_a_diverged_run_leaves_the_loss_its_place_beside_the_network(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    page = open_page("/#rate=90&output=linear", viewport=viewport)
    expect(page.locator("#divergence")).to_be_visible()
    for parts in ("#loss", "#output"):
        upper, lower = (box_of(page.locator(parts))[k] for k in (1, 3))
        assert lower - upper > 90
    chart = box_of(page.locator("#loss canvas").first)
    assert chart[3] <= box_of(page.locator("#results"))[3]


@pytest.mark.parametrize("size", [(1000, 600), (960, 640)])
def test_slow_motion_is_told_on_the_screen_beside_what_it_tells(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page("/#paused", viewport={"width": size[0], "height": size[1]})
    choose_theme(page, "projector" if size == (960, 640) else "light")
    page.get_by_role("button", name="Slow motion", exact=True).click()
    told, clock = page.locator(".slow-formula"), page.locator("#timeline")
    for phase, words in {"initialisation": "w ~ U(", "loss": "this example: ℓ ="}.items():
        page.get_by_role("button", name=phase, exact=True).click()
        expect(told).to_contain_text(words)
        comes(page, lambda: box_of(told)[3] <= box_of(clock)[1])
        assert box_of(page.locator("#microscope"))[1] - box_of(page.locator("header"))[3] > 200


@pytest.mark.parametrize("size", [(844, 390), (667, 375), (932, 430)])
def test_a_phone_on_its_side_keeps_play_and_the_learning_rate(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    width, height = size
    viewport = {"width": width, "height": height}
    page = open_page("/#paused&dataset=penguins", viewport=viewport, has_touch=True, is_mobile=True)
    tops = [box_of(page.locator(f".block.{name}"))[1] for name in ("speed", "counter", "losses")]
    assert max(tops) - min(tops) < 1
    page.evaluate("scrollTo(0, 4.5 * parseFloat(getComputedStyle(document.body).fontSize))")
    below = box_of(page.locator("header"))[3]
    assert below < 80
    if width >= 840:
        within(page, below, height)
    else:  # too narrow for all three
        assert below <= box_of(page.locator("#stage"))[1] + 1
        assert box_of(page.locator("#stage"))[3] <= height
    assert colliding(texts(page.locator("#stage"))) == []
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator("footer")).to_be_in_viewport()
    middles = []
    for control in ("#play", "#rate-slider", "#rate"):
        left, top, right, bottom = box_of(page.locator(control))
        assert left >= 0
        assert right <= width
        assert top >= 0
        assert bottom <= below
        middles.append((top + bottom) / 2)
    assert max(middles) - min(middles) < 12
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#timeline")).not_to_be_in_viewport()
