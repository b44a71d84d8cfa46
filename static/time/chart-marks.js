/** Drawn on the loss chart beside the run: ghosts, what came after, changes, the blow-up. */

import { count } from "../views/format.js";
import { rateChanges } from "../views/loss-data.js";

/** @import uPlot from "../vendor/uPlot.esm.js" */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../protocol.js").Frame} Frame */
/** @typedef {import("./curves.js").Trace} Trace */

/** More changes than this are a way of the rate, which the strip below shows. */
const MOST_CHANGES = 8;

/**
 * A fine line at each step at which the learning rate was set.
 * @param {uPlot} plot
 * @param {Frame} frame
 * @param {Theme} theme
 */
export function drawRateChanges(plot, frame, theme) {
  const changes = rateChanges(frame.history, frame.shapes.history[1]);
  if (frame.schedule || changes.length > MOST_CHANGES) return;
  within(plot, (context, ratio) => {
    context.strokeStyle = theme.muted;
    context.lineWidth = ratio;
    context.setLineDash([2 * ratio, 3 * ratio]);
    for (const { step } of changes) upright(plot, context, step);
  });
}

/**
 * @param {uPlot} plot
 * @param {Trace[]} ghosts
 * @param {{curve: Trace | null, step: number}} after the future of the moment looked at
 * @param {Theme} theme
 */
export function drawTraces(plot, ghosts, after, theme) {
  within(plot, (context, ratio) => {
    context.lineJoin = "round";
    context.strokeStyle = theme.muted;
    for (const [k, ghost] of ghosts.entries()) {
      // The older, the paler.
      context.globalAlpha = 0.4 + (0.4 * (k + 1)) / ghosts.length;
      context.lineWidth = 1.6 * ratio;
      context.setLineDash([1.6 * ratio, 3 * ratio]); // dotted: the test's curve is dashed
      trace(plot, context, ghost);
    }
    if (!after.curve) return;
    context.globalAlpha = 0.45;
    context.setLineDash([]);
    context.lineWidth = 2.2 * ratio;
    context.strokeStyle = theme.muted;
    trace(plot, context, after.curve);
    context.globalAlpha = 1;
    context.strokeStyle = theme.ink;
    context.lineWidth = 1.5 * ratio;
    upright(plot, context, after.step);
  });
}

/**
 * Where the numbers ceased to be finite.
 * @param {uPlot} plot
 * @param {Frame} frame
 * @param {Theme} theme
 */
export function drawDivergence(plot, frame, theme) {
  const { diverged } = frame.meta;
  if (!diverged) return;
  within(plot, (context, ratio) => {
    const { left, top, width } = plot.bbox;
    const x = upright(plot, context, diverged.step, () => {
      context.strokeStyle = theme.trouble;
      context.lineWidth = 2 * ratio;
    });
    const text = `✕ step ${count(diverged.step)}`;
    context.font = `600 ${Math.round(theme.fontSize * 0.8 * ratio)}px ${theme.font}`;
    context.fillStyle = theme.trouble;
    context.textAlign = "left";
    context.textBaseline = "top";
    const room = context.measureText(text).width + 5 * ratio;
    const beside = x + room > left + width ? x - room : x + 5 * ratio;
    context.fillText(text, Math.max(left, beside), top + ratio);
  });
}

/**
 * Draw inside the chart's frame only.
 * @param {uPlot} plot
 * @param {(context: CanvasRenderingContext2D, ratio: number) => void} draw
 */
function within(plot, draw) {
  const { ctx: context } = plot;
  const { left, top, width, height } = plot.bbox;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  draw(context, window.devicePixelRatio || 1);
  context.restore();
}

/**
 * @param {uPlot} plot
 * @param {CanvasRenderingContext2D} context
 * @param {number} step
 * @param {() => void} [dress]
 * @returns {number} where it stands
 */
function upright(plot, context, step, dress = () => {}) {
  dress();
  const { top, height } = plot.bbox;
  const x = Math.round(plot.valToPos(step, "x", true)) + 0.5;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.stroke();
  return x;
}

/**
 * @param {uPlot} plot
 * @param {CanvasRenderingContext2D} context
 * @param {Trace} curve what is not finite rises out of the chart
 */
function trace(plot, context, { steps, losses }) {
  const above = plot.bbox.top - 1000;
  context.beginPath();
  for (let k = 0; k < steps.length; k++) {
    const loss = losses[k];
    const x = plot.valToPos(steps[k], "x", true);
    const y = Number.isFinite(loss) ? Math.max(above, plot.valToPos(loss, "y", true)) : above;
    if (!Number.isFinite(x) || Number.isNaN(y)) continue;
    if (k === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.stroke();
}
