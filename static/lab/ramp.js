/** The colour of a learning rate, and the mark of a label: never the colour alone. */

import { css, mix, parseColour } from "../colour.js";
import { svg } from "../svg.js";

/** From the smallest rate of a race to its largest. */
const STOPS = [0, 1, 2, 3, 4];
export const LABELS = ["too slow", "converging", "oscillating", "stuck", "diverged"];

/**
 * @param {string} name of the custom properties: `--rate-ramp-0` to `-4`
 * @returns {(share: number) => string} of 0…1, in the theme in force
 */
export function rampOf(name) {
  const style = getComputedStyle(document.documentElement);
  const colours = STOPS.map((k) => parseColour(style.getPropertyValue(`--${name}-${k}`)));
  return (share) => {
    const place = Math.max(0, Math.min(1, share)) * (colours.length - 1);
    const k = Math.min(colours.length - 2, Math.floor(place));
    return css(mix(colours[k], colours[k + 1], place - k));
  };
}

/**
 * Where a rate stands among others, on a logarithmic axis.
 * @param {number} rate
 * @param {number} low
 * @param {number} high
 */
export function shareOf(rate, low, high) {
  return high > low ? Math.log(rate / low) / Math.log(high / low) : 0.5;
}

/**
 * What a label looks like: nothing happened, arrived, to and fro, flat, gone.
 * @param {string} label
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {string} colour
 */
export function labelMark(label, x, y, r, colour) {
  const line = { fill: "none", stroke: colour, "stroke-width": r * 0.5, "stroke-linecap": "round" };
  const at = { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` };
  if (label === "too slow") return svg("circle", { ...at, ...line, r: r * 0.85 });
  if (label === "converging") return svg("circle", { ...at, r: r * 1.05, fill: colour });
  const shapes = {
    oscillating: `M${-1.2 * r} ${0.6 * r}L${-0.4 * r} ${-r}L${0.4 * r} ${r}L${1.2 * r} ${-0.6 * r}`,
    stuck: `M${-1.1 * r} 0L${1.1 * r} 0`,
    diverged: `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`,
  };
  const d = shapes[/** @type {keyof typeof shapes} */ (label)] ?? "";
  return svg("path", { ...at, ...line, d, "stroke-linejoin": "round" });
}
