/** What a teacher would say about the gradients: simple, stated rules; pure functions. */

import { significant } from "./format.js";

/** @typedef {{name: string, gradient: number, ratio: number, dead: number, saturated: number}} LayerHealth */

/** An update between these shares of the weight's size is usually healthy. */
export const HEALTHY = /** @type {const} */ ([1e-4, 1e-2]);
const FACTOR = 100;
const HALF = 0.5;
const MOST = 0.85;

/**
 * The first rule that applies: a gradient is not finite · all are 0 · the first layer's is 100
 * times smaller than the last's (vanishing) · it is 100 times larger (exploding) · more than half
 * of a layer is dead · more than 85 % of a hidden layer's activations are saturated (an output's
 * may be: it is sure) · an update is more than a tenth of its weights.
 * @param {LayerHealth[]} layers from the first hidden one to the output
 * @returns {{words: string, healthy: boolean}}
 */
export function verdict(layers) {
  const trouble = (/** @type {string} */ words) => ({ words, healthy: false });
  const broken = layers.find((layer) => !Number.isFinite(layer.gradient));
  if (broken) return trouble(`the gradient of ${broken.name} is not a finite number`);
  if (layers.every((layer) => layer.gradient === 0))
    return trouble("no gradient: nothing is learned");
  const first = layers[0].gradient;
  const last = layers[layers.length - 1].gradient;
  if (first * FACTOR < last) {
    const times = first === 0 ? "to nothing" : `${round(last / first)}×`;
    return trouble(`gradient shrinks ${times} towards the input: vanishing`);
  }
  if (last > 0 && first > FACTOR * last) {
    return trouble(`gradient grows ${round(first / last)}× towards the input: exploding`);
  }
  const dead = layers.find((layer) => layer.dead > HALF);
  if (dead) return trouble(`more than half of ${dead.name} is dead`);
  const stuck = layers.slice(0, -1).find((layer) => layer.saturated > MOST);
  if (stuck) return trouble(`${stuck.name} is saturated: little gradient passes through it`);
  const hasty = layers.find((layer) => layer.ratio > 0.1);
  if (hasty) return trouble(`updates of ${hasty.name} are large: is the learning rate too high?`);
  return { words: "gradients reach every layer", healthy: true };
}

/** @param {number} times */
function round(times) {
  return significant(Number(times.toPrecision(1)));
}

/**
 * Where a magnitude stands on a logarithmic scale.
 * @param {number} value
 * @param {readonly [number, number]} range
 * @returns {number} 0…1; 0 for what is not above 0
 */
export function logShare(value, [low, high]) {
  if (!(value > 0)) return 0;
  return Math.max(0, Math.min(1, Math.log(value / low) / Math.log(high / low)));
}
