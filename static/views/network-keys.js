/** Walking through the network with the keyboard: the same marks that a pointer sets. */

import { numbersOf, stepOf } from "../microscope/numbers.js";
import { linesOf } from "./card.js";
import { significant } from "./format.js";
import { existing, sameMark, unitName } from "./marks.js";
import { isReady } from "./ready.js";

/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Topology} Topology */

/**
 * Arrows go from unit to unit, Page up and down through the weights and the bias of one; Enter opens
 * the number, Delete takes the unit away. Every move is announced with its numbers.
 * @param {HTMLCanvasElement} canvas
 * @param {() => import("./network-layout.js").Layout | null} layout
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function listenKeys(canvas, layout, store, actions) {
  canvas.tabIndex = 0;
  // Of a picture a screen reader would keep the arrow keys to itself.
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "network");
  canvas.addEventListener("keydown", (event) => {
    const { state } = store;
    if (!isReady(state) || event.ctrlKey || event.altKey || event.metaKey) return;
    const { topology, frame } = state;
    const here = existing(state.view.pinned, topology);
    if (event.key === "Enter" && here && here.kind !== "unit") {
      event.preventDefault();
      const { x, y } = place(here);
      actions.edit(here, x, y);
      return;
    }
    if ((event.key === "Delete" || event.key === "Backspace") && !event.repeat) {
      event.preventDefault();
      document.getElementById("remove-unit")?.click();
      return;
    }
    const next = walk(topology, here, event.key);
    if (!next) return;
    event.preventDefault();
    if (sameMark(next, here)) return;
    actions.setView({ pinned: next });
    // Slow motion has numbers of its own, of an example of the minibatch.
    const step = state.view.slow && stepOf(state);
    const numbers = step ? numbersOf(step, next) : linesOf(next, topology, frame);
    const words = numbers.map(([name, value]) => `${name} ${significant(value)}`).join(", ");
    actions.announce([spoken(next, topology), words].filter(Boolean).join(": "));
  });

  /** @param {Mark} mark @returns {{x: number, y: number}} the middle of its line, or its unit's */
  function place(mark) {
    const { left, top } = canvas.getBoundingClientRect();
    const plan = layout();
    const { x, y } = plan?.units[plan.starts[mark.layer] + mark.unit] ?? { x: 0, y: 0 };
    const before = plan?.starts[mark.layer - 1] ?? 0;
    const ends = mark.kind === "weight" && before < (plan?.starts[mark.layer] ?? 0);
    const from = ends ? plan?.units[before + mark.input] : null;
    return { x: left + (x + (from?.x ?? x)) / 2, y: top + (y + (from?.y ?? y)) / 2 };
  }
}

/**
 * @param {Topology} topology
 * @param {Mark | null} here
 * @param {string} key
 * @returns {Mark | null} where the key leads; null: the key means nothing here
 */
export function walk(topology, here, key) {
  const { layers } = topology;
  const held = (/** @type {number} */ k, /** @type {number} */ count) =>
    Math.max(0, Math.min(count - 1, k));
  const layer = here?.layer ?? 1;
  const unit = here?.unit ?? 0;
  const steps = /** @type {Record<string, [number, number]>} */ ({
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  });
  if (key in steps) {
    if (!here) return { kind: "unit", layer, unit };
    const to = held(layer + steps[key][0], layers.length);
    return { kind: "unit", layer: to, unit: held(unit + steps[key][1], layers[to].units) };
  }
  if (!here || layer === 0 || (key !== "PageUp" && key !== "PageDown")) return null;
  // The unit itself, its weights, its bias: one after the other.
  const inputs = layers[layer].fan_in;
  const at = here.kind === "unit" ? -1 : here.kind === "weight" ? here.input : inputs;
  const to = Math.max(-1, Math.min(inputs, at + (key === "PageDown" ? 1 : -1)));
  if (to < 0) return { kind: "unit", layer, unit };
  if (to === inputs) return { kind: "bias", layer, unit };
  return { kind: "weight", layer, unit, input: to };
}

/** @param {Mark} mark @param {Topology} topology */
function spoken(mark, topology) {
  const name = unitName(topology, mark.layer, mark.unit);
  if (mark.kind === "unit") return name;
  if (mark.kind === "bias") return `bias of ${name}`;
  return `weight from ${unitName(topology, mark.layer - 1, mark.input)} to ${name}`;
}
