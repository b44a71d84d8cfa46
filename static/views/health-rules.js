/** How the health's bars are read: bands and scales. What is wrong, and why, the server says. */

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
  return Math.max(0, Math.min(1, Math.log(value / low) / Math.log(high / low)));
}
