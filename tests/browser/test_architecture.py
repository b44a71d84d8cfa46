"""The heads above the layers, and the editor of one weight."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from engine.activations import activations
from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import expect_refusal, pause, session_of, type_in


def units(page: Page, server_state: ServerState, wanted: list[int]) -> None:
    server_state(
        session_of(page),
        until=lambda t, d, f: [layer["units"] for layer in t["layers"]] == wanted,
    )


def test_add_and_remove_neurons(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_role("button", name="Add a neuron to layer 2").click()
    units(live_page, server_state, [2, 4, 5, 1])
    expect(live_page.get_by_text("5 neurons")).to_be_visible()
    expect(live_page.get_by_role("status")).to_contain_text("neuron")
    live_page.get_by_role("button", name="of layer 1").click()
    units(live_page, server_state, [2, 3, 5, 1])
    expect(live_page.get_by_text("3 neurons")).to_be_visible()


def test_heads_that_stand_close_keep_their_words(open_page: OpenPage) -> None:
    page = open_page("/#dataset=penguins&paused")
    expect(page.get_by_text("4 neurons").first).to_be_visible()
    arrow = page.get_by_label("Activation of layer 1").evaluate(
        "(e) => getComputedStyle(e).backgroundImage"
    )
    assert arrow != "none"


def test_add_and_remove_layers(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_role("button", name="Add a layer before the output").click()
    units(live_page, server_state, [2, 4, 4, 4, 1])
    live_page.get_by_title("More about layer 1").click()
    live_page.get_by_role("button", name="Remove this layer").locator("visible=true").click()
    units(live_page, server_state, [2, 4, 4, 1])
    expect(live_page.get_by_label("Activation of layer 3")).to_have_count(0)


def test_images_without_a_hidden_layer_are_given_one(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=digits&seed=0&layers=none&paused")
    page.get_by_role("button", name="Add a layer before the output").click()
    units(page, server_state, [64, 32, 10])
    expect(page.get_by_role("status")).to_contain_text("32 directions out of 64")
    page.get_by_role("button", name="Add a layer before layer 1").click()
    units(page, server_state, [64, 32, 32, 10])


def test_every_activation_of_a_layer(live_page: Page, server_state: ServerState) -> None:
    menu = live_page.get_by_label("Activation of layer 1")
    for name, kind in activations.items():
        menu.select_option(label=kind.title)
        server_state(
            session_of(live_page),
            until=lambda t, d, f, name=name: t["layers"][1]["activation"] == name,  # type: ignore[misc]
        )
        expect(menu).to_have_value(name)


def test_the_output_s_activation(live_page: Page, server_state: ServerState) -> None:
    menu = live_page.get_by_label("Output activation")
    menu.select_option("linear")
    server_state(
        session_of(live_page), until=lambda t, d, f: t["recipe"]["output_activation"] == "linear"
    )
    live_page.get_by_label("Loss", exact=True).select_option("binary_cross_entropy")
    server_state(
        session_of(live_page), until=lambda t, d, f: t["recipe"]["loss"] == "binary_cross_entropy"
    )
    expect(menu.get_by_role("option", name="tanh", exact=True)).to_be_disabled()
    expect(menu).to_have_value("linear")


def test_batch_normalisation_and_dropout(live_page: Page, server_state: ServerState) -> None:
    live_page.get_by_title("More about layer 2").click()
    live_page.get_by_label("Batch normalisation").locator("visible=true").check()
    topology, _, _ = server_state(
        session_of(live_page), until=lambda t, d, f: t["layers"][2]["batch_norm"]
    )
    assert topology["layers"][2]["scale_offset"] is not None
    dropout = live_page.get_by_role("textbox", name="Dropout").locator("visible=true")
    type_in(dropout, "0.25")
    server_state(session_of(live_page), until=lambda t, d, f: t["layers"][2]["dropout"] == 0.25)
    type_in(dropout, "1")
    expect_refusal(live_page, dropout, "1", "0 to 0.9")
    expect(dropout).to_have_value("0.25")
    live_page.keyboard.press("Escape")
    live_page.get_by_role("status").click()
    expect(dropout).to_be_hidden()


def test_what_unfolds_lies_above_the_buttons_beside_it(open_page: OpenPage) -> None:
    page = open_page("/#dataset=wine")
    page.get_by_title("More about layer 1").click()
    box = page.get_by_label("Batch normalisation").locator("visible=true").bounding_box()
    assert box
    for share in range(40):
        x, y = box["x"] + 5 * share, box["y"] + box["height"] / 2
        covering = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('.add-layer')", [x, y]
        )
        assert covering is None


def test_the_focus_moves_on_from_a_layer_that_is_removed(
    live_page: Page, server_state: ServerState
) -> None:
    live_page.get_by_title("More about layer 2").press("Enter")
    live_page.get_by_role("button", name="Remove this layer").locator("visible=true").press("Enter")
    units(live_page, server_state, [2, 4, 1])
    expect(live_page.get_by_title("More about layer 1")).to_be_focused()


def test_eight_layers_have_heads_that_fit(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#dataset=spiral&seed=0&layers=" + ",".join(["3tanh"] * 7))
    page.get_by_role("button", name="Add a layer before the output").click()
    units(page, server_state, [2, *[3] * 8, 1])
    expect(page.get_by_label("Activation of layer 8")).to_be_visible()
    heads = page.locator(".head")
    boxes = [heads.nth(k).bounding_box() for k in range(heads.count())]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert len(edges) == 10
    assert all(one[1] <= other[0] + 1 for one, other in itertools.pairwise(edges)), edges
    page.get_by_role("button", name="Add a neuron to layer 8").click()
    units(page, server_state, [2, *[3] * 7, 4, 1])


@pytest.mark.parametrize("bias", [False, True])
def test_a_weight_or_bias_is_set_by_hand(
    live_page: Page, server_state: ServerState, bias: bool
) -> None:
    """By keyboard, from the table; clicking in the picture opens the same editor."""
    pause(live_page, server_state)
    live_page.get_by_text("network as a table").click()
    name = "bias:" if bias else "weight from x₂:"
    live_page.get_by_role("button", name=name).first.press("Enter")
    editor = live_page.get_by_role("dialog")
    field = editor.get_by_role("textbox")
    type_in(field, "much")
    expect(editor.get_by_role("alert")).to_contain_text("much")
    type_in(field, "-1.5")
    expect(editor).to_be_hidden()
    k = 2 if bias else 1
    server_state(
        session_of(live_page),
        until=lambda t, d, f: (
            f.tensors["parameters"][t["layers"][1]["offset"] + k] == -1.5  # of the first unit
        ),
    )
    expect(live_page.get_by_role("button", name=f"{name} −1.50")).to_be_visible()


def test_clicking_a_bias_in_the_picture_opens_the_editor(
    live_page: Page, server_state: ServerState
) -> None:
    pause(live_page, server_state)
    room = live_page.locator("#network").bounding_box()
    assert room is not None
    x, y, width, height = (room[side] for side in ("x", "y", "width", "height"))
    editor = live_page.get_by_role("dialog")
    # The output's bias: at the lower left corner of the right-most square, in the middle.
    for right in range(60, 160, 4):
        for down in range(0, 60, 4):
            live_page.mouse.move(x + width - right, y + 64 + (height - 64) / 2 + down)
            if live_page.locator("#card h3").inner_text().startswith("bias"):
                live_page.mouse.down()
                live_page.mouse.up()
                expect(editor).to_be_visible()
                expect(editor).to_contain_text("Bias of output")
                live_page.keyboard.press("Escape")
                expect(editor).to_be_hidden()
                return
    pytest.fail("no bias was found at the output")
