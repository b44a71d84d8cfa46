/** The map: levels of the loss in a plane, the path walked, and the next step at the rate in force. */

import { significant } from "../views/format.js";
import { tickText } from "../views/plot.js";
import { createAxes, letterOf } from "./axes.js";
import { contours, levelsOf } from "./contours.js";
import { rampOf } from "./ramp.js";
import { lineThrough, short, svg, text, widthOf } from "./svg.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("./axes.js").Axes} Axes */

const LEVELS = 14;
/** A shorter arrow is drawn longer, and says so. */
const SHORTEST = 14;
const LONG_ENOUGH = 26;
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
 * @returns {{nodes: Node[], summary: string} | null}
 */
export function drawMap(room, frame, theme) {
  const info = frame.meta.lab.map;
  const { map, map_axis: places, map_path: path, map_step: step } = frame;
  if (!info || !map || !places || !path || !step || info.rows === 0) return null;
  const letter = letterOf(theme);
  const margin = { left: letter * 3, right: letter * 6.8 };
  const around = margin.left + margin.right;
  const side = Math.min(room.width - around, room.height - letter * 3.8);
  const size = { width: side + around, height: side + letter * 3.8 };
  const range = /** @type {[number, number]} */ ([places[0], places[info.size - 1]]);
  const [across, up] = NAMES[info.plane] ?? ["", ""];
  const axes = createAxes(size, theme, { name: across, range }, { name: up, range }, margin);
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
  const { lines, label } = arrow(start, next, colour, axes);
  walked.append(...trail(path, axes), ...lines);
  const lowest = significant(10 ** low);
  const highest = `${significant(10 ** high)}${map.includes(Number.POSITIVE_INFINITY) ? " and beyond" : ""}`;
  const summary = `Loss from ${lowest} to ${highest}, at step ${info.step}; the path walked has ${
    path.length / 2
  } points.`;
  return { nodes: [axes.ground, fills, legend(low, high, axes, ramp), walked, ...label], summary };
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
    svg("circle", { cx: x, cy: y, r: 5, fill: "#fff", stroke: "#000", "stroke-width": 2 }),
  ];
}

/**
 * @param {import("./svg.js").Point} from
 * @param {import("./svg.js").Point} to
 * @param {string} colour
 * @param {Axes} axes
 * @returns {{lines: Node[], label: Node[]}} nothing where the step leads nowhere
 */
function arrow(from, to, colour, { letter, theme, left, right }) {
  let [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (!(length > 1e-6) || !Number.isFinite(length)) return { lines: [], label: [] };
  const times = length < SHORTEST ? roundAbove(LONG_ENOUGH / length) : 1;
  [dx, dy] = [dx * times, dy * times];
  const [ux, uy] = [dx / (length * times), dy / (length * times)];
  const tip = { x: from.x + dx, y: from.y + dy };
  const head = (/** @type {number} */ turn) =>
    `${short(tip.x - 9 * ux + turn * 5 * uy)} ${short(tip.y - 9 * uy - turn * 5 * ux)}`;
  const d =
    `M${short(from.x)} ${short(from.y)}L${short(tip.x)} ${short(tip.y)}` +
    `M${head(1)}L${short(tip.x)} ${short(tip.y)}L${head(-1)}`;
  const line = { d, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" };
  const lines = [
    svg("path", { ...line, stroke: "#000", "stroke-width": 5.5 }),
    svg("path", { ...line, stroke: colour, "stroke-width": 3, class: "step" }),
  ];
  // Beneath the point that it starts from, and within the map.
  const words = times === 1 ? "next step" : `next step × ${tickText(times)}`;
  const half = widthOf(words, letter, theme.font) * 0.56;
  const x = Math.max(left + half, Math.min(right - half, from.x));
  const y = from.y + letter * (dy > 0 ? -1 : 1.9);
  const halo = { "paint-order": "stroke", stroke: theme.paper, "stroke-width": 3.5 };
  return {
    lines,
    label: [text(x, y, words, theme.ink, "middle", { ...halo, "font-weight": 600 })],
  };
}

/** @param {number} factor @returns {number} the next of 1, 2, 5, 10 … */
function roundAbove(factor) {
  const power = 10 ** Math.floor(Math.log10(factor));
  return power * ([1, 2, 5].find((digit) => digit * power >= factor) ?? 10);
}

/**
 * What the levels mean: a bar beside the map.
 * @param {number} low @param {number} high logarithms of losses
 * @param {Axes} axes
 * @param {(share: number) => string} ramp
 */
function legend(low, high, { right, top, bottom, letter, theme }, ramp) {
  const group = svg("g");
  const x = right + letter;
  const height = (bottom - top) / LEVELS;
  for (let k = 0; k < LEVELS; k++) {
    const y = bottom - (k + 1) * height;
    const box = { x, y, width: letter * 0.9, height: height + 0.4 };
    group.append(svg("rect", { ...box, fill: ramp(k / (LEVELS - 1)) }));
  }
  for (let k = 0; k <= 4; k++) {
    const loss = 10 ** (low + ((high - low) * k) / 4);
    const y = bottom - ((bottom - top) * k) / 4;
    const words = tickText(Number(loss.toPrecision(2)));
    group.append(text(x + letter * 1.2, y + letter * 0.35, words, theme.muted));
  }
  group.append(text(x, letter * 1.05, "loss", theme.ink));
  return group;
}
