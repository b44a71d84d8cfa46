/** A small histogram in a table's cell. */

import { mark } from "../dom.js";
import { significant } from "./format.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("../colour.js").Scale} Scale */
/** @typedef {import("../colour.js").Theme} Theme */

const WIDTH = 132;
const HEIGHT = 22;

/** @param {string} name what is counted, for a screen reader */
export function createHistogram(name) {
  const cell = document.createElement("td");
  const canvas = document.createElement("canvas");
  canvas.className = "histogram";
  canvas.setAttribute("role", "img");
  const ratio = Math.min(2, Math.max(1, window.devicePixelRatio || 1));
  canvas.width = WIDTH * ratio;
  canvas.height = HEIGHT * ratio;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  cell.append(canvas);

  return {
    cell,
    /**
     * Bars in the colours of their values; what is at zero is marked by a tick.
     * @param {Frame} frame
     * @param {number} layer row of the histograms
     * @param {0 | 1} which activations or gradients
     * @param {Scale} scale
     * @param {Theme} theme
     */
    show(frame, layer, which, scale, theme) {
      const bins = frame.shapes.histograms[2];
      const at = layer * 2 + which;
      const counts = frame.histograms.subarray(at * bins, (at + 1) * bins);
      const [low, high] = frame.histogram_ranges.subarray(at * 2, at * 2 + 2);
      const most = counts.reduce((a, b) => Math.max(a, b), 0);
      const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
      const step = WIDTH / bins;
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = theme.line;
      context.fillRect(0, HEIGHT - 1, WIDTH, 1);
      for (let k = 0; k < bins; k++) {
        if (!(counts[k] > 0)) continue;
        const value = (low + ((k + 0.5) / bins) * (high - low)) / reach;
        const height = Math.max(1.5, (counts[k] / most) * (HEIGHT - 2));
        context.fillStyle = scale.at(value && Math.sign(value) * (0.42 + 0.58 * Math.abs(value)));
        context.fillRect(k * step + 0.4, HEIGHT - 1 - height, step - 0.8, height);
      }
      if (low < 0 && high > 0) {
        context.fillStyle = theme.muted;
        context.fillRect((-low / (high - low)) * WIDTH - 0.5, HEIGHT - 4, 1, 4);
      }
      const words = `${significant(low)} to ${significant(high)}`;
      mark(cell, "title", words);
      mark(canvas, "aria-label", `${name}, ${words}`);
    },
  };
}
