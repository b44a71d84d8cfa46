/** One unit's formulas in one line each: z, a and δ with their numbers. */

import { unitName } from "../views/marks.js";
import { factor, maths, sumOfProducts } from "./maths.js";
import { argumentOf, written } from "./names.js";
import { termsOf } from "./numbers.js";

/** @typedef {import("./numbers.js").Step} Step */

/**
 * z = Σ w x + b.
 * @param {Step} step @param {number} layer @param {number} unit
 * @param {number} most terms written out
 */
export function sumLine(step, layer, unit, most) {
  const name = (/** @type {number} */ l, /** @type {number} */ u) => unitName(step.topology, l, u);
  const terms = termsOf(step, "in", layer, unit, name);
  const bias = step.frame.parameters[step.parameter({ layer, unit, input: null })];
  const mean = step.example === null ? "mean of " : "";
  const line = [
    ...maths`${mean}z = `,
    ...sumOfProducts(terms, most),
    ...maths` + ${factor(bias)} = ${step.of("sums", layer, unit)}`,
  ];
  if (!step.topology.layers[layer].batch_norm) return line;
  const [normal, u] = [step.of("normalised", layer, unit), step.of("pre_activations", layer, unit)];
  return [...line, ...maths`,  ẑ = ${normal},  u = γ·ẑ + β = ${u}`];
}

/**
 * a = φ(z).
 * @param {Step} step @param {number} layer @param {number} unit
 */
export function valueLine(step, layer, unit) {
  const given = argumentOf(step.topology, layer);
  const z = step.of("pre_activations", layer, unit);
  const a = step.of("activations", layer, unit);
  const last = layer === step.topology.layers.length - 1;
  const sign = last ? "ŷ" : "a";
  const phi = written(step.topology.layers[layer].activation);
  if (step.example === null) return maths`mean of ${sign} = φ(${given}): ${a}`;
  if (!phi) return maths`${sign} = ${given} = ${a}`;
  return maths`${sign} = ${phi}(${z}) = ${a}`;
}

/**
 * δ = φ′(z) · Σ w δ; of an output, δ = φ′(z) · ∂L/∂ŷ.
 * @param {Step} step @param {number} layer @param {number} unit
 * @param {number} most terms written out
 */
export function deltaLine(step, layer, unit, most) {
  const { topology } = step;
  const last = layer === topology.layers.length - 1;
  const { batch_norm: norm, dropout } = topology.layers[layer];
  const delta = step.of("deltas", layer, unit);
  const arriving = step.of("arriving", layer, unit);
  if (step.example === null) return maths`Σ δ over the minibatch = ∂L/∂b = ${delta}`;
  const slope = step.of("slopes", layer, unit);
  const mask = dropout ? maths` · mask ${step.of("masks", layer, unit)}` : [];
  const end = norm
    ? maths` = ${step.of("outer", layer, unit)}, and through the normalisation: δ = ${delta}`
    : maths` = ${delta}`;
  const sign = norm ? "∂L/∂u" : "δ";
  const given = argumentOf(topology, layer);
  if (last) return [...maths`${sign} = φ′(${given})·∂L/∂ŷ = ${slope}·${factor(arriving)}`, ...end];
  const name = (/** @type {number} */ l, /** @type {number} */ u) => unitName(topology, l, u);
  const terms = termsOf(step, "out", layer, unit, name);
  return [
    ...maths`${sign} = φ′(${given})·Σ w·δ = ${slope}·(`,
    ...sumOfProducts(terms, most),
    ...maths`)`,
    ...mask,
    ...end,
  ];
}
