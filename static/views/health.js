/** Backprop health: a row per layer, numbers and small pictures in a real table. */

import { themeOf } from "../colour.js";
import { mark, write } from "../dom.js";
import { createFindings } from "./findings.js";
import { exact, measured, percent } from "./format.js";
import { axisOf, axisWords, HEALTHY, logShare } from "./health-rules.js";
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
const MOST_ROWS = 6;
const RATIOS = /** @type {const} */ ([1e-6, 1]);
/** The names of the columns, and shorter ones for two tables side by side. */
const HEADS = [
  ["layer", "layer"],
  ["gradient norm", "norm"],
  ["update / weight", "update / weight"],
  ["saturated", "sat."],
  ["dead", "dead"],
  ["activations", "act."],
  ["gradients", "grad."],
];

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 * @param {readonly {name: string, title: string}[]} activations
 */
export function createHealth(element, store, actions, activations) {
  const titles = new Map(activations.map(({ name, title }) => [name, title]));
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
      rows = topology.layers.slice(1).map((layer) => createRow(layer, titles));
      const parts = split(rows.map((row) => row.element));
      tables.classList.toggle("two", parts.length > 1);
      tables.replaceChildren(...parts);
    }
    drawnFor = [topology, frame, view.theme];
    time = now;
    const points = frame.shapes.norms[1];
    const axis = axisOf(frame.norms.subarray(points));
    for (const range of tables.querySelectorAll(".health-axis")) {
      if (range instanceof HTMLElement) write(range, axisWords(axis));
    }
    for (const [k, row] of rows.entries()) row.show(frame, k, axis, themeOf(view.theme));
    findings.show(state);
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
    for (const [name, short] of HEADS) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.ariaLabel = name;
      cell.textContent = parts.length > 1 ? short : name;
      if (name === "gradient norm") {
        const axis = document.createElement("span");
        axis.className = "health-axis";
        cell.append(" ", axis);
      }
      head.append(cell);
    }
    table.createTBody().append(...part);
    return table;
  });
}

/** @param {Layer} layer @param {Map<string, string>} titles of the activation functions */
function createRow(layer, titles) {
  const element = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  const short = layer.kind === "output" ? "out" : String(layer.index);
  const activation = titles.get(layer.activation ?? "") ?? "";
  name.title = `${short} · ${layer.units} ${activation}`;
  name.textContent = name.title.replace(/ \(.*/, ""); // another name of the same function
  const course = createSparkline();
  const norm = gauge(course.svg);
  const band = document.createElement("span");
  band.className = "health-band";
  band.setAttribute("aria-hidden", "true");
  const ratio = gauge(band);
  band.style.setProperty("--from", `${100 * logShare(HEALTHY[0], RATIOS)}%`);
  band.style.setProperty("--to", `${100 * logShare(HEALTHY[1], RATIOS)}%`);
  const saturated = document.createElement("td");
  const dead = document.createElement("td");
  const activations = createHistogram(`activations of layer ${short}`);
  const gradients = createHistogram(`gradients of layer ${short}`);
  element.append(name, norm.cell, ratio.cell, saturated, dead, activations.cell, gradients.cell);

  return {
    element,
    /**
     * @param {Frame} frame
     * @param {number} k row of the statistics
     * @param {readonly [number, number]} axis of the gradient norms
     * @param {Theme} theme
     */
    show(frame, k, axis, theme) {
      const { statistics, meta } = frame;
      const columns = meta.statistics;
      const of = (/** @type {string} */ column) =>
        statistics[k * columns.length + columns.indexOf(column)];
      const [gradient, change] = [of("gradient_norm"), of("update_ratio")];
      const points = frame.shapes.norms[1];
      const at = (k + 1) * points;
      course.draw(frame.norms.subarray(0, points), frame.norms.subarray(at, at + points), axis);
      norm.show(measured(gradient, true), exact(gradient));
      if (of("weight_norm") === 0) ratio.show("–", "no ratio: all weights are 0");
      else ratio.show(measured(change, !Number.isNaN(change)), exact(change));
      band.style.setProperty("--at", `${(100 * logShare(change, RATIOS)).toFixed(1)}%`);
      band.classList.toggle("outside", change < HEALTHY[0] || change > HEALTHY[1]);
      band.classList.toggle("without", Number.isNaN(change)); // 0 / 0 stands nowhere
      // An output may be saturated: it is sure.
      share(saturated, of("saturated_share"), layer.kind === "hidden");
      share(dead, of("dead_share"), true);
      activations.show(frame, k, 0, theme.value);
      gradients.show(frame, k, 1, theme.gradient);
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

/** A number beside its picture. @param {Element} picture */
function gauge(picture) {
  const cell = document.createElement("td");
  const number = document.createElement("span");
  number.className = "health-number";
  const whole = document.createElement("div");
  whole.className = "health-gauge";
  whole.append(picture, number);
  cell.append(whole);
  return {
    cell,
    /** @param {string} words @param {string} title */
    show(words, title) {
      write(number, words);
      mark(cell, "title", title);
    },
  };
}
