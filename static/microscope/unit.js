/** A neuron's equations with the numbers of one example in them; or a line for each example. */

import { make } from "../controls/fields.js";
import { unitName } from "../views/marks.js";
import { factor, maths, number } from "./maths.js";
import { slopeOf, written } from "./names.js";
import { termsOf } from "./numbers.js";
import { line, part, remark, termLines } from "./rows.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("../views/types.js").Mark} Mark */
/**
 * @typedef {object} Handles what the equations can do to the page
 * @property {Set<string>} open sums that are shown whole
 * @property {(name: string) => void} unfold
 * @property {(mark: Mark | null) => void} point
 * @property {(mark: Mark) => void} choose
 * @property {(example: number) => void} pick
 */

/**
 * @param {Step} step @param {number} layer @param {number} unit @param {number | null} example
 * @param {Handles} handles
 * @returns {Node[]}
 */
export function unitEquations(step, layer, unit, example, handles) {
  if (layer === 0) return inputOf(step, unit, example, handles);
  if (example === null) return everyExample(step, layer, unit, handles);
  return [
    part("Forward", ...forward(step, layer, unit, example, handles)),
    part("Backward", ...backward(step, layer, unit, example, handles)),
  ];
}

/** @param {Step} step @param {number} layer @param {number} unit @param {number} example @param {Handles} handles */
function forward(step, layer, unit, example, handles) {
  const { activation, batch_norm: norm, dropout, kind } = step.topology.layers[layer];
  const z = step.of("pre_activations", layer, unit, example);
  const a = step.of("activations", layer, unit, example);
  const bias = step.frame.parameters[step.parameter(layer, unit, null)];
  const sign = norm ? "s" : "z";
  const lines = [
    ...sum(step, "in", layer, unit, example, handles),
    line("bias b", [], bias),
    line(`${sign} = Σ w·x + b`, [], step.of("sums", layer, unit, example), "total"),
  ];
  if (norm) lines.push(...normalisation(step, layer, unit, example));
  const phi = written(activation);
  const how = phi ? maths`${phi}(${z})` : maths`z`;
  lines.push(line(kind === "output" ? "ŷ = φ(z)" : "a = φ(z)", how, a, "total"));
  if (dropout) {
    const mask = step.of("masks", layer, unit, example);
    lines.push(line("handed on", maths`a · mask = ${factor(a)} · ${mask}`, a * mask));
  }
  return lines;
}

/** @param {Step} step @param {number} layer @param {number} unit @param {number} example */
function normalisation(step, layer, unit, example) {
  const { scale_offset: scale, shift_offset: shift, row } = step.topology.layers[layer];
  const { parameters, normalisation: found } = step.frame;
  const rows = step.topology.rows;
  const [mean, deviation] = [found?.[row + unit] ?? 0, found?.[rows + row + unit] ?? 1];
  const normal = step.of("normalised", layer, unit, example);
  const gamma = parameters[(scale ?? 0) + unit];
  const beta = parameters[(shift ?? 0) + unit];
  const s = step.of("sums", layer, unit, example);
  return [
    line("x̂ = (s − μ) / σ", maths`(${s} − ${factor(mean)}) / ${deviation}`, normal),
    line(
      "z = γ·x̂ + β",
      maths`${gamma}·${factor(normal)} + ${factor(beta)}`,
      step.of("pre_activations", layer, unit, example),
      "total",
    ),
  ];
}

/** @param {Step} step @param {number} layer @param {number} unit @param {number} example @param {Handles} handles */
function backward(step, layer, unit, example, handles) {
  const { layers } = step.topology;
  const {
    activation,
    batch_norm: norm,
    dropout,
    scale_offset: scale,
    shift_offset: shift,
    row,
  } = layers[layer];
  const last = layer === layers.length - 1;
  const arriving = step.of("arriving", layer, unit, example);
  const slope = step.of("slopes", layer, unit, example);
  const delta = step.of("deltas", layer, unit, example);
  const lines = last
    ? [line("∂L/∂ŷ", error(step, unit, example), arriving, "total")]
    : [...sum(step, "out", layer, unit, example, handles), line("Σ w·δ", [], arriving, "total")];
  const form = slopeOf(activation);
  lines.push(line("φ′(z)", form ? maths`${form}` : [], slope));
  const mask = dropout ? step.of("masks", layer, unit, example) : 1;
  const factors = dropout
    ? maths`${slope} · ${mask} · ${factor(arriving)}`
    : maths`${slope} · ${factor(arriving)}`;
  const what = last ? "∂L/∂ŷ" : "Σ w·δ";
  const name = `φ′(z)${dropout ? " · mask" : ""} · ${what}`;
  if (!norm) lines.push(line(`δ = ${name}`, factors, delta, "total"));
  else {
    const slopeOfZ = slope * mask * arriving;
    const { gradients, parameters, normalisation: found } = step.frame;
    const [along, mean] = [scale, shift].map((at) => gradients[(at ?? 0) + unit] / step.count);
    const normal = step.of("normalised", layer, unit, example);
    const deviation = found?.[step.topology.rows + row + unit] ?? 1;
    const gamma = parameters[(scale ?? 0) + unit];
    lines.push(line(`∂L/∂z = ${name}`, factors, slopeOfZ));
    const through = maths`${gamma}/${deviation}·(${slopeOfZ} − ${factor(mean)} − ${factor(normal)}·${factor(along)})`;
    lines.push(line("δ = γ/σ·(∂L/∂z − mean − x̂·mean(x̂·∂L/∂z))", through, delta, "total"));
  }
  const gradient = step.frame.gradients[step.parameter(layer, unit, null)];
  lines.push(line("∂L/∂b", maths`Σ δ over ${String(step.count)} examples`, gradient));
  return lines;
}

/** Where the loss's slope has a plain form. */
/** @param {Step} step @param {number} unit @param {number} example */
function error(step, unit, example) {
  const { layers, recipe } = step.topology;
  const odds = recipe.loss === "cross_entropy" || recipe.loss === "binary_cross_entropy";
  if (odds) return maths`(p − y)/${String(step.count)}, y = ${step.target(unit, example)}`;
  if (recipe.loss !== "half_squared_error") return maths`slope of the loss`;
  const guess = step.of("activations", layers.length - 1, unit, example);
  return maths`(ŷ − y)/${String(step.count)} = (${guess} − ${factor(step.target(unit, example))})/${String(step.count)}`;
}

/** @param {Step} step @param {"in" | "out"} side @param {number} layer @param {number} unit @param {number} example @param {Handles} handles */
function sum(step, side, layer, unit, example, handles) {
  const name = (/** @type {number} */ l, /** @type {number} */ u) => shortName(step, l, u);
  const terms = termsOf(step, side, layer, unit, example, name);
  const { open, unfold, point, choose } = handles;
  return termLines(terms, open.has(side), () => unfold(side), point, choose);
}

/** @param {Step} step @param {number} layer @param {number} unit */
function shortName({ topology }, layer, unit) {
  const name = unitName(topology, layer, unit);
  return name.replace(/^layer \d+, unit /, "unit ");
}

/** @param {Step} step @param {number} unit @param {number | null} example @param {Handles} handles */
function inputOf(step, unit, example, handles) {
  if (example === null) return everyExample(step, 0, unit, handles);
  const value = step.of("activations", 0, unit, example);
  return [
    line("x", [], value, "total"),
    remark("An input: the data as the network sees them. No gradient is needed here."),
  ];
}

/** A line for each example. @param {Step} step @param {number} layer @param {number} unit @param {Handles} handles */
function everyExample(step, layer, unit, handles) {
  const signals = /** @type {[import("./numbers.js").Signal, string][]} */ (
    layer === 0
      ? [["activations", "x"]]
      : [
          ["pre_activations", "z"],
          ["activations", "a"],
          ["slopes", "φ′(z)"],
          ["deltas", "δ"],
        ]
  );
  const head = make(
    "tr",
    {},
    ...["", ...signals.map(([, sign]) => sign)].map((sign) => make("th", { scope: "col" }, sign)),
  );
  const rows = Array.from({ length: step.count }, (_, example) => {
    const pick = make(
      "button",
      { type: "button", className: "chip small", title: "Its equation" },
      String(example + 1),
    );
    pick.addEventListener("click", () => handles.pick(example));
    const cells = signals.map(([signal]) =>
      make("td", {}, number(step.of(signal, layer, unit, example))),
    );
    return make("tr", {}, make("th", { scope: "row" }, pick), ...cells);
  });
  const table = make(
    "table",
    { className: "drill-table" },
    make("thead", {}, head),
    make("tbody", {}, ...rows),
  );
  if (layer === 0) return [table];
  const gradient = step.frame.gradients[step.parameter(layer, unit, null)];
  return [
    table,
    line("∂L/∂b = Σ δ", [], gradient, "total"),
    remark(
      "The average over the minibatch is in each δ already. Choose an example for its equation.",
    ),
  ];
}
