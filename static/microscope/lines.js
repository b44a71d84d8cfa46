/** One unit's formulas in one line each: z, a and δ with their numbers. */

import { unitName } from "../views/marks.js";
import { factor, maths, sumOfProducts } from "./maths.js";
import { argumentOf, written } from "./names.js";
import { normOf, termsOf } from "./numbers.js";

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
  return [
    ...line,
    ...maths`,  ${mean}ẑ = (z − μ)/σ = ${normalised(step, layer, unit)} = ${normal},  `,
    ...maths`${mean}u = γ·ẑ + β = ${scaled(step, layer, unit)} = ${u}`,
  ];
}

/** (z − μ) / σ in numbers. @param {Step} step @param {number} layer @param {number} unit */
export function normalised(step, layer, unit) {
  const { mean, deviation } = normOf(step, layer, unit);
  return maths`(${step.of("sums", layer, unit)} − ${factor(mean)}) / ${deviation}`;
}

/** γ·ẑ + β in numbers. @param {Step} step @param {number} layer @param {number} unit */
export function scaled(step, layer, unit) {
  const { gamma, beta } = normOf(step, layer, unit);
  return maths`${gamma}·${factor(step.of("normalised", layer, unit))} + ${factor(beta)}`;
}

/** From ∂L/∂u to δ, through the batch normalisation. */
export const THROUGH = "δ = γ/σ·(∂L/∂u − mean − ẑ·mean(ẑ·∂L/∂u))";

/** The same in numbers. @param {Step} step @param {number} layer @param {number} unit */
export function through(step, layer, unit) {
  const { gamma, deviation, outer: mean, along } = normOf(step, layer, unit);
  const [outer, normal] = [step.of("outer", layer, unit), step.of("normalised", layer, unit)];
  return maths`${gamma}/${deviation}·(${outer} − ${factor(mean)} − ${factor(normal)}·${factor(along)})`;
}

/**
 * a = φ(z), and what dropout leaves of it.
 * @param {Step} step @param {number} layer @param {number} unit
 */
export function valueLine(step, layer, unit) {
  const given = argumentOf(step.topology, layer);
  const z = step.of("pre_activations", layer, unit);
  const a = step.of("activations", layer, unit);
  const last = layer === step.topology.layers.length - 1;
  const sign = last ? "ŷ" : "a";
  const phi = written(step.topology.layers[layer].activation);
  const all = step.example === null;
  const line = all
    ? maths`mean of ${sign} = φ(${given}): ${a}`
    : phi
      ? maths`${sign} = ${phi}(${z}) = ${a}`
      : maths`${sign} = ${given} = ${a}`;
  if (!step.topology.layers[layer].dropout) return line;
  const handed = step.of("handed", layer, unit);
  if (all) return [...line, ...maths`,  mean of a·mask: ${handed}`];
  return [...line, ...maths`,  a·mask = ${factor(a)}·${step.of("masks", layer, unit)} = ${handed}`];
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
    ? maths` = ${step.of("outer", layer, unit)};  ${THROUGH} = ${through(step, layer, unit)} = ${delta}`
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
