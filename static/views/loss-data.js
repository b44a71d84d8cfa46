/** From a frame's history to what a chart can show; pure functions. */

/** Rows of `history`: step, train and test loss, train and test metric, learning rate. */
const RATE = 5;

/**
 * @param {Float64Array} history [6, count], row by row
 * @param {number} count
 * @param {{logY: boolean, logX: boolean, showMetric: boolean}} look a logarithmic axis has no place
 *   for zero, and no axis has one for what is not finite: such values become gaps
 * @returns {[number[], (number | null)[], (number | null)[]]} steps, train, test
 */
export function columnsOf(history, count, { logY, logX, showMetric }) {
  const first = showMetric ? 3 : 1;
  const from = logX ? history.subarray(0, count).findIndex((step) => step > 0) : 0;
  const start = from < 0 ? count : from;
  const row = (/** @type {number} */ k) => history.subarray(k * count + start, (k + 1) * count);
  const shown = (/** @type {number} */ value) =>
    Number.isFinite(value) && (value > 0 || !logY) ? value : null;
  return [Array.from(row(0)), Array.from(row(first), shown), Array.from(row(first + 1), shown)];
}

/**
 * @param {Float64Array} history [6, count]
 * @param {number} count
 * @returns {{step: number, rate: number}[]} where the learning rate changed, and to what
 */
export function rateChanges(history, count) {
  const found = [];
  for (let k = 1; k < count; k++) {
    const rate = history[RATE * count + k];
    if (rate !== history[RATE * count + k - 1]) found.push({ step: history[k], rate });
  }
  return found;
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @param {boolean} log
 * @param {boolean} shares of an accuracy or R²: 1 is always in sight
 * @returns {[number, number]} the range with some air, never empty
 */
export function spread(low, high, log, shares) {
  if (low === null || high === null || !Number.isFinite(low + high))
    return log ? [0.01, 1] : [0, 1];
  if (log) return low * 4 > high ? [low / 2, high * 2] : [low / 1.2, high * 1.3];
  const top = shares ? Math.max(1, high) : high;
  const bottom = shares ? Math.max(low, -1) : Math.min(0, low);
  const air = (top - bottom || 1) * 0.06;
  return [shares ? bottom - air : bottom, top + air];
}

/** @param {number} step @returns {string} as the axis of steps says it: 500, 50 k, 1.5 M */
export function stepText(step) {
  const [size, unit] = step < 1e4 ? [1, ""] : step < 1e6 ? [1e3, " k"] : [1e6, " M"];
  return `${Number((step / size).toPrecision(3))}${unit}`;
}

/** What stands between powers of ten, from where there is least room to where there is most. */
const DIGITS = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 5, 7]];

/**
 * Ticks of a logarithmic axis: powers of ten, with others between them where there is room, or where
 * there would be fewer than two, which is no scale.
 * @param {number} low above 0
 * @param {number} high
 * @param {number} [most] how many there is room for
 * @returns {number[]}
 */
export function logSplits(low, high, most = 6) {
  const decades = Math.log10(high / low);
  const share = most / Math.max(decades, 0.1);
  let fine = share > 6 ? 3 : share > 2.9 ? 2 : share > 2.3 ? 1 : 0;
  let every = Math.max(1, Math.ceil(decades / most));
  let found = ticksOf(low, high, every, DIGITS[fine]);
  while (found.length < 2 && (every > 1 || fine < DIGITS.length - 1)) {
    if (every > 1) every -= 1;
    else fine += 1;
    found = ticksOf(low, high, every, DIGITS[fine]);
  }
  return found;
}

/**
 * @param {number} low @param {number} high
 * @param {number} every how many powers of ten from one to the next
 * @param {number[]} digits
 */
function ticksOf(low, high, every, digits) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    if (power % every !== 0) continue;
    for (const digit of digits) {
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found;
}
