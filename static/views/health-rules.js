/** How the health's pictures are read: bands and scales. What is wrong, and why, the server says. */

import { superscript } from "./format.js";

/** An update between these shares of the weight's size is usually healthy. */
export const HEALTHY = /** @type {const} */ ([1e-4, 1e-2]);

/**
 * Where a magnitude stands on a logarithmic scale.
 * @param {number} value
 * @param {readonly [number, number]} range
 * @returns {number} 0…1; 0 for what is not above 0
 */
export function logShare(value, [low, high]) {
  if (!(value > 0)) return 0;
  if (value === Infinity) return 1;
  return Math.max(0, Math.min(1, Math.log(value / low) / Math.log(high / low)));
}

/**
 * The axis on which all layers' gradient norms stand: whole powers of ten, up to the largest. Below
 * the smallest twentieth it may end: single minibatches with hardly any gradient are no matter.
 * @param {ArrayLike<number>} norms
 * @returns {readonly [number, number]}
 */
export function axisOf(norms) {
  const seen = Array.from(norms)
    .filter((norm) => norm > 0 && norm < Infinity)
    .sort((a, b) => a - b);
  if (seen.length === 0) return [1e-2, 1];
  const low = Math.floor(Math.log10(seen[Math.floor(seen.length / 20)]));
  const high = Math.ceil(Math.log10(seen[seen.length - 1]));
  return [10 ** Math.min(low, -2), 10 ** Math.max(high, 0)];
}

/** @param {readonly [number, number]} axis @returns {string} 10⁻³ – 10 */
export function axisWords(axis) {
  const [low, high] = axis.map((end) => {
    const power = Math.round(Math.log10(end));
    return power === 0 || power === 1 ? String(10 ** power) : `10${superscript(power)}`;
  });
  return `${low} – ${high}`;
}
