/** A unit's signals, a line for each example of the minibatch. */

import { make } from "../controls/fields.js";
import { number } from "./maths.js";
import { argumentOf } from "./names.js";

/** @typedef {import("./numbers.js").Step} Step */

/**
 * @param {Step} step @param {number} layer @param {number} unit
 * @param {(example: number) => void} choose
 */
export function examplesTable(step, layer, unit, choose) {
  const norm = layer > 0 && step.topology.layers[layer].batch_norm;
  const given = argumentOf(step.topology, layer);
  const signals = /** @type {[import("./numbers.js").Signal, string][]} */ (
    layer === 0
      ? [["activations", "x"]]
      : [
          ["sums", "z"],
          ...(norm ? [["pre_activations", "u"]] : []),
          ["activations", "a"],
          ["slopes", `φ′(${given})`],
          ["deltas", "δ"],
        ]
  );
  const head = make(
    "tr",
    {},
    ...["", ...signals.map(([, sign]) => sign)].map((sign) => make("th", { scope: "col" }, sign)),
  );
  const columns = signals.map(([signal]) => step.row(signal, layer, unit));
  const rows = Array.from({ length: step.count }, (_, example) => {
    const pick = make(
      "button",
      { type: "button", className: "chip small", title: "Its equation" },
      String(example + 1),
    );
    pick.addEventListener("click", () => choose(example));
    const cells = columns.map((values) => make("td", {}, number(values[example])));
    return make("tr", {}, make("th", { scope: "row" }, pick), ...cells);
  });
  return make(
    "table",
    { className: "drill-table" },
    make("thead", {}, head),
    make("tbody", {}, ...rows),
  );
}
