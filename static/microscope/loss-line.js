/** The loss of one example, or of the minibatch, with its numbers. */

import { factor, maths } from "./maths.js";

/** @typedef {import("./numbers.js").Step} Step */

/** Losses whose formula is written out where there is one output: before and after the error. */
const SQUARES = /** @type {Record<string, string>} */ ({
  half_squared_error: "½",
  mean_squared_error: "",
});

/** @param {Step} step @param {number | null} example @param {string} formula of the loss */
export function lossFormula(step, example, formula) {
  const mean = step.meta.minibatch_loss ?? Number.NaN;
  const all = maths`mean over the minibatch: L = ${mean}`;
  if (example === null) return [...maths`${formula}.  `, ...all];
  const { units, index } = step.topology.layers[step.topology.layers.length - 1];
  const own = step.losses[example];
  const { loss } = step.topology.recipe;
  if (units > 1) {
    const truth = Array.from({ length: units }, (_, k) => k).filter(
      (k) => step.target(k, example) > 0,
    );
    const names = step.topology.layers[index].names;
    const which = truth.length === 1 ? ` (${names[truth[0]] ?? truth[0] + 1})` : "";
    return [...maths`${formula}.  This example${which}: ${own};  `, ...all];
  }
  const guess = step.of("activations", index, 0, example);
  const target = step.target(0, example);
  const back = maths`;  ∂L/∂ŷ = ${step.of("arriving", index, 0, example)}`;
  if (!(loss in SQUARES)) {
    const pair = maths`, with ŷ = ${guess}, y = ${target}: ${own};  `;
    return [...maths`${formula}`, ...pair, ...all, ...back];
  }
  const half = SQUARES[loss];
  return [
    ...maths`L = ${half}(ŷ − y)² = ${half}(${guess} − ${factor(target)})² = ${own};  `,
    ...all,
    ...back,
  ];
}
