/** Lines in slow motion, and the arrowheads that run along them. */

import { trace } from "../views/network-edges.js";
import { curveX, curveY } from "../views/network-hit.js";

/** @typedef {import("../views/network-layout.js").Layout} Layout */
/** @typedef {import("../views/network-layout.js").Gap} Gap */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../colour.js").Scale} Scale */

/** Weaker lines say nothing, and cost. */
const LEAST = 0.02;
const MOST_MARKERS = 300;
/** In so many lines, those that are not active lie over one another: each is fainter. */
const CROWD = 150;

/**
 * @param {CanvasRenderingContext2D} context @param {Layout} plan @param {Gap} gap @param {Theme} theme
 * @param {number} chosen index of a unit whose lines can still be seen, or −1
 */
export function strokeDim(context, plan, gap, theme, chosen) {
  const { edges } = plan;
  const crowd = gap.end - gap.start;
  for (const mine of chosen < 0 ? [false] : [false, true]) {
    context.beginPath();
    for (let k = gap.start; k < gap.end; k++) {
      if (!mine || edges.source[k] === chosen || edges.target[k] === chosen)
        trace(context, edges, k);
    }
    context.globalAlpha = mine ? 0.7 : crowd > CROWD ? Math.max(0.05, 36 / crowd) : 0.6;
    context.strokeStyle = mine ? theme.muted : theme.line;
    context.lineWidth = mine ? 1.2 : 0.8;
    context.stroke();
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Layout} plan @param {Gap} gap
 * @param {Float32Array} values by edge @param {number} range @param {Scale} scale
 * @param {number} chosen index of a unit whose lines stand out, or −1
 */
export function strokeValues(context, plan, gap, values, range, scale, chosen) {
  const { edges } = plan;
  const crowd = gap.end - gap.start;
  const widest = Math.max(1.6, Math.min(8, plan.pitch / 14, 42 / Math.sqrt(crowd)));
  const mine = (/** @type {number} */ k) =>
    edges.source[k] === chosen || edges.target[k] === chosen;
  let some = false;
  for (let k = gap.start; k < gap.end && !some; k++) some = mine(k);
  for (const front of [false, true]) {
    for (let k = gap.start; k < gap.end; k++) {
      if ((some && mine(k)) !== front) continue;
      const share = Math.max(-1, Math.min(1, values[k] / range));
      if (Math.abs(share) < (crowd > CROWD && !front ? LEAST : 0)) continue;
      context.globalAlpha = some && !front ? 0.15 : 1;
      context.beginPath();
      trace(context, edges, k);
      context.strokeStyle = scale.at(Math.sign(share) * (0.25 + 0.75 * Math.abs(share)));
      context.lineWidth = 0.7 + (widest - 0.7) * Math.abs(share);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

/**
 * An arrowhead on each line, at the same share of its way, as large as its number.
 * @param {CanvasRenderingContext2D} context @param {Layout} plan @param {Gap} gap
 * @param {Float32Array} values by edge @param {number} range @param {Scale} scale
 * @param {Theme} theme @param {number} way 0…1 @param {boolean} back from right to left
 */
export function drawMarkers(context, plan, gap, values, range, scale, theme, way, back) {
  const { edges } = plan;
  const crowd = gap.end - gap.start;
  const largest = Math.max(4, Math.min(9, 100 / Math.sqrt(crowd)));
  const sizes = Array.from({ length: crowd }, (_, k) => Math.abs(values[gap.start + k] / range));
  const least = Math.max(LEAST, sizes.toSorted((a, b) => b - a)[MOST_MARKERS] ?? 0);
  const t = 0.03 + 0.94 * (back ? 1 - way : way);
  const near = back ? -0.01 : 0.01;
  context.lineWidth = 1;
  context.strokeStyle = theme.panel;
  for (let k = gap.start; k < gap.end; k++) {
    const size = sizes[k - gap.start];
    if (!(size > least)) continue;
    const at = (/** @type {number} */ s) => ({
      x: curveX(edges.x1[k], edges.x2[k], s),
      y: curveY(edges.y1[k], edges.y2[k], s),
    });
    const [here, there] = [at(t), at(t + near)];
    const turn = Math.atan2(there.y - here.y, there.x - here.x);
    const radius = largest * (0.35 + 0.65 * Math.sqrt(Math.min(1, size)));
    const corner = (/** @type {number} */ angle, /** @type {number} */ reach) =>
      /** @type {const} */ ([
        here.x + Math.cos(turn + angle) * radius * reach,
        here.y + Math.sin(turn + angle) * radius * reach,
      ]);
    context.beginPath();
    context.moveTo(...corner(0, 1.1));
    context.lineTo(...corner(2.4, 1));
    context.lineTo(...corner(-2.4, 1));
    context.closePath();
    context.fillStyle = scale.at(values[k] < 0 ? -1 : 1);
    context.fill();
    context.stroke();
  }
}
