/** Axes: from numbers to places and back, round ticks, and how they are drawn. */

import { superscript } from "./format.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {{left: number, top: number, width: number, height: number}} Box */
/** @typedef {ReturnType<typeof createPlot>} Plot */

/**
 * @param {Box} box
 * @param {readonly [number, number]} xRange
 * @param {readonly [number, number]} yRange the lower end stands at the bottom
 */
export function createPlot(box, xRange, yRange) {
  const across = box.width / (xRange[1] - xRange[0]);
  const up = box.height / (yRange[1] - yRange[0]);
  return {
    ...box,
    xRange,
    yRange,
    x: (/** @type {number} */ value) => box.left + (value - xRange[0]) * across,
    y: (/** @type {number} */ value) => box.top + box.height - (value - yRange[0]) * up,
  };
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} most how many ticks at most
 * @returns {number[]} round numbers within the range, evenly spaced
 */
export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 3, 5, 10].find((nice) => nice * power >= rough * 0.999) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

/** @param {number} value @returns {string} as a tick says it */
export function tickText(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const power = Math.floor(Math.log10(size) + 1e-9);
    const digit = Number((size / 10 ** power).toPrecision(3));
    return `${value < 0 ? "−" : ""}${digit === 1 ? "" : `${digit}·`}10${superscript(power)}`;
  }
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/**
 * Numbers along the left and the lower side, and what the axes are.
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Theme} theme
 * @param {{x?: string, y?: string, grid?: boolean}} [options] names of the axes; lines across
 */
export function drawAxes(context, plot, theme, { x = "", y = "", grid = false } = {}) {
  const { left, top, width, height } = plot;
  const xs = ticks(...plot.xRange, Math.min(7, width / 32));
  const ys = ticks(...plot.yRange, Math.min(7, height / 26));
  if (grid) {
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.beginPath();
    for (const value of xs) line(plot.x(value), top, plot.x(value), top + height);
    for (const value of ys) line(left, plot.y(value), left + width, plot.y(value));
    context.stroke();
  }
  context.font = axisFont(theme);
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  context.textBaseline = "top";
  const below = top + height + 4;
  for (const value of xs) {
    const text = tickText(value);
    const half = context.measureText(text).width / 2;
    const named =
      x !== "" && plot.x(value) + half > left + width - context.measureText(x).width - 4;
    if (!named) context.fillText(text, Math.max(left + half - 8, plot.x(value)), below);
  }
  context.textAlign = "right";
  if (x) context.fillText(x, left + width, below);
  context.textBaseline = "middle";
  const size = theme.fontSize * 0.8;
  for (const value of ys) {
    if (y && plot.y(value) < top + size * 1.4) continue;
    context.fillText(tickText(value), left - 5, Math.min(plot.y(value), top + height - size / 2));
  }
  context.textBaseline = "top";
  if (y) context.fillText(y, left - 5, top);

  /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
  function line(x1, y1, x2, y2) {
    context.moveTo(Math.round(x1) + 0.5, y1);
    context.lineTo(Math.round(x2) + 0.5, y2);
  }
}

/** @param {Theme} theme */
export function axisFont(theme) {
  return `${Math.round(theme.fontSize * 0.8)}px ${theme.font}`;
}

/**
 * A title on its own ground in the upper left of a plot: says that this is not the usual picture.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {string} text
 * @param {Theme} theme
 * @returns {{right: number, bottom: number}} where it ends
 */
export function drawCaption(context, box, text, theme) {
  context.font = `600 ${Math.round(theme.fontSize * 0.86)}px ${theme.font}`;
  const width = Math.min(box.width, context.measureText(text).width + 14);
  const height = theme.fontSize * 1.6;
  context.fillStyle = theme.paper;
  context.beginPath();
  context.roundRect(box.left, box.top, width, height, [6, 0, 6, 0]);
  context.fill();
  context.fillStyle = theme.ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(text, box.left + 7, box.top + height / 2, width - 12);
  return { right: box.left + width, bottom: box.top + height };
}
