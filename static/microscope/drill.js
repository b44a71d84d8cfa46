/** Drill down: the equation of the neuron or weight that was chosen, beside the network. */

import { find, make, submit } from "../controls/fields.js";
import { hide } from "../dom.js";
import { count } from "../views/format.js";
import { existing, unitName } from "../views/marks.js";
import { counted } from "./names.js";
import { stepOf } from "./numbers.js";
import { bringIntoView } from "./panel.js";
import { light } from "./rows.js";
import { unitEquations } from "./unit.js";
import { weightEquations } from "./weight.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("./numbers.js").Place} Place */
/** @typedef {import("../views/types.js").Mark} Mark */
/** @typedef {import("../views/types.js").State} State */

/**
 * @param {Page} page
 * @param {(patch: Partial<import("../views/types.js").ViewState>) => void} setView
 * @param {import("./player.js").Player} player
 * @param {(mark: Mark, x: number, y: number) => void} edit opens the number editor
 */
export function createDrill(page, setView, player, edit) {
  const title = make("h3");
  const close = make(
    "button",
    {
      type: "button",
      className: "chip small",
      title: "Close (Esc)",
      "aria-label": "Close the equation",
    },
    "✕",
  );
  close.addEventListener("click", () => setView({ pinned: null, hover: null }));
  const about = make("p", { className: "note" });
  const body = make("div", {
    className: "drill-body",
    tabIndex: 0,
    role: "region",
    "aria-label": "The equation",
  });
  const element = make(
    "section",
    { id: "drill", "aria-label": "Equation", hidden: true },
    make("div", { className: "panel-line" }, title, close),
    about,
    body,
  );
  find("#results").append(element);
  /** @type {unknown[]} */
  let drawnFor = [];
  /** @type {Mark | null} */
  let shown = null;
  /** @type {Set<string>} */
  const open = new Set();

  /** @param {string} name */
  function unfold(name) {
    open.add(name);
    drawnFor = [];
    draw(page.store.state);
  }
  const handles = {
    open,
    unfold,
    point: (/** @type {Mark | null} */ mark) => setView({ hover: mark }),
    choose: (/** @type {Mark} */ mark) => setView({ pinned: mark, hover: null }),
    pick: player.show,
    check: (/** @type {Place} */ place, /** @type {HTMLElement} */ button) =>
      submit(page, button, { type: "check_gradient", ...place }),
    share: (/** @type {Place} */ place) => {
      unfold("shares");
      page.send({ type: "shares", ...place });
    },
  };

  /** @param {State} state */
  function draw(state) {
    const { slow, pinned, hover } = state.view;
    const step = slow && stepOf(state);
    const mark = step && existing(pinned, step.topology);
    // Whoever closed it by keyboard goes on in the network, where it was opened.
    const held = step && !mark && element.contains(document.activeElement);
    hide(element, !step || !mark);
    if (held) find("#network canvas[tabindex]").focus({ preventScroll: true });
    if (!slow || !step || !mark) {
      drawnFor = [];
      return;
    }
    const { example } = step;
    const wanted = [step.key, step.topology, mark];
    if (wanted.some((part, k) => part !== drawnFor[k])) {
      if (mark !== shown) {
        shown = mark;
        open.clear();
        body.scrollTop = 0;
        bringIntoView();
      }
      drawnFor = wanted;
      title.textContent = titleOf(mark, step.topology);
      about.textContent =
        example === null
          ? `all ${counted(step.count, "example")} of step ${count(step.meta.step + 1)}`
          : `example ${count(example + 1)} of the ${count(step.count)} of step ${count(step.meta.step + 1)}`;
      refill(body, equations(step, mark));
    }
    light(body, hover);
  }

  /** @param {import("./numbers.js").Step} step @param {Mark} mark */
  function equations(step, mark) {
    const { loss: name } = step.topology.recipe;
    const loss = page.catalog.losses.find((each) => each.name === name);
    const all = { ...handles, loss };
    if (mark.kind === "unit") return unitEquations(step, mark.layer, mark.unit, all);
    const input = mark.kind === "weight" ? mark.input : null;
    const set = (/** @type {MouseEvent} */ event) => edit(mark, event.clientX, event.clientY);
    const place = { layer: mark.layer, unit: mark.unit, input };
    return weightEquations(step, place, { ...all, edit: set });
  }

  return { draw };
}

/**
 * Other contents; who had the focus on a button within has it on the same one, or on the whole.
 * @param {HTMLElement} place @param {Node[]} nodes
 */
function refill(place, nodes) {
  const { activeElement: held } = document;
  const within = held !== place && place.contains(held);
  const name = held?.textContent;
  place.replaceChildren(...nodes);
  if (!within) return;
  const same = [...place.querySelectorAll("button")].find((each) => each.textContent === name);
  (same ?? place).focus({ preventScroll: true });
}

/** @param {Mark} mark @param {import("../views/types.js").Topology} topology */
function titleOf(mark, topology) {
  const name = unitName(topology, mark.layer, mark.unit);
  if (mark.kind === "bias") return `bias of ${name}`;
  if (mark.kind === "weight") return `${unitName(topology, mark.layer - 1, mark.input)} → ${name}`;
  const { activation } = topology.layers[mark.layer];
  return activation ? `${name} · ${activation}` : name;
}
