/** The network as a table: the numbers of the picture for keyboards and for screen readers. */

import { find, make } from "./controls/fields.js";
import { write } from "./dom.js";
import { exact, significant } from "./views/format.js";
import { parameterOf, sameMark, unitName } from "./views/marks.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./views/types.js").Actions} Actions */
/** @typedef {import("./views/types.js").Mark} Mark */
/** @typedef {import("./views/types.js").Topology} Topology */
/** @typedef {import("./views/types.js").Frame} Frame */

/** While it is open its numbers change once a second, so that they can be read. */
const PERIOD_MS = 1000;
const COLUMNS = ["neuron", "activation, δ", "parameter", "value", "gradient", "next update"];

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
  find("thead", details).append(
    make("tr", {}, ...COLUMNS.map((name) => make("th", { scope: "col" }, name))),
  );
  /** @type {((frame: Frame) => void)[]} each writes the numbers of one row */
  let writers = [];
  /** @type {Topology | null} */
  let builtFor = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function show() {
    clearTimeout(timer);
    timer = undefined;
    const { topology, frame } = store.state;
    if (!details.open || !topology || frame?.meta.version !== topology.version) return;
    if (topology !== builtFor) build(topology);
    for (const renew of writers) renew(frame);
    const { part, index, label } = frame.meta.example;
    const which = `${part === "test" ? "test" : "training"} example ${index + 1} (${label})`;
    const text = `Step ${frame.meta.step}. Activations for ${which}; gradients of the coming minibatch.`;
    write(note, text);
  }

  /** @param {Topology} topology */
  function build(topology) {
    builtFor = topology;
    const chosen = Math.min(Number(menu.value) || 1, topology.layers.length - 1);
    const options = topology.layers.slice(1).map(({ index, kind, units }) => {
      const name = kind === "output" ? "output" : String(index);
      return make("option", { value: String(index) }, `${name} · ${units}`);
    });
    menu.replaceChildren(...options);
    menu.value = String(chosen);
    find("caption", details).textContent = `Neurons and parameters of layer ${chosen}`;
    writers = [];
    const { units, fan_in: inputs } = topology.layers[chosen];
    const rows = [];
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0; input <= inputs; input++) {
        const row = make("tr");
        if (input === 0) row.append(...unitCells(topology, chosen, unit, inputs + 1));
        row.append(...parameterCells(topology, chosen, unit, input));
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
    writers.push((frame) => {
      const { example } = frame;
      const [a, delta] = [example[topology.rows + row], example[2 * topology.rows + row]];
      write(numbers, `${significant(a)}, ${significant(delta)}`);
      pin.setAttribute("aria-pressed", String(sameMark(store.state.view.pinned, mark)));
    });
    return [make("th", { scope: "rowgroup", rowSpan: height }, pin), numbers];
  }

  /** @param {Topology} topology @param {number} layer @param {number} unit @param {number} input */
  function parameterCells(topology, layer, unit, input) {
    const bias = input === topology.layers[layer].fan_in;
    /** @type {Mark} */
    const mark = bias ? { kind: "bias", layer, unit } : { kind: "weight", layer, unit, input };
    const name = bias ? "bias" : `weight from ${unitName(topology, layer - 1, input)}`;
    const edit = make("button", { type: "button" });
    edit.addEventListener("click", () => {
      const { left, bottom } = edit.getBoundingClientRect();
      actions.edit(mark, left, bottom);
    });
    follow(edit, mark);
    const [gradient, update] = [make("td"), make("td")];
    const k = parameterOf(topology, mark);
    writers.push(({ parameters, gradients, updates }) => {
      write(edit, significant(parameters[k]));
      edit.setAttribute("aria-label", `${name}: ${significant(parameters[k])}, edit`);
      edit.title = exact(parameters[k]);
      write(gradient, significant(gradients[k]));
      write(update, significant(updates[k]));
    });
    return [make("th", { scope: "row" }, name), make("td", {}, edit), gradient, update];
  }

  /** What the keyboard is at is shown in the picture. @param {HTMLElement} element @param {Mark} mark */
  function follow(element, mark) {
    element.addEventListener("focus", () => actions.setView({ hover: mark }));
    element.addEventListener("blur", () => actions.setView({ hover: null }));
  }

  details.addEventListener("toggle", show);
  menu.addEventListener("change", () => {
    builtFor = null;
    show();
  });
  store.subscribe((state, before) => {
    if (state.view.pinned !== before.view.pinned) show();
    else if (details.open && state.frame !== before.frame) timer ??= setTimeout(show, PERIOD_MS);
  });
}
