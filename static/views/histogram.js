/**
 * A small histogram in a table's cell. It is SVG: a canvas is a layer of its own to the browser,
 * and a page with twenty of them puts twenty more layers together for every frame.
 */

import { mark } from "../dom.js";
import { svg } from "../svg.js";
import { significant } from "./format.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("../colour.js").Scale} Scale */

const WIDTH = 132;
const HEIGHT = 22;
const GROUND = HEIGHT - 1;
/**
 * Values on a scale −1 … 1, and where along the bars' ramp their colours stand: the weakest of
 * either sign can still be told from the ground.
 */
const STOPS = [
  [-1, 0],
  [-0.42, 0.5],
  [0.42, 0.5],
  [1, 1],
];

let count = 0;

/** @param {string} name what is counted, for a screen reader */
export function createHistogram(name) {
  const cell = document.createElement("td");
  const id = `histogram-${++count}`;
  const stops = STOPS.map(([, offset]) => svg("stop", { offset }));
  const ramp = svg("linearGradient", { id, gradientUnits: "userSpaceOnUse" }, ...stops);
  const ground = svg("path", { class: "ground", d: `M0 ${GROUND}h${WIDTH}v1h${-WIDTH}z` });
  const bars = svg("path", { fill: `url(#${id})` });
  const zero = svg("path", { class: "zero" });
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
  const picture = svg("svg", { class: "histogram", role: "img", ...box }, ramp, ground, bars, zero);
  cell.append(picture);

  return {
    cell,
    /**
     * Bars in the colours of their values; what is at zero is marked by a tick.
     * @param {Frame} frame
     * @param {number} layer row of the histograms
     * @param {0 | 1} which activations or gradients
     * @param {Scale} scale
     */
    show(frame, layer, which, scale) {
      const bins = frame.shapes.histograms[2];
      const at = layer * 2 + which;
      const shares = frame.histograms.subarray(at * bins, (at + 1) * bins);
      const [low, high] = frame.histogram_ranges.subarray(at * 2, at * 2 + 2);
      const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
      // Where all numbers are one, all of them lie in the first bin: it stands in the middle.
      const [from, to] = low < high ? [low, high] : [low - reach, low + reach];
      const place = (/** @type {number} */ value) => ((value - from) / (to - from)) * WIDTH;
      mark(bars, "d", outline(shares, low < high ? 0 : bins / 2));
      stops.forEach((stop, k) => {
        mark(stop, "stop-color", scale.at(STOPS[k][0]));
      });
      const known = Number.isFinite(low) && Number.isFinite(high); // else there are no bars
      if (known) {
        mark(ramp, "x1", place(-reach).toFixed(1));
        mark(ramp, "x2", place(reach).toFixed(1));
      }
      mark(zero, "d", known && from < 0 && to > 0 ? `M${place(0).toFixed(1)} ${HEIGHT - 4}v4` : "");
      const words = `${significant(low)} to ${significant(high)}`;
      mark(cell, "title", words);
      mark(picture, "aria-label", `${name}, ${words}`);
    },
  };
}

/**
 * @param {Float32Array} shares
 * @param {number} shift to the right, in bins
 * @returns {string} a bar for each that is not empty, as a path
 */
function outline(shares, shift) {
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  const step = WIDTH / shares.length;
  let path = "";
  shares.forEach((share, k) => {
    if (!(share > 0)) return;
    const height = Math.max(1.5, (share / most) * (HEIGHT - 2)).toFixed(1);
    path += `M${((k + shift) * step + 0.4).toFixed(1)} ${GROUND}v-${height}h${(step - 0.8).toFixed(1)}v${height}z`;
  });
  return path;
}
