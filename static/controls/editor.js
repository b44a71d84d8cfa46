/** A small editor for one weight or bias, opened where it was clicked. */

import { parameterOf, unitName } from "../views/marks.js";
import { endsOf, placeBeside } from "./editor-place.js";
import { find, numberIn, showError, submit } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */
/** @typedef {import("../views/types.js").Mark} Mark */

/**
 * @param {Page} page
 * @returns {(mark: Mark, x: number, y: number) => void}
 */
export function createEditor(page) {
  /** @type {HTMLDialogElement} */
  const dialog = find("#editor");
  /** @type {HTMLInputElement} */
  const input = find("#editor-value");
  const form = find("form", dialog);
  /** @type {Mark | null} */
  let edited = null;
  let anchor = { x: 0, y: 0 };

  /** Anew whenever its size changes: a refusal is longer than a number. */
  function place() {
    const layout = page.layout();
    if (!dialog.open || !edited || !layout) return;
    const spared = endsOf(layout, edited, find("#network").getBoundingClientRect());
    const room = { width: innerWidth, height: innerHeight };
    const { left, top } = placeBeside(anchor, dialog.getBoundingClientRect(), room, spared);
    dialog.style.left = `${left}px`;
    dialog.style.top = `${top}px`;
  }
  new ResizeObserver(place).observe(dialog);

  form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (!edited || edited.kind === "unit") return;
    const value = numberIn(input.value);
    if (Number.isNaN(value)) {
      showError(input, `Got “${input.value}”, expected a number.`);
      return;
    }
    const source = edited.kind === "weight" ? edited.input : null;
    const { layer, unit } = edited;
    if (await submit(page, input, { type: "set_parameter", layer, unit, input: source, value })) {
      dialog.close();
    }
  });
  find("#editor-cancel").addEventListener("click", () => dialog.close());

  return function open(mark, x, y) {
    const { topology, frame } = page.store.state;
    if (!topology || !frame || mark.kind === "unit") return;
    edited = mark;
    showError(input, "");
    input.value = String(Number(frame.parameters[parameterOf(topology, mark)].toPrecision(6)));
    find("#editor-name").textContent = nameOf(topology, mark);
    dialog.showModal();
    anchor = { x, y };
    place();
    input.select();
  };
}

/**
 * What is edited, in words.
 * @param {import("../protocol.js").TopologyMessage} topology
 * @param {Mark} mark
 */
function nameOf(topology, mark) {
  const unit = unitName(topology, mark.layer, mark.unit);
  if (mark.kind !== "weight") return `Bias of ${unit}`;
  return `Weight from ${unitName(topology, mark.layer - 1, mark.input)} to ${unit}`;
}
