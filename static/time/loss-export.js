/** The loss chart as a file: its numbers, or the figure with the rate beneath. */

import { madeOf } from "../caption.js";
import { themeOf } from "../colour.js";
import { find, make, showError } from "../controls/fields.js";
import { csvOf, downloadBlob, downloadText, pngOfSvg, svgOfCurves } from "../export.js";
import { count } from "../views/format.js";
import { columnsOf, logSplits, spread, stepText } from "../views/loss-data.js";
import { ticks } from "../views/plot.js";
import { axisEnd, ghostsOf, rateRange, ratesOf, widened } from "./curves.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("../views/types.js").ViewState} ViewState */
/** @typedef {import("../protocol.js").Recipe} Recipe */

const WIDTH = 760;

/** @param {Page} page */
export function createLossExport(page) {
  const menu = find("#save-loss");
  const body = find(".popover-body", menu);
  /** @type {[string, string, (name: string, frame: Frame, recipe: Recipe) => unknown][]} */
  const forms = [
    [
      "CSV",
      "The numbers: step, losses, learning rate; ghosts too",
      (name, frame) => downloadText(`${name}.csv`, "text/csv", csvOfLoss(frame)),
    ],
    [
      "SVG",
      "The figure in lines, for a text",
      (name, frame, recipe) =>
        downloadText(
          `${name}.svg`,
          "image/svg+xml",
          svgOfLoss(frame, recipe, view(), madeOf(page)),
        ),
    ],
    [
      "PNG",
      "The figure in pixels, for a slide",
      async (name, frame, recipe) =>
        downloadBlob(`${name}.png`, await pngOfSvg(svgOfLoss(frame, recipe, view(), madeOf(page)))),
    ],
  ];
  const view = () => page.store.state.view;
  for (const [form, title, save] of forms) {
    const button = make("button", { type: "button", className: "chip small", title }, form);
    button.addEventListener("click", async () => {
      const { frame, topology } = page.store.state;
      if (!frame || !topology) return;
      const { dataset, seed } = topology.recipe;
      try {
        await save(`loss-${dataset}-${seed}-step-${frame.meta.step}`, frame, topology.recipe);
        menu.open = false;
      } catch (error) {
        showError(button, `No file was made: ${/** @type {Error} */ (error).message}`);
      }
    });
    body.append(button);
  }
}

/**
 * The run first, then each future left behind under its number.
 * @param {Frame} frame
 */
export function csvOfLoss(frame) {
  const { history, shapes, meta } = frame;
  const count = shapes.history[1];
  const metric = meta.metric.toLowerCase().replace("²", "2");
  const names = ["step", "train_loss", "test_loss", `train_${metric}`, `test_${metric}`];
  /** @type {(number | string)[][]} */
  const rows = [];
  for (let k = 0; k < count; k++) {
    rows.push([...[0, 1, 2, 3, 4, 5].map((row) => history[row * count + k]), ""]);
  }
  for (const [number, ghost] of ghostsOf(frame).entries()) {
    Array.from(ghost.steps).forEach((step, k) => {
      rows.push([step, ghost.losses[k], "", "", "", "", number + 1]);
    });
  }
  return csvOf([...names, "learning_rate", "ghost"], rows);
}

/**
 * @param {Frame} frame
 * @param {Recipe} recipe
 * @param {Pick<ViewState, "logLoss" | "logStep" | "showTest" | "theme">} view
 * @param {string[]} made of what, as it is now
 */
export function svgOfLoss(frame, recipe, { logLoss, logStep, showTest, theme: name }, made) {
  const theme = themeOf(name);
  const look = { logY: logLoss, logX: logStep, showMetric: false };
  const [steps, train, test] = columnsOf(frame.history, frame.shapes.history[1], look);
  const ghosts = ghostsOf(frame);
  const shown = [...train, ...(showTest ? test : [])].filter((loss) => loss !== null);
  const extent = shown.length ? [Math.min(...shown), Math.max(...shown)] : [null, null];
  const range = spread(...widened(extent[0], extent[1], ghosts, logLoss), logLoss, false);
  const first = logStep ? 1 : 0;
  const end = Math.max(axisEnd(frame, recipe.schedule, ghosts), first + 1);
  const { past, ahead } = ratesOf(frame);
  const line = (/** @type {readonly [number, number][]} */ points) => {
    const within = points.filter(([step]) => step <= end);
    return { x: within.map(([step]) => step), y: within.map(([, rate]) => rate) };
  };
  const rates = rateRange([...past, ...ahead.filter(([step]) => step <= end)]);
  const { diverged } = frame.meta;
  const cut = (/** @type {ArrayLike<number>} */ losses) =>
    Array.from(losses, (loss) => (loss > range[1] ? null : loss));
  return svgOfCurves({
    title: `Loss on ${recipe.dataset}, seed ${recipe.seed}: ${recipe.optimizer}`,
    made,
    width: WIDTH,
    theme,
    x: {
      label: "step",
      range: [first, end],
      log: logStep,
      ticks: logStep ? logSplits(first, end, 9) : ticks(0, end, 9),
      text: stepText,
    },
    panels: [
      {
        height: 300,
        y: {
          label: recipe.loss.replaceAll("_", " "),
          range,
          log: logLoss,
          ticks: logLoss ? logSplits(...range, 8) : ticks(...range, 8),
        },
        curves: [
          ...ghosts.map((ghost, k) => ({
            name: k === 0 ? "left behind" : "",
            x: ghost.steps,
            y: cut(ghost.losses),
            colour: theme.muted,
            width: 1.6,
            dash: "1.6 3",
          })),
          ...(showTest
            ? [{ name: "test", x: steps, y: test, colour: theme.muted, dash: "5 3" }]
            : []),
          { name: "train", x: steps, y: train, colour: theme.ink, width: 2.2 },
        ],
        rules: diverged
          ? [
              {
                x: diverged.step,
                text: `diverged in step ${count(diverged.step)}`,
                colour: theme.trouble,
              },
            ]
          : [],
      },
      {
        height: 80,
        y: { label: "rate", range: rates, log: true, ticks: logSplits(...rates, 3) },
        curves: [
          { name: "learning rate", ...line(past), colour: theme.value.at(1), width: 2 },
          {
            name: ahead.length ? "ahead" : "",
            ...line(ahead),
            colour: theme.value.at(1),
            dash: "5 4",
          },
        ],
      },
    ],
  });
}
