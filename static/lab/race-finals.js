/** Where the race has come to: the last loss against the learning rate, with each one's label. */

import { lineThrough, stroke, svg, text, widthOf } from "../svg.js";
import { significant } from "../views/format.js";
import { createAxes, logRange } from "./axes.js";
import { countLabels, DASHES } from "./race-data.js";
import { LABELS, labelMark } from "./ramp.js";

/** @typedef {import("./race-data.js").Race} Race */

/**
 * @param {{width: number, height: number}} size
 * @param {Race} race
 * @param {import("../colour.js").Theme} theme
 * @param {(share: number) => string} ramp
 * @param {number} rate in force
 * @returns {import("./race-curves.js").Drawn}
 */
export function drawFinals(size, race, theme, ramp, rate) {
  const values = race.lanes.flat().map(({ loss }) => loss ?? 0);
  const [low, high] = race.high > race.low ? [race.low, race.high] : [race.low / 2, race.low * 2];
  const air = (high / low) ** 0.04;
  const axes = createAxes(
    size,
    theme,
    { name: "rate", range: [low / air, high * air], log: true },
    { name: "", range: logRange(values, race.ceiling), log: true },
  );
  const lines = svg("g", { fill: "none", stroke: theme.muted });
  const marks = svg("g");
  /** @type {import("./race-curves.js").Drawn["places"]} */
  const places = [];
  for (const lane of race.lanes) {
    const points = lane.map((runner) => ({
      runner,
      x: axes.x(runner.rate),
      // What has no place on the axis stands at its upper end.
      y: runner.loss === null ? axes.top : Math.max(axes.top, axes.y(runner.loss)),
    }));
    places.push(...points);
    const dash = DASHES[lane[0]?.lane ?? 0];
    lines.append(svg("path", { d: lineThrough(points), "stroke-dasharray": dash }));
    for (const { runner, x, y } of points) {
      const mark = svg(
        "g",
        { class: "runner", "data-key": runner.key },
        svg("title", {}, `${significant(runner.rate)}: ${runner.label}`),
        labelMark(runner.label, x, y, axes.letter * 0.42, ramp(runner.share)),
      );
      marks.append(mark);
    }
  }
  const nodes = [axes.ground, lines, marks, legend(race, axes)];
  if (rate >= low / air && rate <= high * air) nodes.push(inForce(rate, axes));
  const said = race.lanes
    .flat()
    .map((runner) => `${significant(runner.rate)} ${runner.label} ${significant(runner.loss)}`);
  return { nodes, places, summary: `${said.join("; ")}.` };
}

/** @param {number} rate @param {import("./axes.js").Axes} axes */
function inForce(rate, { x, top, bottom, theme, letter }) {
  const dash = { "stroke-dasharray": "2 3", "stroke-width": 1.5 };
  const at = x(rate);
  return svg(
    "g",
    {},
    stroke(at, top, at, bottom, theme.ink, dash),
    text(at + 4, top + letter, "now", theme.ink, "start", {
      stroke: theme.panel,
      "stroke-width": 4,
      "paint-order": "stroke",
    }),
  );
}

/** @param {Race} race @param {import("./axes.js").Axes} axes */
function legend(race, { right, letter, theme }) {
  const counts = countLabels(race);
  const worn = LABELS.filter((label) => counts[label]);
  const words = worn.map((label) => `${label} ${counts[label]}`);
  const wide = widthOf(words.join(""), letter, theme.font) + worn.length * letter * 1.8;
  const size = letter * Math.min(1, right / wide);
  const group = svg("g", { "font-size": size });
  let x = right;
  for (let k = worn.length - 1; k >= 0; k--) {
    group.append(text(x, letter * 1.05, words[k], theme.ink, "end"));
    x -= widthOf(words[k], size, theme.font) + size * 0.7;
    group.append(labelMark(worn[k], x, letter * 0.68, size * 0.36, theme.ink));
    x -= size * 0.95;
  }
  return group;
}
