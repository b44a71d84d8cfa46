/** A layer's space in words, by the kind of data: what is carried there, and what the colours mean. */

import { count, significant } from "../views/format.js";
import { createSign } from "../views/legend.js";

/** @typedef {import("../views/types.js").Dataset} Dataset */
/** @typedef {import("../views/types.js").DatasetKind} DatasetKind */
/** @typedef {import("../views/legend.js").Sign} Sign */
/** @typedef {{picture: string, offer: string, grid: string, how: string}} Words */

const UP_TO = "carried through the network up to the layer, in the colours of its answers there";

/** @type {Words} */
const PLANE = {
  picture: "The plane as a layer has it",
  offer: "What a layer makes of the plane: its grid and the training points, carried there",
  grid: "grid: the plane",
  how: `A regular grid on the plane, ${UP_TO}`,
};
/** @type {Words} */
const CURVE = {
  picture: "The line of inputs as a layer has it",
  offer:
    "What a layer makes of the inputs: the line of all x and the training points, carried there",
  grid: "line: all inputs x",
  how: `Every x of the axis, ${UP_TO}`,
};
/** @type {Words} */
const EXAMPLES = {
  picture: "The examples as a layer has them",
  offer:
    "What a layer makes of the inputs: the training examples and a grid on the plane of the " +
    "inputs' two principal components, carried there",
  grid: "grid: the inputs' two principal components",
  how:
    "A regular grid on the plane through the mean of the training inputs, along the two directions " +
    `in which they vary most: true inputs, ${UP_TO}`,
};
/** @type {Record<DatasetKind, Words>} */
export const WORDS = { plane: PLANE, curve: CURVE, table: EXAMPLES, image: EXAMPLES };

/** @param {HTMLElement} place */
export function createSpaceLegend(place) {
  let shown = "";
  return {
    /** @param {Dataset} dataset @param {[number, number] | null} ends of the colours of numbers */
    show(dataset, ends) {
      const { grid, how } = WORDS[dataset.kind];
      const points = `points: ${count(dataset.train.count)} training examples`;
      const signs = signsOf(dataset, ends);
      const wanted = JSON.stringify([grid, points, signs]);
      if (wanted === shown) return;
      shown = wanted;
      const words = document.createElement("span");
      words.className = "legend";
      words.textContent = grid;
      words.title = `${how}; ${points}`;
      place.replaceChildren(words, ...signs.map((sign, k) => signOf(sign, dataset, k)));
    },
  };
}

/** @param {Dataset} dataset @param {[number, number] | null} ends @returns {Sign[]} */
function signsOf({ classes, target }, ends) {
  if (ends) {
    const [low, high] = ends.map((end) => significant(end));
    const title = `${target}: of a training example, and as the network answers it`;
    return [{ look: "value", before: `${target} ${low}`, after: high, title }];
  }
  return classes.map((name) => ({
    look: "train",
    after: name,
    title: `Points: training examples of ${name}; ground: where the network answers ${name}`,
  }));
}

/** @param {Sign} sign @param {Dataset} dataset @param {number} k which class */
function signOf(sign, { classes }, k) {
  const { element, show } = createSign();
  show(sign);
  const dot = element.querySelector("[data-look=train]");
  if (dot instanceof HTMLElement) {
    const two = k === 0 ? "--negative" : "--positive";
    dot.style.background = `var(${classes.length > 2 ? `--class-${k}` : two})`;
  }
  return element;
}
