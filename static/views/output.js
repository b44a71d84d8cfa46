/** The large picture: what the network answers, in the form that suits the data. */

import { createSurface } from "../canvas.js";
import { themeOf } from "../colour.js";
import { hide, mark, write } from "../dom.js";
import { significant } from "./format.js";
import { existing, markOf, parameterOf, unitName } from "./marks.js";
import { drawConfusion } from "./output-confusion.js";
import { createCurve } from "./output-curve.js";
import { drawExample, drawWeights } from "./output-example.js";
import { createOutputLegend } from "./output-legend.js";
import { createPlane } from "./output-plane.js";
import { createScatter } from "./output-scatter.js";
import { drawCaption } from "./plot.js";
import { createDots, nearest } from "./points.js";
import { isReady } from "./ready.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("./output-plane.js").Target} Target */

const REACH = 14;

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 * @param {HTMLElement} place for the example of a table or of images that is looked at
 */
export function createOutput(element, store, actions, place) {
  const strip = createStrip(place, store, actions);
  const room = document.createElement("div");
  room.className = "output-plot";
  element.classList.add("output");
  element.append(room);
  const legend = createOutputLegend(element);
  const surface = createSurface(room, "The network's output");
  const above = createSurface(room);
  const top = createSurface(room);
  for (const { canvas } of [above, top]) canvas.style.pointerEvents = "none";
  const dots = createDots(above);
  const painters = {
    plane: createPlane(dots),
    curve: createCurve(dots, top),
    scatter: createScatter(dots),
  };
  /** @type {Target[]} */
  let targets = [];
  /** @type {unknown[]} */
  let drawnFor = [];

  surface.canvas.addEventListener("click", (event) => {
    if (store.state.view.slow) return; // it shows an example of its own, of the minibatch
    const found = targets[nearest(targets, event.offsetX, event.offsetY, REACH)];
    if (found) actions.send({ type: "select_example", part: found.part, index: found.index });
  });
  surface.canvas.addEventListener("pointermove", (event) => {
    const near =
      !store.state.view.slow && nearest(targets, event.offsetX, event.offsetY, REACH) >= 0;
    surface.canvas.style.cursor = near ? "pointer" : "";
  });

  // Where examples are points, there is no strip with arrows: the plot takes the arrow keys.
  surface.canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: /** @type {const} */ (-1), ArrowRight: /** @type {const} */ (1) }[
      event.key
    ];
    const { dataset, frame, view } = store.state;
    if (!step || !dataset || !frame || view.slow) return;
    event.preventDefault();
    event.stopPropagation();
    actions.send(neighbour(dataset, frame.meta.example, step));
  });

  /** @param {Dataset} dataset @param {Frame} frame */
  function name(dataset, frame) {
    const points = dataset.kind === "plane" || dataset.kind === "curve";
    const { canvas } = surface;
    if (points !== (canvas.tabIndex === 0)) canvas.tabIndex = points ? 0 : -1;
    // Of a picture a screen reader would keep the arrow keys to itself.
    mark(canvas, "role", points ? "application" : "img");
    const { part, index, label } = frame.meta.example;
    const chosen = `${part === "test" ? "test" : "training"} example ${index + 1}: ${label}`;
    const words = points ? `; arrows choose an example, now ${chosen}` : "";
    mark(canvas, "aria-label", `The network's output${words}`);
  }

  /** @param {State} state */
  function draw(state) {
    if (!isReady(state)) return;
    const { topology, dataset, frame, view } = state;
    const wanted = [topology, dataset, frame, view, surface.version];
    if (wanted.every((part, k) => part === drawnFor[k])) return;
    drawnFor = wanted;
    const theme = themeOf(view.theme);
    strip.show(dataset, frame, view.slow !== null);
    legend.show(state);
    name(dataset, frame);
    const { context, width, height } = surface;
    context.clearRect(0, 0, width, height);
    top.context.clearRect(0, 0, width, height);
    if (width < 40 || height < 40) return;
    if (dataset.kind === "plane") targets = painters.plane.draw(surface, state, theme);
    else if (dataset.kind === "curve") targets = painters.curve.draw(surface, state, theme);
    else if (dataset.task === "regression") targets = painters.scatter.draw(surface, state, theme);
    else {
      targets = [];
      dots.clear();
      drawClasses(surface, state, theme);
    }
  }

  return { draw };
}

/**
 * The selected example above the confusion matrix; for a unit that looks at an image, its weights.
 * @param {import("../canvas.js").Surface} surface
 * @param {import("./ready.js").Whole} state
 * @param {import("../colour.js").Theme} theme
 */
function drawClasses({ context, width, height }, { topology, dataset, frame, view }, theme) {
  const mark = existing(markOf(view), topology);
  const shape = dataset.image_shape;
  if (shape && mark?.kind === "unit" && mark.layer === 1) {
    const { fan_in: inputs } = topology.layers[1];
    const from = parameterOf(topology, { ...mark, kind: "weight", input: 0 });
    const weights = frame.parameters.subarray(from, from + inputs);
    const box = {
      left: 0,
      top: theme.fontSize * 1.8,
      width,
      height: height - theme.fontSize * 1.8,
    };
    const reach = drawWeights(context, weights, shape, box, theme);
    const name = `weights into ${unitName(topology, 1, mark.unit)} · ±${significant(reach)}`;
    drawCaption(context, { left: 0, top: 0, width, height }, name, theme);
    return;
  }
  const rows = dataset.classes.length;
  const share = shape ? 0.34 : Math.min(0.34, (rows * theme.fontSize * 1.7) / height);
  const upper = height * share;
  drawExample(context, frame, dataset, { left: 0, top: 0, width, height: upper }, theme);
  const lower = { left: 0, top: upper + 8, width, height: height - upper - 8 };
  drawConfusion(context, frame, dataset, lower, theme);
}

/**
 * Which example of a table or of images is looked at, and the way to its neighbours.
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
function createStrip(element, store, actions) {
  const text = document.createElement("span");
  text.className = "example-text";
  const arrows = [arrow("◂", "previous example", -1), arrow("▸", "next example", 1)];
  element.append(...arrows, text); // the arrows first: words of any length leave them in place

  /** @param {string} sign @param {string} label @param {-1 | 1} step */
  function arrow(sign, label, step) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      const { dataset, frame } = store.state;
      if (dataset && frame) actions.send(neighbour(dataset, frame.meta.example, step));
    });
    return button;
  }

  return {
    /** @param {Dataset} dataset @param {Frame} frame @param {boolean} slow */
    show(dataset, frame, slow) {
      for (const button of arrows) button.disabled = slow;
      const { example } = frame.meta;
      hide(element, dataset.kind === "plane" || dataset.kind === "curve");
      const part = example.part === "test" ? "test" : "training";
      const guess =
        dataset.task === "regression" ? ` → ${significant(frame.example_output[0])}` : "";
      const words = `${part} ${example.index + 1}: ${example.label}${guess}`;
      write(text, words);
      mark(text, "title", words);
    },
  };
}

/**
 * The next example, from the end of one part to the start of the other.
 * @param {Dataset} dataset
 * @param {{part: "train" | "test", index: number}} example
 * @param {-1 | 1} step
 */
export function neighbour(dataset, example, step) {
  const other = example.part === "test" ? "train" : "test";
  let part = example.part;
  let index = example.index + step;
  if (index < 0 || index >= dataset[part].count) {
    if (dataset[other].count > 0) part = other;
    index = step > 0 ? 0 : dataset[part].count - 1;
  }
  return { type: "select_example", part, index };
}
