/** What the colours and the points of the output's picture mean, in one line below it. */

import { percent, significant } from "./format.js";
import { createSign } from "./legend.js";
import { existing, markOf } from "./marks.js";

/** @typedef {import("./ready.js").Whole} Whole */
/** @typedef {import("./legend.js").Sign} Sign */
/** @typedef {import("./types.js").Mark} Mark */

/** @type {Record<"train" | "test" | "wrong" | "fit" | "beyond", Sign>} */
const SIGNS = {
  train: { look: "train", after: "train", title: "A training example" },
  test: { look: "test", after: "test", title: "A test example: never trained on" },
  wrong: {
    look: "wrong",
    after: "wrong",
    title: "Misclassified: the network answers another class than the example's",
  },
  fit: { look: "fit", after: "network", title: "What the network answers" },
  beyond: { look: "wrong", after: "beyond the axes", title: "The prediction lies beyond the axes" },
};

/** @param {HTMLElement} place */
export function createOutputLegend(place) {
  const line = document.createElement("div");
  line.className = "output-legend";
  place.append(line);
  /** @type {ReturnType<typeof createSign>[]} */
  let shown = [];
  return {
    /** @param {Whole} state */
    show(state) {
      const signs = signsOf(state);
      if (signs.length !== shown.length) {
        shown = signs.map(createSign);
        line.replaceChildren(...shown.map(({ element }) => element));
      }
      for (const [k, sign] of signs.entries()) shown[k].show(sign);
    },
  };
}

/** @param {Whole} state @returns {Sign[]} */
function signsOf(state) {
  const { dataset, view, topology } = state;
  const mark = existing(markOf(view), topology);
  const scales = scalesOf(state, mark);
  if (dataset.kind !== "plane" && dataset.kind !== "curve") {
    if (dataset.task === "classification") return scales;
    return [{ ...SIGNS.train, after: "test" }, SIGNS.beyond];
  }
  const test = view.showTest && dataset.test.count > 0 ? [SIGNS.test] : [];
  if (dataset.kind === "curve" && mark?.kind === "unit") return [{ ...SIGNS.fit, after: "unit" }];
  if (dataset.kind === "curve") return [SIGNS.train, ...test, SIGNS.fit];
  const wrong = dataset.task === "classification" ? [SIGNS.wrong] : [];
  return [...scales, SIGNS.train, ...test, ...wrong];
}

/** The scale of the colours. @param {Whole} state @param {Mark | null} mark @returns {Sign[]} */
function scalesOf({ topology, dataset, frame }, mark) {
  const unit = mark?.kind === "unit" ? topology.layers[mark.layer].row + mark.unit : -1;
  const field = dataset.kind === "plane" && frame.field_scales?.[unit];
  if (dataset.image_shape && mark?.kind === "unit" && mark.layer === 1) {
    return [{ look: "value", before: "−", after: "+", title: "Weights, from the pixels" }];
  }
  if (dataset.kind !== "plane") {
    const title = "Share of the examples of the true class";
    return [
      { look: "right", before: "right 0", after: "100 %", title },
      { look: "false", before: "wrong 0", after: "100 %", title },
    ];
  }
  const classes = frame.shapes.surface?.[0] ?? 1;
  if (!field && classes > 1) {
    const title = "Probability of the likeliest class, in that class's colour";
    return [{ look: "share", before: percent(1 / classes), after: "100 %", title }];
  }
  const [low, high] = field ? [-field, field] : frame.meta.surface_ends;
  const chance = topology.recipe.loss === "binary_cross_entropy";
  const whole = chance ? "Probability of the positive class" : "What the network answers";
  const title = field ? "What the unit answers" : whole;
  return [{ look: "value", before: plain(low), after: plain(high), title }];
}

/** @param {number} value an end of a scale: 1 rather than 1.00 */
function plain(value) {
  return significant(value).replace(/\.0+$/, "");
}
