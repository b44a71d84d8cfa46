/** A number over the steps of the run in very little room, on a logarithmic axis. */

import { svg } from "../svg.js";
import { logShare } from "./health-rules.js";

/** @typedef {readonly [number, number]} Range */

const WIDTH = 100;
const HEIGHT = 20;

export function createSparkline() {
  const [grid, line, end] = ["grid", "course", "end"].map((look) => svg("path", { class: look }));
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
  const look = { class: "health-spark", "aria-hidden": "true", ...box };

  return {
    svg: svg("svg", look, grid, line, end),
    /** @param {ArrayLike<number>} steps @param {ArrayLike<number>} values @param {Range} axis */
    draw(steps, values, axis) {
      grid.setAttribute("d", gridOf(axis));
      const points = placed(steps, values, axis);
      line.setAttribute("d", points.length > 0 ? `M${points.join("L")}` : "");
      // A line of no length with round ends: a dot that stays round where the drawing is stretched.
      end.setAttribute("d", points.length > 0 ? `M${points.at(-1)}h0` : "");
    },
  };
}

/** @param {Range} axis @returns {string} a line for each power of ten, or for some of them */
function gridOf([low, high]) {
  const decades = Math.round(Math.log10(high / low));
  const every = Math.ceil(decades / 4);
  let path = "";
  for (let k = 0; k <= decades; k += every) {
    path += `M0 ${HEIGHT - 1 - ((HEIGHT - 2) * k) / decades}h${WIDTH}`;
  }
  return path;
}

/** @param {ArrayLike<number>} steps @param {ArrayLike<number>} values @param {Range} axis */
function placed(steps, values, axis) {
  const first = steps[0];
  const span = steps[steps.length - 1] - first || 1;
  const points = [];
  for (let k = 0; k < steps.length; k++) {
    if (Number.isNaN(values[k])) continue;
    const x = ((steps[k] - first) / span) * WIDTH;
    const y = HEIGHT - 1 - (HEIGHT - 2) * logShare(values[k], axis);
    points.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return points;
}
