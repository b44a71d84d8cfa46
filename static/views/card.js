/** The card: the numbers of the unit, weight or bias that is pointed at. */

import { FINGERS, hide, mark, write } from "../dom.js";
import { exact, significant } from "./format.js";
import { existing, markOf, parameterOf, unitName } from "./marks.js";
import { isReady } from "./ready.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {[term: string, value: number, title?: string]} Line */

/** Numbers that change more often than this cannot be read. */
const PERIOD_MS = 100;
const IDLE = FINGERS
  ? "Tap a unit or a line for its numbers; tap a line again to set its weight."
  : "Point at a unit or a line for its numbers; click to keep a unit, or to set a weight.";

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function createCard(element, store, actions) {
  element.classList.add("card");
  const title = document.createElement("h3");
  const list = document.createElement("dl");
  const notes = document.createElement("div");
  const [note, example] = [document.createElement("p"), document.createElement("p")];
  notes.className = "card-notes";
  notes.append(note, example);
  const equation = chip("pinned-equation", "equation");
  equation.title = "Its equation, with the numbers of the coming step (m)";
  equation.addEventListener("click", () => document.getElementById("slow")?.click());
  const remove = chip("remove-unit", "remove");
  remove.title = "Take this neuron away (Delete); Ctrl Z brings it back";
  remove.addEventListener("click", () => {
    const { topology, view } = store.state;
    const unit = topology && removable(view.pinned, topology);
    // A key asks for it too; there are lessons that do without it.
    if (!unit || getComputedStyle(remove).display === "none") return;
    actions.send({ type: "remove_neuron", ...unit });
    actions.setView({ pinned: null, hover: null });
  });
  element.append(title, list, equation, remove, notes);
  /** @type {unknown[]} */
  let drawnFor = [];
  let time = 0;

  /** @param {State} state @param {number} now */
  function draw(state, now) {
    if (!isReady(state)) return false;
    const { topology, frame, view } = state;
    const mark = existing(markOf(view), topology);
    const wanted = [mark, topology, view.pinned, frame];
    if (wanted.every((part, k) => part === drawnFor[k])) return false;
    const moved = wanted.slice(0, 3).some((part, k) => part !== drawnFor[k]);
    if (!moved && now - time < PERIOD_MS) return true;
    drawnFor = wanted;
    time = now;
    hide(equation, view.pinned === null);
    write(title, mark ? titleOf(mark, topology) : "");
    hide(remove, !removable(view.pinned, topology));
    const words = mark ? notesOf(mark, state) : [IDLE];
    write(note, words[0]);
    write(example, words[1] ?? "");
    const lines = mark ? linesOf(mark, topology, frame) : [];
    while (list.children.length > lines.length) list.lastElementChild?.remove();
    for (const [k, line] of lines.entries()) {
      show(list.children[k] ?? list.appendChild(pair()), line);
    }
    return false;
  }

  return { draw };
}

/** @param {Mark} mark @param {Topology} topology */
function titleOf(mark, topology) {
  const name = unitName(topology, mark.layer, mark.unit);
  if (mark.kind === "bias") return `bias of ${name}`;
  if (mark.kind === "weight") return `${unitName(topology, mark.layer - 1, mark.input)} → ${name}`;
  const { activation } = topology.layers[mark.layer];
  return activation ? `${name} · ${activation}` : name;
}

/**
 * @param {Mark} mark
 * @param {State & {frame: Frame}} state
 * @returns {string[]} the first one matters most: the second is left out where there is no room
 */
function notesOf(mark, { frame, view }) {
  if (mark.kind !== "unit")
    return [FINGERS ? "tap again to set the value" : "click to set the value"];
  const { part, index, label } = frame.meta.example;
  const example = `${part === "test" ? "test" : "training"} example ${index + 1}: ${label}`;
  return view.pinned && !view.hover ? ["pinned, Esc frees", example] : [example];
}

/**
 * @param {Mark | null} pinned
 * @param {Topology} topology
 * @returns {{layer: number, unit: number} | null} the neuron that can be taken away: not an input,
 *   not an output, not a layer's last one
 */
function removable(pinned, topology) {
  const mark = existing(pinned, topology);
  const layer = mark?.kind === "unit" ? topology.layers[mark.layer] : null;
  if (!mark || layer?.kind !== "hidden" || layer.units === 1) return null;
  return { layer: mark.layer, unit: mark.unit };
}

/** @param {string} id @param {string} text */
function chip(id, text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "chip small", id, textContent: text });
  button.hidden = true;
  return button;
}

/**
 * @param {Mark} mark
 * @param {Topology} topology
 * @param {Frame} frame
 * @returns {Line[]}
 */
export function linesOf(mark, topology, frame) {
  const layer = topology.layers[mark.layer];
  if (mark.kind !== "unit") {
    const k = parameterOf(topology, mark);
    const sign = mark.kind === "bias" ? "b" : "w";
    return [
      [sign, frame.parameters[k], mark.kind],
      [`∂L/∂${sign}`, frame.gradients[k], "its gradient on the coming minibatch"],
      [`Δ${sign}`, frame.updates[k], "what the next step adds to it"],
    ];
  }
  const row = layer.row + mark.unit;
  const { rows } = topology;
  const { example, parameters } = frame;
  if (layer.kind === "input") return [["value", example[rows + row], "as the network sees it"]];
  /** @type {Line[]} */
  const lines = [
    layer.batch_norm
      ? ["u", example[row], "γ·ẑ + β, what the activation function gets"]
      : ["z", example[row], "weighted sum, before the activation"],
    ["a", example[rows + row], "activation"],
    ["δ", example[2 * rows + row], "∂L/∂z, the error that comes back"],
    ["b", parameters[parameterOf(topology, { ...mark, kind: "bias" })], "bias"],
  ];
  if (layer.scale_offset !== null) {
    lines.push(["γ", parameters[layer.scale_offset + mark.unit], "batch normalisation: scale"]);
  }
  if (layer.shift_offset !== null) {
    lines.push(["β", parameters[layer.shift_offset + mark.unit], "batch normalisation: shift"]);
  }
  return lines;
}

function pair() {
  const whole = document.createElement("div");
  whole.append(document.createElement("dt"), document.createElement("dd"));
  return whole;
}

/** @param {Element} place @param {Line} line */
function show(place, [term, value, title = ""]) {
  const [name, number] = place.children;
  write(name, term);
  write(number, significant(value));
  mark(place, "title", `${title}: ${exact(value)}`);
}
