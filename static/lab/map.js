/** The map: levels of the loss in a plane, the path walked, and the next step at the rate in force. */

import { lineThrough, short, svg, text, widthOf } from "../svg.js";
import { count, significant } from "../views/format.js";
import { tickText } from "../views/plot.js";
import { createAxes, letterOf } from "./axes.js";
import { contours, levelsOf } from "./contours.js";
import { heightOf } from "./cut.js";
import { rampOf } from "./ramp.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("./axes.js").Axes} Axes */

const LEVELS = 14;
/** In pixels; of a shorter step one sees its direction, and where it ends. */
const SHORTEST = 14;
const WHOLE = "next minibatch step";
/** Of a short step's direction, and of the dot at its end: the first for which there is room. */
const SHORT = [
  [`direction of the ${WHOLE},`, "its end"],
  ["next step: direction,", "its end"],
  ["next step's direction", ""],
];
/** @type {Record<string, [string, string]>} */
const NAMES = {
  random: ["direction 1", "direction 2"],
  gradient: ["along the gradient", "across it"],
  path: ["main direction", "second direction"],
};

/**
 * @param {{width: number, height: number}} room
 * @param {Frame} frame
 * @param {Theme} theme
 * @returns {{nodes: Node[], summary: string, size: {width: number, height: number}} | null}
 */
export function drawMap(room, frame, theme) {
  const info = frame.meta.lab.map;
  const { map, map_axis: places, map_path: path, map_step: step } = frame;
  if (!info || !map || !places || !path || !step || info.rows === 0) return null;
  const letter = letterOf(theme);
  const margin = { left: letter * 3, right: letter * 0.9 };
  const around = margin.left + margin.right;
  const side = Math.max(20, Math.min(room.width - around, room.height - letter * 7.8));
  const size = { width: side + around, height: room.height };
  const range = /** @type {[number, number]} */ ([places[0], places[info.size - 1]]);
  const [across, up] = NAMES[info.plane] ?? ["", ""];
  const axes = createAxes(
    size,
    theme,
    { name: across, range },
    { name: up, range },
    { ...margin, height: side },
  );
  const ramp = rampOf("map-ramp");
  const { grid, low, high, levels } = heights(map);
  const pitch = side / (info.size - 1);
  const fills = svg("g", { "clip-path": `url(#${axes.clip})` });
  levels.forEach((level, k) => {
    const d = contours(grid, info.size, level)
      .map((line) => closed(line, axes, pitch))
      .join("");
    const thin = { stroke: theme.ink, "stroke-width": 0.5, "stroke-opacity": 0.35 };
    const fill = { fill: ramp(k / (LEVELS - 1)), "fill-rule": "evenodd" };
    fills.append(svg("path", { d, class: "level", ...fill, ...thin }));
  });
  const rate = frame.meta.rate_in_force;
  const scale = info.learning_rate > 0 ? rate / info.learning_rate : 1;
  const start = { x: axes.x(0), y: axes.y(0) };
  const next = { x: axes.x(step[0] * scale), y: axes.y(step[1] * scale) };
  const walked = svg("g", { "clip-path": `url(#${axes.clip})` });
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--map-step").trim();
  const taken = widthOf(up, letter, theme.font) + letter;
  const { lines, key } = arrow(start, next, colour, axes, taken);
  walked.append(...trail(path, axes), ...lines);
  const lowest = significant(10 ** low);
  const highest = `${significant(10 ** high)}${map.includes(Number.POSITIVE_INFINITY) ? " and beyond" : ""}`;
  const name = heightOf(info);
  const summary = `${name[0].toUpperCase()}${name.slice(1)} from ${lowest} to ${highest}, at step ${count(info.step)}; the path walked has ${
    path.length / 2
  } points. The next minibatch step goes ${significant((100 * Math.hypot(next.x - start.x, next.y - start.y)) / side)} % of the map's width.`;
  const nodes = [axes.ground, fills, legend(name, low, high, axes, ramp), walked, ...key];
  return { nodes, summary, size: { width: size.width, height: axes.below + letter * 2.9 } };
}

/**
 * The losses as heights: their logarithms; an infinite one is a little above all others.
 * @param {Float64Array} map
 */
function heights(map) {
  const positive = map.filter((loss) => loss > 0 && Number.isFinite(loss));
  const least = positive.length ? Math.min(...positive) : 1e-12;
  const grid = map.map((loss) => Math.log10(Math.max(loss, least)));
  const { low, high, levels } = levelsOf(grid, LEVELS);
  for (let k = 0; k < grid.length; k++) if (grid[k] === Number.POSITIVE_INFINITY) grid[k] = high;
  return { grid, low, high, levels };
}

/** @param {[number, number][]} line @param {Axes} axes @param {number} pitch of the grid */
function closed(line, { left, bottom }, pitch) {
  const points = line.map(([i, j]) => `${short(left + i * pitch)} ${short(bottom - j * pitch)}`);
  return `M${points.join("L")}Z`;
}

/**
 * @param {Float64Array} path
 * @param {Axes} axes
 * @returns {Node[]}
 */
function trail(path, axes) {
  const points = Array.from({ length: path.length / 2 }, (_, k) => ({
    x: axes.x(path[2 * k]),
    y: axes.y(path[2 * k + 1]),
  }));
  const line = { d: lineThrough(points), fill: "none", "stroke-linejoin": "round" };
  const { x, y } = points[points.length - 1];
  return [
    svg("path", { ...line, stroke: "#000", "stroke-opacity": 0.55, "stroke-width": 4 }),
    svg("path", { ...line, stroke: "#fff", "stroke-width": 1.8, class: "trail" }),
    svg("circle", {
      cx: x,
      cy: y,
      r: 5,
      fill: "#fff",
      stroke: "#000",
      "stroke-width": 2,
      class: "here",
    }),
  ];
}

/**
 * The next step: an arrow that ends where it leads. One too short for that would have to be drawn
 * longer, and seem to end elsewhere: its direction is a line across the map, its end a dot.
 * @param {import("../svg.js").Point} from
 * @param {import("../svg.js").Point} to
 * @param {string} colour
 * @param {Axes} axes
 * @param {number} taken by the name above the map
 * @returns {{lines: Node[], key: Node[]}} nothing where the step leads nowhere
 */
function arrow(from, to, colour, axes, taken) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (!(length > 1e-6) || !Number.isFinite(length)) return { lines: [], key: [] };
  // What it means stands above the map, where it covers nothing.
  const { letter, theme, right } = axes;
  const y = letter * 1.05;
  const wide = (/** @type {string} */ words) => widthOf(words, letter, theme.font) * 1.02;
  if (length >= SHORTEST) {
    const tip = right - wide(WHOLE) - letter * 0.6;
    const sample = shaft({ x: tip - letter * 1.8, y: y - 4 }, { x: tip, y: y - 4 }, colour, 0.6);
    const key = [...sample, text(right, y, WHOLE, theme.ink, "end")];
    return { lines: shaft(from, to, colour), key };
  }
  const far = (axes.right - axes.left) * 2;
  const edge = { x: from.x + (dx / length) * far, y: from.y + (dy / length) * far };
  const lines = [...ray(from, edge, colour, "step"), dot(to, colour, "step-end")];
  return { lines, key: shortKey(colour, axes, taken) };
}

/**
 * What the line and the dot of a short step mean, in as many words as there is room for.
 * @param {string} colour @param {Axes} axes
 * @param {number} taken by the name above the map
 */
function shortKey(colour, { letter, theme, right }, taken) {
  const y = letter * 1.05;
  const wide = (/** @type {string} */ words) => widthOf(words, letter, theme.font) * 1.02;
  const gap = (/** @type {string} */ last) => (last ? wide(last) + letter * 2 : 0);
  const room = right - taken - letter * 2.4;
  const fitting = SHORT.find(([words, last]) => wide(words) + gap(last) <= room);
  const [words, last] = fitting ?? SHORT[SHORT.length - 1];
  const start = right - gap(last) - wide(words);
  const tip = start - letter * 0.5;
  const key = ray({ x: tip - letter * 1.8, y: y - 4 }, { x: tip, y: y - 4 }, colour);
  key.push(text(start, y, words, theme.ink));
  if (last) {
    key.push(dot({ x: right - wide(last) - letter * 0.8, y: y - 4 }, colour));
    key.push(text(right, y, last, theme.ink, "end"));
  }
  return key;
}

/**
 * @param {import("../svg.js").Point} from @param {import("../svg.js").Point} to
 * @param {string} colour @param {string | null} [name]
 */
function ray(from, to, colour, name = null) {
  const d = lineThrough([from, to]);
  const line = { d, fill: "none", "stroke-dasharray": "6 5" };
  return [
    svg("path", { ...line, stroke: "#000", "stroke-width": 4 }),
    svg("path", { ...line, stroke: colour, "stroke-width": 2, class: name }),
  ];
}

/** @param {import("../svg.js").Point} at @param {string} colour @param {string | null} [name] */
function dot({ x, y }, colour, name = null) {
  const look = { r: 3, fill: colour, stroke: "#000", "stroke-width": 1.2 };
  return svg("circle", { cx: x, cy: y, ...look, class: name });
}

/**
 * @param {import("../svg.js").Point} from
 * @param {import("../svg.js").Point} tip
 * @param {string} colour
 * @param {number} [size]
 */
function shaft(from, tip, colour, size = 1) {
  const length = Math.hypot(tip.x - from.x, tip.y - from.y);
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length];
  const head = (/** @type {number} */ turn) =>
    `${short(tip.x - size * (9 * ux - turn * 5 * uy))} ${short(tip.y - size * (9 * uy + turn * 5 * ux))}`;
  const d =
    `M${short(from.x)} ${short(from.y)}L${short(tip.x)} ${short(tip.y)}` +
    `M${head(1)}L${short(tip.x)} ${short(tip.y)}L${head(-1)}`;
  const line = { d, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" };
  return [
    svg("path", { ...line, stroke: "#000", "stroke-width": 2.5 + 3 * size }),
    svg("path", {
      ...line,
      stroke: colour,
      "stroke-width": 3 * size,
      class: size === 1 ? "step" : null,
    }),
  ];
}

/**
 * What the levels mean: a bar beneath the map.
 * @param {string} name of the height
 * @param {number} low @param {number} high logarithms of losses
 * @param {Axes} axes
 * @param {(share: number) => string} ramp
 */
function legend(name, low, high, { left, right, below, letter, theme }, ramp) {
  const group = svg("g");
  const top = below + letter * 0.4;
  const start = left + widthOf(name, letter, theme.font) + letter * 0.7;
  const width = (right - start) / LEVELS;
  for (let k = 0; k < LEVELS; k++) {
    const box = { x: start + k * width, y: top, width: width + 0.4, height: letter * 0.8 };
    group.append(svg("rect", { ...box, fill: ramp(k / (LEVELS - 1)) }));
  }
  const marks = right - start > letter * 19 ? 4 : 2;
  for (let k = 0; k <= marks; k++) {
    const loss = 10 ** (low + ((high - low) * k) / marks);
    const x = start + ((right - start) * k) / marks;
    const anchor = k === 0 ? "start" : k === marks ? "end" : "middle";
    const words = tickText(Number(loss.toPrecision(2)));
    group.append(text(x, top + letter * 2.1, words, theme.muted, anchor));
  }
  group.append(text(left, top + letter * 0.8, name, theme.ink));
  return group;
}
