/** The loss along the gradient: how far the step at the rate in force goes, and the edge. */

import { lineThrough, stroke, svg, text, widthOf } from "../svg.js";
import { significant } from "../views/format.js";
import { createAxes } from "./axes.js";

/** @typedef {import("../protocol.js").CutInfo} CutInfo */
/** @typedef {import("../colour.js").Theme} Theme */

/** So many times what can be gained downhill is shown above the loss of now. */
const ABOVE = 2.5;

/**
 * @param {{width: number, height: number}} size
 * @param {CutInfo} info
 * @param {Float64Array} cut
 * @param {number} rate in force
 * @param {Theme} theme
 * @returns {{nodes: Node[], summary: string}}
 */
export function drawCut(size, info, cut, rate, theme) {
  const count = cut.length / 2;
  const [steps, losses] = [cut.subarray(0, count), cut.subarray(count)];
  const [low, high] = span(losses);
  const longest = steps[count - 1];
  const axes = createAxes(
    size,
    theme,
    { name: "step length", range: [0, longest] },
    { name: `${heightOf(info)} after a step downhill`, range: [low, high] },
  );
  const { left, right, top, bottom, letter } = axes;
  const inside = svg("g", { "clip-path": `url(#${axes.clip})`, fill: "none" });
  const points = Array.from(steps, (step, k) => ({ x: axes.x(step), y: axes.y(losses[k]) }));
  const now = axes.y(losses[0]);
  const level = { "stroke-dasharray": "1.5 3", "stroke-width": 1.2 };
  inside.append(
    stroke(left, now, right, now, theme.muted, level),
    svg("path", { d: lineThrough(points), stroke: theme.ink, "stroke-width": 2.5, class: "curve" }),
  );
  /** @type {Node[]} */
  const marks = [];
  let row = 0;
  if (info.edge !== null && info.edge <= longest) {
    const x = axes.x(info.edge);
    const colour = theme.gradient.at(1);
    const dash = { "stroke-dasharray": "7 4", "stroke-width": 2 };
    marks.push(stroke(x, top, x, bottom, colour, dash));
    marks.push(beside(x, `edge 2/λmax = ${significant(info.edge)}`, colour, row++, axes));
  }
  const beyond = rate > longest;
  const x = axes.x(Math.min(rate, longest));
  const landing = lossAt(steps, losses, rate);
  const y = Math.max(top, Math.min(bottom, axes.y(landing)));
  const words = `rate ${significant(rate)}${beyond ? ": further than shown" : ""}`;
  marks.push(beside(x, words, theme.ink, row, axes));
  if (!beyond) {
    const hop = { "stroke-width": 2, "stroke-dasharray": "3 3" };
    const dot = { r: letter * 0.42, stroke: theme.paper, "stroke-width": 1.5 };
    inside.append(stroke(x, top, x, bottom, theme.ink, { "stroke-width": 1.2 }));
    marks.push(
      stroke(left, now, x, y, theme.ink, hop),
      svg("circle", { cx: left, cy: now, ...dot, fill: theme.muted }),
      svg("circle", { cx: x, cy: y, ...dot, fill: theme.ink, class: "landing" }),
    );
  }
  const edge = info.edge === null ? "none" : significant(info.edge);
  const summary = `From ${significant(losses[0])}; a step of ${significant(rate)} leads to ${
    beyond ? "a loss off the chart" : significant(landing)
  }. Edge of stability: ${edge}.`;
  return { nodes: [axes.ground, inside, ...marks], summary };
}

/**
 * @param {Float64Array} losses
 * @returns {[number, number]} down to the lowest, up to a few times what can be gained
 */
function span(losses) {
  const finite = losses.filter(Number.isFinite);
  const low = Math.min(...finite);
  const gain = losses[0] - low;
  const high = Math.min(Math.max(...finite), gain > 0 ? losses[0] + ABOVE * gain : Infinity);
  const air = (high - low || Math.abs(low) || 1) * 0.08;
  return [Math.max(0, low - air), high + air];
}

/**
 * @param {Float64Array} steps evenly spaced
 * @param {Float64Array} losses
 * @param {number} rate
 */
function lossAt(steps, losses, rate) {
  const place = (rate / steps[steps.length - 1]) * (steps.length - 1);
  const k = Math.max(0, Math.min(steps.length - 2, Math.floor(place)));
  return losses[k] + (losses[k + 1] - losses[k]) * (place - k);
}

/**
 * Words at the upper end of a line, on the side where there is room.
 * @param {number} x
 * @param {string} words
 * @param {string} colour
 * @param {number} row
 * @param {import("./axes.js").Axes} axes
 */
function beside(x, words, colour, row, { left, top, right, letter, theme }) {
  const width = widthOf(words, letter, theme.font) * 1.08;
  const halo = { "paint-order": "stroke", stroke: theme.panel, "stroke-width": 4 };
  let start = x + 6;
  if (start + width > right) start = x - 6 - width;
  if (start < left) start = Math.max(left + 4, right - width); // across the line, in the plot
  const y = top + letter * (1.2 + 1.4 * row);
  return text(start, y, words, colour, "start", { ...halo, "font-weight": 600 });
}

/**
 * What is drawn as the height.
 * @param {{penalised: boolean}} info
 */
export function heightOf({ penalised }) {
  return penalised ? "loss and penalties" : "loss";
}

/**
 * Why too large a rate overshoots, with the numbers of here and now.
 * @param {CutInfo} info
 * @param {number} rate in force
 */
export function explained({ edge, examples }, rate) {
  if (edge === null) {
    return "Here the loss curves upwards in no direction: there is no edge of stability until it does.";
  }
  const share = edge / rate;
  const where =
    share >= 1 ? `${significant(share)} times smaller` : `${significant(1 / share)} times larger`;
  return (
    `In the direction in which the loss curves most, a step longer than 2/λmax = ` +
    `${significant(edge)} overshoots: it lands higher on the far side, and further out each time. ` +
    `Along the gradient, as drawn, the loss may fall for longer. The rate in force is ${where}. ` +
    `(Gradient descent on all ${examples.toLocaleString("en")} training examples; minibatches ` +
    `add noise.)`
  );
}
