/** The race's losses over its steps, one curve for each replica, coloured by learning rate. */

import { lineThrough, stroke, svg, text, widthOf } from "../svg.js";
import { count as grouped, significant } from "../views/format.js";
import { createAxes, logRange } from "./axes.js";
import { countLabels, DASHES } from "./race-data.js";

/** @typedef {import("./race-data.js").Race} Race */
/** @typedef {import("./race-data.js").Runner} Runner */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {{nodes: Node[], places: {runner: Runner, x: number, y: number}[], summary: string}} Drawn */

/**
 * @param {{width: number, height: number}} size
 * @param {Race} race
 * @param {Theme} theme
 * @param {(share: number) => string} ramp
 * @returns {Drawn}
 */
export function drawCurves(size, race, theme, ramp) {
  const { steps, info, lanes } = race;
  // Counted from the start of the race, so that the axis can be logarithmic.
  const since = Array.from(steps, (step) => step - info.begin);
  const first = since.find((step) => step > 0) ?? 1;
  const last = Math.max(since.at(-1) ?? 0, first * 2);
  const values = lanes.flat().flatMap(({ train }) => Array.from(train));
  const begun = info.begin ? `steps after step ${info.begin.toLocaleString("en")}` : "step";
  const axes = createAxes(
    size,
    theme,
    { name: begun, range: [first, last], log: true, steps: true },
    { name: "training loss", range: logRange(values, race.ceiling), log: true },
  );
  const curves = svg("g", { "clip-path": `url(#${axes.clip})`, fill: "none" });
  /** @type {Drawn["places"]} */
  const places = [];
  for (const runner of lanes.flat()) {
    const points = since.map((step, k) => ({ x: axes.x(step), y: axes.y(runner.train[k]) }));
    const shown = points.slice(since.indexOf(first));
    for (const { x, y } of shown) if (y >= axes.top) places.push({ runner, x, y });
    curves.append(
      svg("path", {
        d: lineThrough(shown),
        class: "runner",
        "data-key": runner.key,
        stroke: ramp(runner.share),
        "stroke-width": 1.7,
        "stroke-dasharray": DASHES[runner.lane],
        "stroke-linejoin": "round",
      }),
    );
  }
  const counts = Object.entries(countLabels(race)).map(([label, count]) => `${count} ${label}`);
  const [lane, replica] = info.best;
  const best = `lowest ${significant(info.losses[lane][replica])} at rate ${significant(info.rates[replica])}`;
  const summary = `${info.rates.length} rates from ${significant(race.low)} to ${significant(
    race.high,
  )} after ${grouped(info.step - info.begin)} steps: ${best}; ${counts.join(", ")}.`;
  return { nodes: [axes.ground, curves, legend(race, axes, ramp)], places, summary };
}

/**
 * The ramp from the smallest to the largest rate; the lanes' dashes above it.
 * @param {Race} race
 * @param {import("./axes.js").Axes} axes
 * @param {(share: number) => string} ramp
 */
function legend(race, { left, right, bottom, letter, theme }, ramp) {
  const group = svg("g");
  const [high, low] = [race.high, race.low].map(significant);
  const bar = letter * 5;
  let x = right - widthOf(high, letter, theme.font);
  group.append(text(right, letter * 1.05, high, theme.muted, "end"));
  x -= bar + 6;
  const pieces = 24;
  for (let k = 0; k < pieces; k++) {
    const [width, y, height] = [bar / pieces + 0.4, letter * 0.4, letter * 0.6];
    const fill = ramp(k / (pieces - 1));
    group.append(svg("rect", { x: x + (bar * k) / pieces, y, width, height, fill }));
  }
  group.append(text(x - 5, letter * 1.05, `rate ${low}`, theme.muted, "end"));
  if (race.lanes.length === 1) return group;
  const widest = Math.max(...race.names.map((name) => widthOf(name, letter, theme.font)));
  // In the lower left no curve comes by: that would be a low loss after few steps.
  const start = left + letter * 0.6;
  const tall = letter * 1.35 * race.names.length + letter * 0.4;
  const y = bottom - tall - letter * 0.5;
  const back = { rx: 4, fill: theme.panel, opacity: 0.85 };
  group.append(svg("rect", { x: start, y, width: widest + 42, height: tall, ...back }));
  race.names.forEach((name, k) => {
    const line = y + letter * (1.35 * k + 1.2);
    const dash = { "stroke-width": 2, "stroke-dasharray": DASHES[k] };
    group.append(stroke(start + 4, line - 4, start + 30, line - 4, theme.ink, dash));
    group.append(text(start + 36, line, name, theme.ink));
  });
  return group;
}
