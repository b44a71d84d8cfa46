/** Backprop health: a row per layer, numbers and small pictures in a real table. */

import { themeOf } from "../colour.js";
import { mark, write } from "../dom.js";
import { createFindings } from "./findings.js";
import { exact, percent, significant } from "./format.js";
import { HEALTHY, logShare } from "./health-rules.js";
import { createHistogram } from "./histogram.js";
import { isReady } from "./ready.js";
import { createSparkline } from "./sparkline.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("../colour.js").Theme} Theme */

/** Numbers that change more often than this cannot be read. */
const PERIOD_MS = 120;
/** More rows than this stand in two tables side by side. */
const MOST_ROWS = 5;
const NORMS = /** @type {const} */ ([1e-7, 10]);
const RATIOS = /** @type {const} */ ([1e-6, 1]);
const HEADS = [
  ["layer", ""],
  [
    "gradient norm",
    "size of the gradient of all the layer's weights, on a logarithmic scale; the line: over time",
  ],
  ["update / weight", "size of the next update beside that of the weights; shaded: 10⁻⁴ to 10⁻²"],
  ["saturated", "share of activations at the end of their range"],
  ["dead", "share of units that are 0 for every example"],
  ["activations", "how the activations are distributed over units and examples"],
  ["gradients", "how δ = ∂L/∂z is distributed over the units and the minibatch"],
];

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function createHealth(element, store, actions) {
  const tables = document.createElement("div");
  tables.className = "health-tables";
  element.classList.add("health");
  const line = document.createElement("div");
  line.className = "panel-line";
  const title = document.createElement("h2");
  title.textContent = "Backprop health";
  line.append(title);
  const findings = createFindings(line, store, actions);
  element.append(line, tables);
  /** @type {ReturnType<typeof createRow>[]} */
  let rows = [];
  /** @type {unknown} */
  let builtFor = null;
  /** @type {unknown[]} */
  let drawnFor = [];
  let time = 0;

  /** @param {State} state @param {number} now */
  function draw(state, now) {
    if (!isReady(state)) return false;
    const { topology, frame, view } = state;
    if (topology === drawnFor[0] && view.theme === drawnFor[2]) {
      if (frame === drawnFor[1]) return false;
      if (now - time < PERIOD_MS) return true;
    }
    if (topology.layers !== builtFor) {
      builtFor = topology.layers;
      rows = topology.layers.slice(1).map(createRow);
      tables.replaceChildren(...split(rows.map((row) => row.element)));
    }
    drawnFor = [topology, frame, view.theme];
    time = now;
    const norms = rows.map((row, k) => row.show(frame, k, themeOf(view.theme)));
    findings.show(
      state,
      norms.every((norm) => norm > 0),
    );
    return false;
  }

  return { draw };
}

/** @param {HTMLElement[]} rows @returns {HTMLElement[]} one table, or two of about equal length */
function split(rows) {
  const half = rows.length > MOST_ROWS ? Math.ceil(rows.length / 2) : rows.length;
  const parts = [rows.slice(0, half), rows.slice(half)].filter((part) => part.length > 0);
  return parts.map((part) => {
    const table = document.createElement("table");
    table.className = "health-table";
    const head = table.createTHead().insertRow();
    for (const [name, title] of HEADS) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      cell.title = title;
      head.append(cell);
    }
    table.createTBody().append(...part);
    return table;
  });
}

/** @param {Layer} layer */
function createRow(layer) {
  const element = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  const short = layer.kind === "output" ? "out" : String(layer.index);
  name.textContent = `${short} · ${layer.units} ${layer.activation}`;
  name.title = name.textContent;
  const norm = gauge("health-bar");
  const course = createSparkline(NORMS);
  norm.track.after(course.svg);
  const ratio = gauge("health-band");
  ratio.track.style.setProperty("--from", `${100 * logShare(HEALTHY[0], RATIOS)}%`);
  ratio.track.style.setProperty("--to", `${100 * logShare(HEALTHY[1], RATIOS)}%`);
  const saturated = document.createElement("td");
  const dead = document.createElement("td");
  const activations = createHistogram(`activations of layer ${short}`);
  const gradients = createHistogram(`gradients of layer ${short}`);
  element.append(name, norm.cell, ratio.cell, saturated, dead, activations.cell, gradients.cell);

  return {
    element,
    /** @param {Frame} frame @param {number} k row of the statistics @param {Theme} theme */
    show(frame, k, theme) {
      const { statistics, meta } = frame;
      const columns = meta.statistics;
      const of = (/** @type {string} */ column) =>
        statistics[k * columns.length + columns.indexOf(column)];
      const [gradient, change] = [of("gradient_norm"), of("update_ratio")];
      norm.show(gradient, logShare(gradient, NORMS));
      course.add(meta.step, gradient);
      ratio.show(change, logShare(change, RATIOS));
      const outside = !(change >= HEALTHY[0] && change <= HEALTHY[1]);
      ratio.track.classList.toggle("outside", outside);
      // An output may be saturated: it is sure.
      share(saturated, of("saturated_share"), layer.kind === "hidden");
      share(dead, of("dead_share"), true);
      activations.show(frame, k, 0, theme.value, theme);
      gradients.show(frame, k, 1, theme.gradient, theme);
      return gradient;
    },
  };
}

/** @param {HTMLElement} cell @param {number} value @param {boolean} bad whether a large one is */
function share(cell, value, bad) {
  const words = percent(value);
  write(cell, words);
  cell.classList.toggle("trouble", bad && value > 0.85);
  mark(cell, "title", Number.isFinite(value) ? exact(value) : "does not apply to this activation");
}

/** A number beside a track on which it stands. @param {string} look */
function gauge(look) {
  const cell = document.createElement("td");
  const track = document.createElement("span");
  track.className = look;
  track.setAttribute("aria-hidden", "true");
  const number = document.createElement("span");
  number.className = "health-number";
  const whole = document.createElement("div");
  whole.className = "health-gauge";
  whole.append(track, number);
  cell.append(whole);
  return {
    cell,
    track,
    /** @param {number} value @param {number} at 0…1 */
    show(value, at) {
      track.style.setProperty("--at", `${(100 * at).toFixed(1)}%`);
      write(number, significant(value));
      mark(cell, "title", exact(value));
    },
  };
}
