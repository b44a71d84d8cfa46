/** What each line and each unit shows in a phase: picked from the recorded step. */

import { niceCeiling, robustMax } from "../views/ranges.js";

/** @typedef {import("../views/network-layout.js").Layout} Layout */
/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./phases.js").Phase} Phase */
/** @typedef {"weight" | "forward" | "back" | "gradient" | "share" | "update"} Shown */
/** @typedef {Shown | "activation" | "handed" | "input" | "delta"} Look */

/** The name of each in the legend, and its colours. */
export const LOOKS = /** @type {const} */ ({
  weight: { title: "weight w", ramp: "value" },
  forward: { title: "signal w·x", ramp: "value" },
  input: { title: "input x", ramp: "value" },
  activation: { title: "activation a", ramp: "value" },
  handed: { title: "a · mask", ramp: "value" },
  back: { title: "signal w·δ", ramp: "gradient" },
  delta: { title: "δ = ∂L/∂z", ramp: "gradient" },
  gradient: { title: "∂L/∂w = Σ δ·a", ramp: "gradient" },
  share: { title: "this example’s δ·a", ramp: "gradient" },
  update: { title: "Δw", ramp: "gradient" },
});

/**
 * @param {Phase} phase @param {number} layer that the lines end in
 * @param {number | null} example null: all of the minibatch
 * @returns {Shown | null} null: not active
 */
export function shownBy({ kind, layer: at }, layer, example) {
  if (kind === "start" || kind === "iteration") return "weight";
  if (kind === "update") return "update";
  if (kind === "forward" && layer === at) return "forward";
  if (kind === "backward" && layer === at) return example === null ? "gradient" : "share";
  if (kind === "backward" && layer === at + 1) return "back";
  return null;
}

/** @param {Phase} phase @param {number} layer @param {number} last @returns {boolean} */
export function isActive({ kind, layer: at }, layer, last) {
  if (kind === "forward") return layer === at || layer === at - 1;
  if (kind === "backward") return layer === at || layer === at + 1;
  if (kind === "loss") return layer === last;
  return kind !== "start" || layer === 0;
}

/**
 * @param {Phase} phase @param {number} layer
 * @returns {"activations" | "handed" | "deltas" | null} null: nothing has come there yet
 */
export function unitShows({ kind, layer: at }, layer) {
  if (kind === "start") return layer === 0 ? "activations" : null;
  if (kind === "forward" && layer >= at) return layer === at ? "activations" : null;
  if (kind === "backward" && layer >= at) return "deltas";
  return kind === "update" || kind === "iteration" ? null : "handed";
}

/**
 * What that is in the legend.
 * @param {Step} step @param {ReturnType<typeof unitShows>} what @param {number} layer
 */
export function unitLook({ topology }, what, layer) {
  if (what === "deltas") return "delta";
  if (layer === 0) return "input";
  return what === "handed" && topology.layers[layer].dropout ? "handed" : "activation";
}

/**
 * The number of every line, for each of the things a line can show.
 * @param {Step} step @param {Layout} plan
 */
export function measure(step, plan) {
  const { edges } = plan;
  const { frame } = step;
  const none = new Float32Array(frame.parameters.length);
  /** @param {Float32Array} [values] by parameter */
  const pick = (values = none) => Float32Array.from(edges.parameter, (k) => values[k]);
  const values = {
    weight: pick(frame.parameters),
    forward: pick(frame.signals_forward),
    back: pick(frame.signals_backward),
    gradient: pick(frame.backpropagated),
    share: pick(frame.shares),
    update: pick(frame.updates),
  };
  const { count, example, topology } = step;
  const inputs = topology.layers[0].units * count;
  const round = (/** @type {Float32Array} */ all, share = 0.98) => {
    const size = robustMax(all, share);
    return size > 0 ? niceCeiling(size) : 1;
  };
  // One scale for all of a forward pass, and where one example is shown it is that one's.
  const passed = (/** @type {"activations" | "handed"} */ signal) => {
    if (example === null) return round(frame[signal]?.subarray(inputs) ?? none);
    const units = topology.layers
      .slice(1)
      .flatMap(({ index, units }) =>
        Array.from({ length: units }, (_, unit) => step.of(signal, index, unit)),
      );
    return round(Float32Array.from(units), 1);
  };
  const activation = passed("activations");
  const whole = {
    weight: round(values.weight),
    forward: round(values.forward),
    update: round(values.update),
    input: round(frame.activations.subarray(0, inputs)),
    activation,
    handed: Math.max(activation, passed("handed")),
  };
  // What flows back may shrink from layer to layer: each has a scale of its own.
  const layers = topology.layers.map(({ index, row, units }) => {
    const gap = plan.gaps.find(({ layer }) => layer === index);
    const lines = (/** @type {Float32Array} */ all) => round(all.subarray(gap?.start, gap?.end));
    return {
      back: lines(values.back),
      gradient: lines(values.gradient),
      share: lines(values.share),
      delta:
        example === null
          ? round(frame.deltas.subarray(row * count, (row + units) * count))
          : round(
              Float32Array.from({ length: units }, (_, unit) => step.of("deltas", index, unit)),
              1,
            ),
    };
  });
  /** @param {Look} look @param {number} layer of the unit, or that the line ends in */
  const rangeOf = (look, layer) => ({ ...whole, ...layers[layer] })[look];
  return { values, rangeOf };
}

/** @typedef {ReturnType<typeof measure>} Measured */
