"""The address: the recipe in force, readable, and the same run when it is opened again."""

from __future__ import annotations

import re
from threading import Event
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests import live
from tests.browser.conftest import READY, OpenPage, ServerState
from tests.browser.page import becomes, case, comes, meta_becomes, session_of, type_in, visit

RECIPE: dict[str, Any] = {
    "dataset": "rings",
    "samples": 300,
    "noise": 0.35,
    "test_share": 0.5,
    "features": ["x1", "x2", "sin_x1"],
    "layers": [
        {"units": 5, "activation": "leaky_relu", "batch_norm": True, "dropout": 0.2},
        {"units": 3, "activation": "tanh", "batch_norm": False, "dropout": 0.0},
    ],
    "output_activation": "linear",
    "loss": "cross_entropy",
    "optimizer": "adam",
    "optimizer_options": {"beta1": 0.8},
    "learning_rate": 1e-05,
    "batch_size": 7,
    "l1": 0.001,
    "l2": 0.002,
    "clip_norm": 3.5,
    "initializer": "normal",
    "std": 0.7,
    "seed": 4294967295,
}


def test_the_address_names_data_and_seed_and_what_differs(live_page: Page) -> None:
    expect(live_page).to_have_url(re.compile(r"#dataset=moons&seed=0$"))
    type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.5")
    expect(live_page).to_have_url(re.compile(r"#dataset=moons&seed=0&rate=0\.5$"))


def test_every_recipe_is_the_same_after_the_way_through_the_address(live_page: Page) -> None:
    back = live_page.evaluate(
        """async (recipe) => {
            const { toHash, fromHash } = await import("/static/url.js");
            const read = (id) => JSON.parse(document.getElementById(id).textContent);
            const hash = toHash(recipe, read("start").defaults);
            return { hash, ...fromHash("#" + hash, read("catalog")) };
        }""",
        {**RECIPE, "arms": 4},
    )
    assert back["mistakes"] == []
    assert back["recipe"] == {**RECIPE, "arms": 4}, back["hash"]


def test_a_shared_link_gives_the_same_data_network_and_initial_weights(
    open_page: OpenPage, server_state: ServerState, base_url: str
) -> None:
    with live.viewer(base_url, **RECIPE) as made:
        assert made.frame is not None
        address = (
            "/#dataset=rings&seed=4294967295&samples=300&noise=0.35&test=0.5&features=x1,x2,sin_x1"
            "&layers=5leaky_relu.bn.drop0.2,3tanh&output=linear&loss=cross_entropy&optimizer=adam"
            "&beta1=0.8&rate=0.00001&batch=7&l1=0.001&l2=0.002&clip=3.5&init=normal&std=0.7&paused"
        )
        page = open_page(address)
        for _ in range(2):
            topology, dataset, frame = meta_becomes(page, server_state, step=0, playing=False)
            assert topology["recipe"] == made.topology["recipe"]
            assert dataset["train"] == made.dataset["train"]
            assert np.array_equal(frame.tensors["parameters"], made.frame.tensors["parameters"])
            page.reload()
            page.locator(READY).wait_for(state="attached")


def test_edits_of_the_architecture_are_in_the_link(
    live_page: Page, open_page: OpenPage, server_state: ServerState
) -> None:
    live_page.get_by_role("button", name="Add a neuron to layer 1").click()
    live_page.get_by_label("Activation of layer 2").select_option("relu")
    expect(live_page).to_have_url(re.compile(r"layers=5tanh,4relu"))
    live_page.get_by_role("button", name="Reset", exact=True).first.click()
    one = server_state(session_of(live_page))[0]
    other = open_page("/#" + live_page.url.partition("#")[2])
    assert server_state(session_of(other))[0]["recipe"] == one["recipe"]


def test_copy_link(open_page: OpenPage) -> None:
    page = open_page("/", permissions=["clipboard-read", "clipboard-write"])
    type_in(page.get_by_role("textbox", name="Learning rate"), "0.25")
    expect(page.get_by_role("slider", name="learning rate")).to_have_value("-0.602")
    page.get_by_role("button", name="copy link").click()
    expect(page.locator("#status")).to_contain_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("#dataset=moons&seed=0&rate=0.25")


def test_mistakes_in_the_address_are_said_and_the_rest_is_in_force(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=xor&noise=much")
    expect(page.get_by_role("alert").filter(has_text="noise=much")).to_be_visible()
    for part, words in {
        "noise=lots": "number",
        "noise=7": "0 to 1",
        "layers=4tanh,verymany": "4tanh",
        "layers=99tanh": "1 to 32",
        "optimizer=magic": "sgd",
        "batch=2.5": "a whole number, 1 to 2000",
        "momentum=0.5": "sgd has no such option",
        "optimizer=momentum&momentum=7": "0 to 0.999",
        "colour=blue": "dataset",
    }.items():
        with case(part):
            visit(page, f"/#dataset=circle&seed=8&{part}")
            alert = page.get_by_role("alert").filter(has_text=part.rpartition("&")[2])
            expect(alert).to_contain_text(words)
            recipe = server_state(session_of(page))[0]["recipe"]
            assert (recipe["dataset"], recipe["seed"], recipe["noise"]) == ("circle", 8, 0.2)
            alert.get_by_role("button", name="Understood").click()
            expect(alert).to_be_hidden()


@pytest.mark.parametrize("points", ["", "&points=1:2", "&points=0:1,0:1", "&points=0:1,5"])
def test_a_curve_that_is_none_is_left_out_and_the_rest_starts(
    open_page: OpenPage, server_state: ServerState, points: str
) -> None:
    page = open_page(f"/#dataset=circle&seed=8&schedule=curve{points}")
    expect(page.get_by_role("alert").filter(has_text="was left out")).to_be_visible()
    recipe = server_state(session_of(page))[0]["recipe"]
    assert (recipe["dataset"], recipe["seed"]) == ("circle", 8)
    assert recipe["schedule"]["kind"] == "constant"


def test_a_tiny_dropout_is_in_the_address(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=circle&layers=4tanh.drop1e-7,4tanh.drop0.25")
    layers = server_state(session_of(page))[0]["recipe"]["layers"]
    assert [layer["dropout"] for layer in layers] == [1e-7, 0.25]


def test_an_address_counts_as_entered_though_the_old_one_is_written_over_it(
    live_page: Page,
) -> None:
    live_page.evaluate(
        """() => {
            const old = location.href;
            location.hash = "#dataset=circle&batch=2.5";
            history.replaceState(null, "", old);
        }"""
    )
    expect(live_page.get_by_role("alert").filter(has_text="batch=2.5")).to_be_visible()
    expect(live_page).to_have_url(re.compile("#dataset=circle&seed=0"))  # what is in force


def test_what_does_not_fit_together_is_left_out_in_words(
    live_page: Page, server_state: ServerState
) -> None:
    for asked, words in {
        "iris&seed=4&loss=cross_entropy&output=tanh": ["output", "linear"],
        "mpg&seed=4&loss=cross_entropy": ["loss", "regression"],
        "mpg&seed=4&output=tanh&loss=cross_entropy": ["loss", "regression"],
    }.items():
        with case(asked):
            visit(live_page, f"/#dataset={asked}")
            alert = live_page.locator("#mistakes")
            for part in words:
                expect(alert).to_contain_text(part)
            recipe = server_state(session_of(live_page))[0]["recipe"]
            assert (recipe["dataset"], recipe["seed"]) == (asked.partition("&")[0], 4)


def test_another_address_in_the_same_tab_starts_another_session(
    live_page: Page, server_state: ServerState
) -> None:
    first = session_of(live_page)
    live_page.evaluate("location.hash = '#dataset=xor&seed=3'")
    other = f"html[data-session]:not([data-session='']):not([data-session='{first}'])"
    live_page.locator(other).wait_for(state="attached")
    expect(live_page.get_by_role("radio", name="exclusive or")).to_be_checked()
    becomes(live_page, server_state, dataset="xor", seed=3)


def test_the_address_is_not_paused_while_the_first_frame_that_plays_is_on_its_way(
    live_page: Page,
) -> None:
    """Whoever reloads at that moment finds it training again."""
    routes: list[tuple[WebSocketRoute, WebSocketRoute]] = []
    plays: list[bytes | str] = []
    held: list[bytes] = []
    holding = Event()

    def between(page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        routes.append((page, server))

        def ask(message: bytes | str) -> None:
            (plays.append if '"type":"play"' in str(message) else server.send)(message)

        def tell(message: bytes | str) -> None:
            if holding.is_set() and isinstance(message, bytes):
                held.append(message)
            else:
                page.send(message)

        page.on_message(ask)
        server.on_message(tell)

    live_page.route_web_socket("**/ws*", between)
    live_page.reload()
    live_page.locator(READY).wait_for(state="attached")
    comes(live_page, lambda: bool(plays))
    ((page, server),) = routes
    holding.set()
    server.send(plays[0])
    comes(live_page, lambda: bool(held))
    live_page.wait_for_timeout(1500)
    expect(live_page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert "paused" not in live_page.url
    holding.clear()
    for frame in held:
        page.send(frame)
    expect(live_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(live_page).to_have_url(re.compile(r"#dataset=moons&seed=0$"))
