/** The selected example of a table or of images: what went in, and how sure the network is. */

import { classColours, css } from "../colour.js";
import { percent } from "./format.js";
import { drawPicture, fit } from "./network-units.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("./plot.js").Box} Box */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Dataset} dataset
 * @param {Box} box
 * @param {Theme} theme
 */
export function drawExample(context, frame, dataset, box, theme) {
  let { left, width } = box;
  if (dataset.image_shape) {
    const size = Math.min(box.height, box.width * 0.36);
    const picture = { x: left + size / 2 + 1, y: box.top + box.height / 2, size: size - 4 };
    const shape = /** @type {[number, number]} */ (dataset.image_shape);
    drawPicture(context, frame.example_input, shape, picture, theme);
    left += size + 12;
    width -= size + 12;
  }
  const { classes } = dataset;
  const colours = classColours(theme, classes.length);
  // Lines of text that could not be read stand side by side instead.
  const upright = box.height / classes.length < theme.fontSize * 0.95;
  if (upright) drawColumns({ ...box, left, width });
  else drawBars({ ...box, left, width });

  /** @param {Box} room one column for each class's probability, its name below */
  function drawColumns(room) {
    const pitch = room.width / classes.length;
    const size = theme.fontSize * 0.92;
    const foot = room.top + room.height - size * 1.4;
    const full = foot - room.top - size * 1.3;
    const best = frame.example_output.indexOf(Math.max(...frame.example_output));
    context.textAlign = "center";
    classes.forEach((name, k) => {
      const x = room.left + (k + 0.5) * pitch;
      const share = Math.max(0, Math.min(1, frame.example_output[k] || 0));
      const truth = k === frame.meta.example.target;
      context.fillStyle = css(colours[k]);
      context.fillRect(x - pitch * 0.36, foot - full * share, pitch * 0.72, full * share);
      context.fillStyle = theme.line;
      context.fillRect(x - pitch * 0.45, foot, pitch * 0.9, 1);
      context.fillStyle = truth ? theme.ink : theme.muted;
      context.font = `${truth ? 700 : 400} ${size}px ${theme.font}`;
      context.textBaseline = "top";
      context.fillText(fit(context, name, pitch), x, foot + 3);
      if (k !== best) return;
      context.textBaseline = "bottom";
      const text = percent(share);
      const half = context.measureText(text).width / 2;
      const middle = Math.max(room.left + half, Math.min(room.left + room.width - half, x));
      context.fillText(text, middle, foot - full * share - 1);
    });
  }

  /** @param {Box} room one bar for each class's probability */
  function drawBars(room) {
    const pitch = Math.min(theme.fontSize * 1.7, room.height / classes.length);
    const size = Math.min(theme.fontSize * 0.86, pitch * 0.95);
    const offset = (room.height - pitch * classes.length) / 2;
    context.font = `700 ${size}px ${theme.font}`;
    const longest = Math.max(...classes.map((name) => context.measureText(name).width));
    const label = Math.min(longest, room.width * 0.42) + 7;
    const figure = context.measureText("100 %").width + 6;
    const full = room.width - label - figure;
    classes.forEach((name, k) => {
      const share = frame.example_output[k];
      const y = room.top + offset + (k + 0.5) * pitch;
      const truth = k === frame.meta.example.target;
      context.font = `${truth ? 700 : 400} ${size}px ${theme.font}`;
      context.fillStyle = truth ? theme.ink : theme.muted;
      context.textBaseline = "middle";
      context.textAlign = "right";
      context.fillText(fit(context, name, label - 5), room.left + label - 6, y);
      context.fillStyle = theme.line;
      context.fillRect(room.left + label, y - 0.5, full, 1);
      context.fillStyle = css(colours[k]);
      const width = full * Math.max(0, Math.min(1, share || 0));
      context.fillRect(room.left + label, y - pitch * 0.32, width, pitch * 0.64);
      context.fillStyle = truth ? theme.ink : theme.muted;
      context.fillText(percent(share), room.left + room.width, y);
    });
  }
}

/**
 * One unit's incoming weights as a picture, in full size: what it looks for in an image.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} weights
 * @param {[number, number]} shape rows, columns
 * @param {Box} box
 * @param {Theme} theme
 * @returns {number} the magnitude at the ends of the colours
 */
export function drawWeights(context, weights, shape, box, theme) {
  const [rows, columns] = shape;
  const cell = Math.min(box.width / columns, box.height / rows);
  const left = box.left + (box.width - cell * columns) / 2;
  const reach = weights.reduce((a, b) => Math.max(a, Math.abs(b) || 0), 0) || 1;
  for (const [k, weight] of weights.entries()) {
    context.fillStyle = theme.value.at(weight / reach);
    const x = left + (k % columns) * cell;
    context.fillRect(x, box.top + Math.floor(k / columns) * cell, cell + 0.5, cell + 0.5);
  }
  return reach;
}
