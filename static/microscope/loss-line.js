/** The loss of one example, or of the minibatch, with its numbers. */

import { factor, maths } from "./maths.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("../controls/fields.js").Loss} Loss */

/** Losses whose formula is written out where there is one output: before the error. */
const SQUARES = /** @type {Record<string, string>} */ ({
  half_squared_error: "½",
  mean_squared_error: "",
});
/** Of more outputs those with the largest slope are shown. */
const MOST = 3;

/**
 * ∂ℓ/∂ŷ of one example, in letters.
 * @param {Step} step @param {Loss | undefined} loss
 */
export function ownSlope({ topology }, loss) {
  const { units } = topology.layers[topology.layers.length - 1];
  const letters = loss?.slope ?? "";
  if (units > 1) return letters.replace("/K", `/${units}`);
  return letters.replace("/K", "").replace(/^\((.*)\)$/, "$1"); // they stand in brackets anyway
}

/** @param {Step} step @param {Loss | undefined} loss */
export function lossFormula(step, loss) {
  const { frame, example, count } = step;
  const mean = step.meta.minibatch_loss ?? Number.NaN;
  if (example === null) return maths`${loss?.formula ?? ""}: mean over the minibatch, L = ${mean}`;
  const own = frame.losses?.[example] ?? Number.NaN;
  const all =
    count === 1
      ? maths`;  L = ℓ, the only one`
      : maths`;  L = mean of the ${String(count)} ℓ = ${mean}`;
  const { units, index } = step.topology.layers[step.topology.layers.length - 1];
  if (units > 1) {
    const line = [...maths`${shortened(loss)}. This example: ℓ = ${own}`, ...all];
    return [...line, ...severalOutputs(step, loss)];
  }
  const guess = step.of("activations", index, 0);
  const target = step.target(0);
  const half = SQUARES[loss?.name ?? ""];
  const p = frame.probabilities ? maths`, p = ${frame.probabilities[example]}` : [];
  const line =
    half === undefined
      ? [
          ...maths`${shortened(loss)}, ŷ = ${guess}`,
          ...p,
          ...maths`, y = ${target}: this example’s ℓ = ${own}`,
        ]
      : maths`this example: ℓ = ${half}(ŷ − y)² = ${half}(${guess} − ${factor(target)})² = ${own}`;
  const slope = maths`;  ∂L/∂ŷ = (1/m)·(${ownSlope(step, loss)}) = (1/${String(count)})·${factor(slopeAt(step, 0))} = ${step.of("arriving", index, 0)}`;
  return [...line, ...all, ...slope];
}

/** Its own loss, without "averaged over the batch". @param {Loss | undefined} loss */
function shortened(loss) {
  return (loss?.formula ?? "").replace(/, averaged over the batch$/, "").replace(/^L =/, "ℓ =");
}

/** @param {Step} step @param {number} output */
export function slopeAt({ frame, count, example }, output) {
  return frame.own_slopes?.[output * count + (example ?? 0)] ?? Number.NaN;
}

/** @param {Step} step @param {Loss | undefined} loss */
function severalOutputs(step, loss) {
  const { frame, count, example } = step;
  const { units, index, names } = step.topology.layers[step.topology.layers.length - 1];
  const order = Array.from({ length: units }, (_, k) => k).toSorted(
    (one, other) => Math.abs(slopeAt(step, other)) - Math.abs(slopeAt(step, one)),
  );
  const shown = order.slice(0, MOST);
  const nodes = maths`.  ∂L/∂ŷ = (1/${String(count)})·(${ownSlope(step, loss)}): `;
  shown.forEach((k, at) => {
    const p = frame.probabilities?.[k * count + (example ?? 0)];
    const value = p === undefined ? step.of("activations", index, k) : p;
    const sign = p === undefined ? "ŷ" : "p";
    nodes.push(
      ...maths`${at ? ";  " : ""}${names[k] ?? String(k + 1)}: ${sign} = ${value}, y = ${step.target(k)}, ∂L/∂ŷ = ${step.of("arriving", index, k)}`,
    );
  });
  return units > MOST ? [...nodes, ...maths`; …`] : nodes;
}
