/** The ground of a figure: two axes with ticks, and from numbers to places. */

import { stroke, svg, text, widthOf } from "../svg.js";
import { logSplits, stepText } from "../views/loss-data.js";
import { ticks, tickText } from "../views/plot.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {{name: string, range: readonly [number, number], log?: boolean, steps?: boolean}} Axis */
/** @typedef {ReturnType<typeof createAxes>} Axes */

let number = 0;

/**
 * @param {{width: number, height: number}} size
 * @param {Theme} theme
 * @param {Axis} across
 * @param {Axis} up its name stands above, at the left
 * @param {{left?: number, right?: number, height?: number}} [given] what it is not to choose itself:
 *   margins at the sides, the height of the plot
 */
export function createAxes(size, theme, across, up, given = {}) {
  const letter = letterOf(theme);
  const top = letter * 1.9;
  const most = Math.max(2, Math.min(8, size.width / (letter * 6)));
  const columns = marksOf(across, most);
  const below = letter * (isCrowded(across, columns.at(-1), size.width, theme) ? 3 : 1.9);
  const height = given.height ?? Math.max(20, size.height - top - below);
  const rows = marksOf(up, Math.max(2, Math.min(9, height / (letter * 2))));
  const words = rows.map((value) => tickText(Number(value.toPrecision(4))));
  const widths = words.map((word) => widthOf(word, letter, theme.font));
  const left = given.left ?? Math.max(...widths, letter) + 9;
  const width = Math.max(20, size.width - left - (given.right ?? letter * 0.9));
  const [right, bottom] = [left + width, top + height];
  const place = scale(across, left, width);
  const rise = scale(up, 0, height);
  const axes = {
    left,
    top,
    right,
    bottom,
    below: bottom + below,
    letter,
    theme,
    x: place,
    y: (/** @type {number} */ value) => bottom - rise(value),
    clip: `lab-clip-${++number}`,
    ground: svg("g"),
  };
  for (const value of columns) {
    const x = place(value);
    axes.ground.append(stroke(x, top, x, bottom, theme.line));
    const said = textOf(across, value);
    const half = widthOf(said, letter, theme.font) / 2;
    const within = Math.min(x, size.width - half);
    axes.ground.append(text(within, bottom + letter * 1.35, said, theme.muted, "middle"));
  }
  const named = text(right, bottom + below - letter * 0.55, across.name, theme.ink, "end");
  const above = text(0, letter * 1.05, up.name, theme.ink);
  rows.forEach((value, k) => {
    const y = axes.y(value);
    axes.ground.append(stroke(left, y, right, y, theme.line));
    axes.ground.append(text(left - 6, y + letter * 0.35, words[k], theme.muted, "end"));
  });
  const box = svg("rect", { x: left, y: top, width, height });
  axes.ground.append(named, above, svg("clipPath", { id: axes.clip }, box));
  return axes;
}

/** @param {Theme} theme @returns {number} the size of a figure's letters */
export function letterOf(theme) {
  return Math.round(theme.fontSize * 0.86);
}

/**
 * Whether the name of an axis needs a line of its own: a number stands where it would.
 * @param {Axis} axis
 * @param {number | undefined} last of its marks
 * @param {number} width
 * @param {Theme} theme
 */
function isCrowded(axis, last, width, theme) {
  if (last === undefined) return false;
  const letter = letterOf(theme);
  const room = width - letter * 5;
  const half = widthOf(textOf(axis, last), letter, theme.font) / 2;
  const end = scale(axis, 0, room)(last) + half + letter * 0.5;
  return end > room - widthOf(axis.name, letter, theme.font);
}

/** @param {Axis} axis @param {number} value at a mark of it */
function textOf({ steps }, value) {
  return steps ? stepText(value) : tickText(value);
}

/** @param {Axis} axis @param {number} most */
function marksOf({ range, log }, most) {
  if (!log) return ticks(range[0], range[1], most);
  const found = logSplits(range[0], range[1], most);
  return found.length > 1 ? found : ticks(range[0], range[1], 3);
}

/**
 * @param {Axis} axis
 * @param {number} start
 * @param {number} length
 * @returns {(value: number) => number}
 */
function scale({ range, log }, start, length) {
  const size = log ? Math.log10 : (/** @type {number} */ value) => value;
  const low = size(range[0]);
  const share = length / (size(range[1]) - low || 1);
  return (value) => start + (size(value) - low) * share;
}

/**
 * A range on a logarithmic axis with a little air.
 * @param {Iterable<number>} values those that are not finite, or not above 0, do not count
 * @param {number} [ceiling] what lies above does not count either
 * @returns {[number, number]}
 */
export function logRange(values, ceiling = Number.POSITIVE_INFINITY) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (!(value > 0 && value <= ceiling)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === 0) return [0.01, 1];
  return high / low < 1.5 ? [low / 1.3, high * 1.3] : [low / 1.15, high * 1.15];
}
