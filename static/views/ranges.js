/** How large is large: a scale's range that follows the numbers without flickering. */

const NICE = [1, 1.5, 2, 3, 4, 6, 8, 10];
const SETTLE_MS = 800;

/**
 * The magnitude that all but the largest few per cent of the values stay below.
 * @param {Float32Array} values non-finite ones do not count
 * @param {number} [share]
 */
export function robustMax(values, share = 0.98) {
  const stride = Math.max(1, Math.floor(values.length / 600));
  const sizes = [];
  for (let k = 0; k < values.length; k += stride) {
    const size = Math.abs(values[k]);
    if (size < Number.POSITIVE_INFINITY) sizes.push(size);
  }
  if (sizes.length === 0) return 0;
  const sorted = Float64Array.from(sizes).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** @param {number} value above 0 @returns {number} the next round number that is not below it */
export function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = NICE.find((nice) => nice * power >= value * 0.999) ?? 10;
  return Number((step * power).toPrecision(2));
}

/**
 * A symmetric range, kept round: it follows the smoothed size of the numbers, and stays as it is
 * while they fill between half of it and all of it.
 * @param {number} [floor] never below this: what is smaller is to look small
 */
export function createRange(floor = 0) {
  let level = 0;
  let range = 0;
  let time = 0;
  return {
    /** @returns {number} never 0 */
    get value() {
      return range || 1;
    },
    /** @param {number} size the magnitude now @param {number} now milliseconds */
    follow(size, now) {
      const least = Math.max(size, floor);
      if (!(least > 1e-30)) return;
      const share = level ? 1 - Math.exp(-Math.max(0, now - time) / SETTLE_MS) : 1;
      time = now;
      level = level ** (1 - share) * least ** share;
      if (level > range || level < range * 0.5) range = niceCeiling(level);
    },
    /** Start afresh: another network, another data set. */
    reset() {
      level = 0;
      range = 0;
    },
  };
}

/** @typedef {ReturnType<typeof createRange>} Range */
