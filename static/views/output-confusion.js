/** The confusion matrix: true classes in rows, predicted ones in columns. */

import { css, mix } from "../colour.js";
import { accuracy } from "./format.js";
import { fit } from "./network-units.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("./plot.js").Box} Box */

/**
 * What is right is blue, what is wrong orange; the depth is the share of the true class.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Dataset} dataset
 * @param {Box} box
 * @param {Theme} theme
 */
export function drawConfusion(context, frame, dataset, box, theme) {
  const { confusion } = frame;
  const { classes } = dataset;
  if (!confusion || classes.length === 0) return;
  const count = classes.length;
  const small = Math.round(theme.fontSize * 0.8);
  context.font = `${small}px ${theme.font}`;
  const longest = Math.max(...classes.map((name) => context.measureText(name).width));
  const gutter = Math.min(longest, box.width * 0.28) + 8;
  const top = box.top + small * 2.9;
  const cell = Math.min((box.width - gutter) / count, (box.top + box.height - top) / count);
  const wide = (box.width - gutter) / count;
  const left = box.left + gutter;

  const part = dataset.test.count > 0 ? "test" : "train";
  const share = frame.meta[`${part}_metric`];
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillStyle = theme.ink;
  context.font = `600 ${Math.round(theme.fontSize * 0.86)}px ${theme.font}`;
  const title = `${part} accuracy ${share === null ? "–" : accuracy(share)}`;
  const titled = context.measureText(title).width;
  context.fillText(title, box.left, box.top);
  context.font = `${small}px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "right";
  const hint = "true ↓ predicted →";
  if (titled + context.measureText(hint).width + 10 < box.width) {
    context.fillText(hint, box.left + box.width, box.top + 1);
  }

  for (let row = 0; row < count; row++) {
    const counts = confusion.subarray(row * count, (row + 1) * count);
    const total = counts.reduce((sum, n) => sum + n, 0) || 1;
    const y = top + row * cell;
    context.fillStyle = theme.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.font = `${Math.min(small, cell * 0.9)}px ${theme.font}`;
    context.fillText(fit(context, classes[row], gutter - 6), left - 6, y + cell / 2);
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.font = `${small}px ${theme.font}`;
    context.fillText(fit(context, classes[row], wide - 3), left + (row + 0.5) * wide, top - 3);
    for (const [column, n] of counts.entries()) {
      drawCell(n, n / total, row === column, left + column * wide, y);
    }
  }

  /** @param {number} n @param {number} share @param {boolean} right @param {number} x @param {number} y */
  function drawCell(n, share, right, x, y) {
    const { value, rgb } = theme;
    const depth = n === 0 ? 0 : 0.15 + 0.85 * Math.sqrt(share);
    const colour = mix(rgb.paper, right ? value.positive : value.negative, depth);
    context.fillStyle = css(colour);
    context.fillRect(x + 0.5, y + 0.5, wide - 1, cell - 1);
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, wide - 1, cell - 1);
    if (n === 0 || cell < 9) return;
    // Weights of the eye for red, green and blue: dark ground takes light figures.
    const light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 115;
    context.fillStyle = light ? "black" : "white";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${Math.min(theme.fontSize * 1.1, cell * 0.8, wide * 0.5)}px ${theme.font}`;
    context.fillText(String(n), x + wide / 2, y + cell / 2 + 0.5, wide - 2);
  }
}
