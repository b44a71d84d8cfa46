"""Data sets and input features."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.datasets import datasets
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, case, pause, session_of, unfold

DRAWN = [name for name, info in datasets.items() if info.kind in ("plane", "curve")]
LISTED = [name for name in datasets if name not in DRAWN]


def test_every_data_set_can_be_chosen_and_trains(
    live_page: Page, server_state: ServerState
) -> None:
    for name in [*DRAWN[1:], *LISTED, DRAWN[0]]:
        info = datasets[name]
        if name in DRAWN:
            live_page.get_by_title(f"{info.title}: {info.note}").click()
        else:
            live_page.get_by_label("Tables and images").select_option(label=info.title)
        topology, dataset, frame = server_state(
            session_of(live_page),
            until=lambda t, d, f, name=name: d["name"] == name and f.meta["step"] > 0,  # type: ignore[misc]
        )
        assert topology["recipe"]["dataset"] == name
        expect(live_page.locator("#data-note")).to_contain_text(info.note)
        expect(live_page.get_by_role("radio", name=info.title, exact=True)).to_have_count(
            1 if name in DRAWN else 0
        )
        if name in DRAWN:
            expect(live_page.get_by_role("radio", name=info.title, exact=True)).to_be_checked()
            expect(live_page.get_by_label("Tables and images")).to_have_value("")
        else:
            expect(live_page.get_by_label("Tables and images")).to_have_value(name)
            expect(live_page.locator("#shapes input:checked")).to_have_count(0)
        expect(live_page.get_by_label("noise")).to_be_visible(visible="noise" in info.options)
        expect(live_page.get_by_role("slider", name="spiral arms")).to_be_visible(
            visible="arms" in info.options
        )
        names = dataset["columns"]
        columns = live_page.locator("#columns")
        if info.kind == "table":
            expect(columns).to_contain_text(names[0])
            expect(columns).to_contain_text(names[-1])
        else:
            expect(columns).to_be_visible(visible=info.kind != "plane")
        assert frame.meta["diverged"] is None


def test_sliders(live_page: Page, server_state: ServerState) -> None:
    for label, field, key, value in (
        ("noise", "noise", "ArrowRight", 0.21),
        ("noise", "noise", "End", 1),
        ("test share", "test_share", "ArrowLeft", 0.32),
        ("test share", "test_share", "Home", 0),
    ):
        with case((label, key)):
            before = server_state(session_of(live_page))[0]["version"]
            live_page.get_by_role("slider", name=label).press(key)
            topology, dataset, _ = becomes(live_page, server_state, **{field: value})
            assert topology["version"] > before
            shown = f"{value:.2f}" if field == "noise" else f"{100 * value:.0f} %"
            expect(live_page.locator(f"#{field}-value")).to_have_text(shown)
            total = dataset["train"]["count"] + dataset["test"]["count"]
            assert dataset["test"]["count"] / total == pytest.approx(
                topology["recipe"]["test_share"], abs=0.01
            )


def test_number_of_examples(live_page: Page, server_state: ServerState) -> None:
    unfold(live_page, "Examples")
    live_page.get_by_label("examples", exact=True).press("Home")
    _, dataset, _ = becomes(live_page, server_state, samples=20)
    assert dataset["train"]["count"] + dataset["test"]["count"] == 20
    expect(live_page.locator("#data-note")).to_contain_text(f"{dataset['train']['count']} to train")


def test_arms_of_the_spiral(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=arms&seed=0")  # three arms, as its icon has
    assert len(server_state(session_of(page))[1]["classes"]) == 3
    page.get_by_role("slider", name="spiral arms").press("ArrowRight")
    topology, dataset, _ = becomes(page, server_state, arms=4)
    assert len(dataset["classes"]) == 4
    assert topology["layers"][-1]["units"] == 4
    expect(page.locator("#arms-value")).to_have_text("4")


def test_features_on_and_off(live_page: Page, server_state: ServerState) -> None:
    pause(live_page, server_state)
    group = live_page.get_by_role("group", name="Input features")
    square = group.get_by_role("button", name="x₁²")
    expect(square).to_have_attribute("aria-pressed", "false")
    square.click()
    topology, _, _ = becomes(live_page, server_state, features=["x1", "x2", "x1_squared"])
    assert topology["layers"][0]["names"] == ["x₁", "x₂", "x₁²"]
    expect(square).to_have_attribute("aria-pressed", "true")
    expect(live_page.get_by_role("status")).not_to_be_empty()
    group.get_by_role("button", name="x₁", exact=True).click()
    becomes(live_page, server_state, features=["x2", "x1_squared"])
    square.click()
    becomes(live_page, server_state, features=["x2"])


def test_the_last_feature_stays_and_the_page_says_why(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&seed=0&features=x2")
    only = page.get_by_role("group", name="Input features").get_by_role(
        "button", name="x₂", exact=True
    )
    only.click()
    expect(
        page.get_by_role("alert").filter(has_text="At least one input must stay on.")
    ).to_be_visible()
    expect(only).to_have_attribute("aria-pressed", "true")
    assert server_state(session_of(page))[0]["recipe"]["features"] == ["x2"]
