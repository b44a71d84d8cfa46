/** A number over time in very little room, on a logarithmic axis: what this page has seen of it. */

import { logShare } from "./health-rules.js";

const POINTS = 60;
const SPACE = "http://www.w3.org/2000/svg";

/** @param {readonly [number, number]} range of the axis */
export function createSparkline(range) {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("class", "health-spark");
  svg.setAttribute("viewBox", `0 0 ${POINTS - 1} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SPACE, "polyline");
  svg.append(line);
  /** @type {number[]} */
  let values = [];
  let last = -1;
  return {
    svg,
    /** @param {number} step @param {number} value */
    add(step, value) {
      if (step === last) return;
      if (step < last) values = [];
      last = step;
      values.push(logShare(value, range));
      if (values.length > POINTS) values.shift();
      const first = POINTS - values.length;
      line.setAttribute(
        "points",
        values.map((share, k) => `${first + k},${(19 - 18 * share).toFixed(1)}`).join(" "),
      );
    },
  };
}
