/** The loss so far, train and test, with the accuracy or R² on request. */

import { scheduler } from "../canvas.js";
import { themeOf } from "../colour.js";
import { hide, mark, write } from "../dom.js";
import { drawDivergence, drawRateChanges, drawTraces } from "../time/chart-marks.js";
import { axisEnd, createMemory, ghostsOf, widened } from "../time/curves.js";
import { createRateStrip } from "../time/rate-strip.js";
import uPlot from "../vendor/uPlot.esm.js";
import { columnsOf, logSplits, spread, stepText } from "./loss-data.js";
import { createEntry } from "./loss-entry.js";
import { tickText } from "./plot.js";
import { isReady } from "./ready.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("../colour.js").Theme} Theme */

/** The curve grows slowly beside the frames: drawn anew at most this often. */
const PERIOD_MS = 100;

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} _actions
 */
export function createLoss(element, store, _actions) {
  const legend = document.createElement("div");
  legend.className = "chart-legend";
  const train = createEntry("train", "chart-train");
  const test = createEntry("test", "chart-test");
  const metric = document.createElement("button");
  metric.type = "button";
  metric.className = "chip small";
  metric.id = "show-metric";
  metric.setAttribute("aria-pressed", "false");
  const chart = document.createElement("div");
  chart.className = "chart";
  const left = createEntry("ghosts", "chart-ghost");
  legend.append(train.element, test.element, left.element, metric);
  element.classList.add("loss");
  const below = document.createElement("div");
  element.append(legend, chart, below);
  const strip = createRateStrip(below);
  const memory = createMemory();
  /** @type {import("../time/curves.js").Trace[]} */
  let ghosts = [];
  /** @type {import("../time/curves.js").Trace | null} */
  let after = null;

  const title = /** @type {HTMLElement} */ (document.getElementById("loss-title"));
  const logLoss = /** @type {HTMLElement} */ (document.getElementById("log-loss"));
  const save = /** @type {HTMLElement} */ (document.querySelector("#save-loss summary"));
  let showMetric = false;
  metric.addEventListener("click", () => {
    showMetric = !showMetric;
    metric.setAttribute("aria-pressed", String(showMetric));
    scheduler.markDirty();
  });

  /** @type {uPlot | null} */
  let plot = null;
  /** @type {unknown[]} */
  let builtFor = [];
  /** @type {unknown[]} */
  let filledFor = [];
  /** Points of the run itself. */
  let reached = 0;
  let version = 0;
  let time = 0;
  /** Whether a stretch was chosen by dragging across it: then it stays. */
  let zoomed = false;
  chart.title = "Drag across a stretch to look closer; a double click shows the whole run again";
  chart.addEventListener("dblclick", () => {
    zoomed = false;
    filledFor = [];
    scheduler.markDirty();
  });
  new ResizeObserver(() => {
    version++;
    scheduler.markDirty();
  }).observe(chart);

  /** @param {State} state @param {number} now */
  function draw(state, now) {
    if (!isReady(state)) return false;
    const { frame, view, topology } = state;
    const { timeline, diverged } = frame.meta;
    after = memory.after(frame);
    strip.show(frame);
    const width = chart.clientWidth;
    const height = chart.clientHeight;
    if (width < 40 || height < 30) return false;
    const logY = view.logLoss && !showMetric;
    const look = [view.theme, logY, view.logStep, showMetric];
    if (!plot || look.some((part, k) => part !== builtFor[k])) {
      builtFor = look;
      filledFor = [];
      zoomed = false;
      plot?.destroy();
      plot = build(themeOf(view.theme), { width, height, logY, logX: view.logStep, showMetric });
    }
    const { meta, history } = frame;
    write(metric, meta.metric);
    mark(metric, "title", `Show the ${meta.metric} in place of the loss`);
    write(title, showMetric ? meta.metric : "Loss");
    hide(logLoss, showMetric); // its axis is linear
    write(save, showMetric ? "save loss" : "save");
    const count = frame.shapes.history[1];
    const moment = [timeline.looking_back, diverged?.step];
    const wanted = [meta.version, count, history[count - 1], view.showTest, version, ...moment];
    const news = wanted.some((part, k) => part !== filledFor[k]);
    sayValues();
    if (news && wanted[0] === filledFor[0] && now - time < PERIOD_MS) return true;
    if (news) {
      time = now;
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      filledFor = wanted;
      ghosts = showMetric ? [] : ghostsOf(frame);
      if (showMetric) after = null;
      hide(left.element, ghosts.length === 0);
      const columns = columnsOf(history, count, { logY, logX: view.logStep, showMetric });
      reached = columns[0].length;
      const end = axisEnd(frame, topology.recipe.schedule, after ? [...ghosts, after] : ghosts);
      if (end > (columns[0].at(-1) ?? end)) {
        // The axis of steps goes on beyond the run.
        columns[0].push(end);
        columns[1].push(null);
        columns[2].push(null);
      }
      plot.setData(columns, !zoomed);
      plot.setSeries(2, { show: view.showTest });
      if (zoomed) plot.redraw();
      sayValues();
    }
    return false;
  }

  /** The values under the cursor, or else the newest ones. */
  function sayValues() {
    const { frame, dataset } = store.state;
    if (!plot || !frame) return;
    const { idx } = plot.cursor;
    const at = typeof idx === "number" && idx < reached ? idx : -1;
    const { meta } = frame;
    const now = showMetric
      ? [meta.train_metric, meta.test_metric]
      : [meta.train_loss, meta.test_loss];
    const step = at < 0 ? null : plot.data[0][at];
    const shares = showMetric && meta.metric === "accuracy";
    train.say(at < 0 ? now[0] : plot.data[1][at], step, shares);
    const judged = (dataset?.test.count ?? 0) > 0;
    test.say(at < 0 ? now[1] : plot.data[2][at], step, shares, judged);
  }

  /**
   * @param {Theme} theme
   * @param {{width: number, height: number, logY: boolean, logX: boolean, showMetric: boolean}} look
   */
  function build(theme, { width, height, logY, logX, showMetric: shares }) {
    const font = `${Math.round(theme.fontSize * 0.8)}px ${theme.font}`;
    const roomIn = (/** @type {uPlot} */ u) => (u.height - 30) / (theme.fontSize * 1.5);
    const axis = {
      stroke: theme.muted,
      font,
      gap: 4,
      ticks: { show: false },
      // uPlot would leave out some ticks of a logarithmic axis; ours are few enough.
      filter: (/** @type {uPlot} */ _u, /** @type {number[]} */ at) => at,
      values: (/** @type {uPlot} */ _u, /** @type {number[]} */ at) => at.map(tickText),
    };
    const steps = (/** @type {uPlot} */ _u, /** @type {number[]} */ at) => at.map(stepText);
    return new uPlot(
      {
        width,
        height,
        padding: [6, theme.fontSize * 1.35, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
        scales: {
          x: { time: false, distr: logX ? 3 : 1 },
          y: {
            distr: logY ? 3 : 1,
            range: (_u, low, high) => {
              const traces = after ? [...ghosts, after] : ghosts;
              return spread(...widened(low, high, traces, logY), logY, shares);
            },
          },
        },
        axes: [
          {
            ...axis,
            values: steps,
            size: theme.fontSize * 1.6,
            space: 56,
            grid: { show: false },
            ...(logX ? { splits: (_u, _k, low, high) => logSplits(low, high, width / 60) } : {}),
          },
          {
            ...axis,
            size: theme.fontSize * 3.1,
            space: 26,
            grid: { stroke: theme.line, width: 1 },
            ...(logY ? { splits: (u, _k, low, high) => logSplits(low, high, roomIn(u)) } : {}),
          },
        ],
        series: [
          {},
          { label: "train", stroke: theme.ink, width: 2.2, points: { show: false } },
          {
            label: "test",
            stroke: theme.muted,
            width: 1.6,
            dash: [5, 3],
            points: { show: false },
          },
        ],
        hooks: {
          setCursor: [sayValues],
          setSelect: [(u) => (zoomed = u.select.width > 0)],
          drawAxes: [
            (u) => {
              const { frame } = store.state;
              if (!frame) return;
              drawRateChanges(u, frame, theme);
              drawTraces(u, ghosts, { curve: after, step: frame.meta.step }, theme);
            },
          ],
          draw: [
            (u) => {
              const { frame } = store.state;
              if (!frame) return;
              drawDivergence(u, frame, theme);
              strip.draw(u, frame, theme);
            },
          ],
        },
      },
      [[], [], []],
      chart,
    );
  }

  return { draw };
}
