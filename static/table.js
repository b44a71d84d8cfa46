/** The network as a table: the numbers of the picture for keyboards and for screen readers. */

import { find, make } from "./controls/fields.js";
import { write } from "./dom.js";
import { indexOf, numbersOf, stepOf } from "./microscope/numbers.js";
import { count, exact, significant } from "./views/format.js";
import { sameMark, unitName } from "./views/marks.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./views/types.js").Actions} Actions */
/** @typedef {import("./views/types.js").Mark} Mark */
/** @typedef {import("./views/types.js").Topology} Topology */
/** @typedef {import("./views/types.js").Frame} Frame */
/** @typedef {import("./microscope/numbers.js").Place} Place */
/** @typedef {import("./microscope/numbers.js").Step} Step */

/** While it is open its numbers change once a second, so that they can be read. */
const PERIOD_MS = 1000;
const NORM = { scale: "scale γ", shift: "shift β" };
const COLUMNS = ["neuron", "its numbers", "parameter", "value", "gradient", "next update"];

/**
 * @param {Store} store
 * @param {Actions} actions
 */
export function createTable(store, actions) {
  /** @type {HTMLDetailsElement} */
  const details = find("#network-table");
  /** @type {HTMLSelectElement} */
  const menu = find("#table-layer");
  const body = find("tbody", details);
  const note = find("#table-note");
  const head = find("thead", details);
  /** @type {((frame: Frame, step: Step | null) => void)[]} each writes the numbers of one row */
  let writers = [];
  /** The optimizer's state, shown in slow motion. @type {string[]} */
  let slots = [];
  /** @type {Topology | null} */
  let builtFor = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function show() {
    clearTimeout(timer);
    timer = undefined;
    const { topology, frame } = store.state;
    if (!details.open || !topology || frame?.meta.version !== topology.version) return;
    // In slow motion the table has the numbers that the picture shows, and the optimizer's state.
    const step = store.state.view.slow && stepOf(store.state);
    const wanted = step ? frame.meta.microscope.slots : [];
    if (topology !== builtFor || wanted.join() !== slots.join()) build(topology, wanted);
    for (const renew of writers) renew(frame, step);
    write(note, step ? noteOf(step) : plainNote(frame));
  }

  /** @param {Topology} topology @param {string[]} shown */
  function build(topology, shown) {
    [builtFor, slots] = [topology, shown];
    const names = [...COLUMNS, ...slots.map((slot) => slot.replaceAll("_", " "))];
    head.replaceChildren(
      make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))),
    );
    const chosen = Math.min(Number(menu.value) || 1, topology.layers.length - 1);
    const options = topology.layers.slice(1).map(({ index, kind, units }) => {
      const name = kind === "output" ? "output" : String(index);
      return make("option", { value: String(index) }, `${name} · ${units}`);
    });
    menu.replaceChildren(...options);
    menu.value = String(chosen);
    find("caption", details).textContent = `Neurons and parameters of layer ${chosen}`;
    writers = [];
    const { units } = topology.layers[chosen];
    const rows = [];
    for (let unit = 0; unit < units; unit++) {
      const places = placesOf(topology, chosen, unit);
      for (const place of places) {
        const row = make("tr");
        if (place === places[0]) row.append(...unitCells(topology, chosen, unit, places.length));
        row.append(...parameterCells(topology, place));
        rows.push(row);
      }
    }
    body.replaceChildren(...rows);
  }

  /** @param {Topology} topology @param {number} layer @param {number} unit @param {number} height */
  function unitCells(topology, layer, unit, height) {
    /** @type {Mark} */
    const mark = { kind: "unit", layer, unit };
    const name = unitName(topology, layer, unit);
    const pin = make(
      "button",
      { type: "button", title: `Pin ${name}: its field, its numbers` },
      name,
    );
    pin.addEventListener("click", () => {
      const pinned = sameMark(store.state.view.pinned, mark) ? null : mark;
      actions.setView({ pinned });
    });
    follow(pin, mark);
    const numbers = make("td", { rowSpan: height });
    const row = topology.layers[layer].row + unit;
    writers.push(({ example }, step) => {
      /** @type {[string, number][]} */
      const plain = [
        ["a", example[topology.rows + row]],
        ["δ", example[2 * topology.rows + row]],
      ];
      const told = step ? numbersOf(step, mark) : plain;
      write(numbers, told.map(([sign, value]) => `${sign} ${significant(value)}`).join(", "));
      pin.setAttribute("aria-pressed", String(sameMark(store.state.view.pinned, mark)));
    });
    return [make("th", { scope: "rowgroup", rowSpan: height }, pin), numbers];
  }

  /** @param {Topology} topology @param {Place} place */
  function parameterCells(topology, place) {
    const { layer, unit, input, norm } = place;
    const name = norm ? NORM[norm] : nameOf(topology, place);
    const value = norm ? make("span", { className: "set" }) : make("button", { type: "button" });
    if (!norm) {
      /** @type {Mark} */
      const mark =
        input === null ? { kind: "bias", layer, unit } : { kind: "weight", layer, unit, input };
      value.addEventListener("click", () => {
        const { left, bottom } = value.getBoundingClientRect();
        actions.edit(mark, left, bottom, true);
      });
      follow(value, mark);
    }
    const [gradient, update] = [make("td"), make("td")];
    const state = slots.map(() => make("td"));
    const k = indexOf(topology, place);
    writers.push(({ parameters, updates, state_after: after, ...frame }, step) => {
      const gradients = (step && frame.backpropagated) || frame.gradients;
      write(value, significant(parameters[k]));
      if (!norm) value.setAttribute("aria-label", `${name}: ${significant(parameters[k])}, edit`);
      value.title = exact(parameters[k]);
      write(gradient, significant(gradients[k]));
      write(update, significant(updates[k]));
      state.forEach((cell, slot) => {
        write(cell, significant(after?.[slot * parameters.length + k]));
      });
    });
    const cells = [make("td", {}, value), gradient, update, ...state];
    return [make("th", { scope: "row" }, name), ...cells];
  }

  /** What the keyboard is at is shown in the picture. @param {HTMLElement} element @param {Mark} mark */
  function follow(element, mark) {
    element.addEventListener("focus", () => actions.setView({ hover: mark }));
    element.addEventListener("blur", () => actions.setView({ hover: null }));
  }

  details.addEventListener("toggle", () => {
    // It covers the health whole, or leaves it alone: half a heading helps nobody.
    const [panel, health] = [find(".table-panel", details), find("#health-panel")];
    const room = panel.getBoundingClientRect().bottom - health.getBoundingClientRect().top;
    panel.style.height = room > 0 && room < innerHeight / 2 ? `${Math.ceil(room)}px` : "";
    show();
  });
  menu.addEventListener("change", () => {
    builtFor = null;
    show();
  });
  store.subscribe((state, before) => {
    const { view } = before;
    if (state.view.pinned !== view.pinned || !state.view.slow !== !view.slow) show();
    else if (details.open && state.frame !== before.frame) timer ??= setTimeout(show, PERIOD_MS);
  });
}

/** @param {Frame} frame */
function plainNote({ meta }) {
  const { part, index, label } = meta.example;
  const which = `${part === "test" ? "test" : "training"} example ${index + 1} (${label})`;
  return `Step ${count(meta.step)}. Activations for ${which}; gradients of the coming minibatch.`;
}

/** @param {Step} step */
function noteOf({ example, count: examples, meta }) {
  const made = count(meta.step + 1);
  const which =
    example === null
      ? `the whole minibatch (means; δ is its sum)`
      : `example ${example + 1} of the ${examples} of the minibatch`;
  const state = meta.microscope.slots.length ? ", and the optimizer’s state after the step" : "";
  return `Step ${made} in slow motion: z, a, φ′ and δ of ${which}; gradients of all ${examples}, before penalties and clipping${state}.`;
}

/**
 * The parameters of a unit: weights, bias, and of batch normalisation γ and β.
 * @param {Topology} topology @param {number} layer @param {number} unit
 * @returns {Place[]}
 */
function placesOf(topology, layer, unit) {
  const { fan_in: inputs, batch_norm: norm } = topology.layers[layer];
  /** @type {Place[]} */
  const places = Array.from({ length: inputs }, (_, input) => ({ layer, unit, input }));
  places.push({ layer, unit, input: null });
  if (!norm) return places;
  return [
    ...places,
    { layer, unit, input: null, norm: "scale" },
    { layer, unit, input: null, norm: "shift" },
  ];
}

/** @param {Topology} topology @param {Place} place of a weight or bias */
function nameOf(topology, { layer, input }) {
  return input === null ? "bias" : `weight from ${unitName(topology, layer - 1, input)}`;
}
