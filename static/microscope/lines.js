/** One unit's formulas in one line each: z, a and δ with their numbers. */

import { unitName } from "../views/marks.js";
import { factor, maths, sumOfProducts } from "./maths.js";
import { written } from "./names.js";
import { termsOf } from "./numbers.js";

/** @typedef {import("./numbers.js").Step} Step */

/**
 * z = Σ w x + b.
 * @param {Step} step @param {number} layer @param {number} unit @param {number | null} example
 * @param {number} most terms written out
 */
export function sumLine(step, layer, unit, example, most) {
  const name = (/** @type {number} */ l, /** @type {number} */ u) => unitName(step.topology, l, u);
  const terms = termsOf(step, "in", layer, unit, example, name);
  const bias = step.frame.parameters[step.parameter(layer, unit, null)];
  const norm = step.topology.layers[layer].batch_norm;
  const sum = step.of("sums", layer, unit, example);
  const line = [
    ...maths`${norm ? "s" : "z"} = `,
    ...sumOfProducts(terms, most),
    ...maths` + ${factor(bias)} = ${sum}`,
  ];
  if (!norm) return line;
  return [...line, ...maths`,  z = γ·x̂ + β = ${step.of("pre_activations", layer, unit, example)}`];
}

/**
 * a = φ(z).
 * @param {Step} step @param {number} layer @param {number} unit @param {number | null} example
 */
export function valueLine(step, layer, unit, example) {
  const z = step.of("pre_activations", layer, unit, example);
  const a = step.of("activations", layer, unit, example);
  const last = layer === step.topology.layers.length - 1;
  const sign = last ? "ŷ" : "a";
  const phi = written(step.topology.layers[layer].activation);
  if (example === null) return maths`mean of ${sign} = φ(z): ${a}`;
  if (!phi) return maths`${sign} = z = ${a}`;
  return maths`${sign} = ${phi}(${z}) = ${a}`;
}

/**
 * δ = φ′(z) · Σ w δ; of an output, δ = φ′(z) · ∂L/∂ŷ.
 * @param {Step} step @param {number} layer @param {number} unit @param {number | null} example
 * @param {number} most terms written out
 */
export function deltaLine(step, layer, unit, example, most) {
  const { topology } = step;
  const last = layer === topology.layers.length - 1;
  const { batch_norm: norm, dropout } = topology.layers[layer];
  const delta = step.of("deltas", layer, unit, example);
  const arriving = step.of("arriving", layer, unit, example);
  if (example === null) return maths`Σ δ over the minibatch = ∂L/∂b = ${delta}`;
  const slope = step.of("slopes", layer, unit, example);
  const mask = dropout ? maths` · mask ${step.of("masks", layer, unit, example)}` : [];
  const end = norm ? maths`, and through the normalisation: δ = ${delta}` : maths` = ${delta}`;
  const sign = norm ? "∂L/∂z" : "δ";
  if (last) return [...maths`${sign} = φ′(z)·∂L/∂ŷ = ${slope}·${factor(arriving)}`, ...end];
  const name = (/** @type {number} */ l, /** @type {number} */ u) => unitName(topology, l, u);
  const terms = termsOf(step, "out", layer, unit, example, name);
  return [
    ...maths`${sign} = φ′(z)·Σ w·δ = ${slope}·(`,
    ...sumOfProducts(terms, most),
    ...maths`)`,
    ...mask,
    ...end,
  ];
}
