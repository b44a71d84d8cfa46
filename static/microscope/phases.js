/** The phases of one training step, in the order in which they happen. */

import { speaker } from "./numbers.js";

/** @typedef {import("../views/types.js").Topology} Topology */
/** @typedef {"start" | "forward" | "loss" | "backward" | "update" | "iteration"} Kind */
/** @typedef {{kind: Kind, layer: number}} Phase `layer` is 0 where no one layer is meant */

/** What each kind is called on the strip. */
export const NAMES = {
  start: "initialisation",
  forward: "forward pass",
  loss: "loss",
  backward: "backward pass (chain rule)",
  update: "weight update",
  iteration: "iteration",
};

/**
 * @param {Topology} topology
 * @returns {Phase[]}
 */
export function phasesOf(topology) {
  const last = topology.layers.length - 1;
  const upward = Array.from({ length: last }, (_, k) => k + 1);
  return [
    phase("start"),
    ...upward.map((layer) => phase("forward", layer)),
    phase("loss"),
    ...upward.toReversed().map((layer) => phase("backward", layer)),
    phase("update"),
    phase("iteration"),
  ];
}

/** @param {Kind} kind @param {number} [layer] @returns {Phase} */
function phase(kind, layer = 0) {
  return { kind, layer };
}

/**
 * The phase that a viewer is at: what an edit has taken away is no longer there.
 * @param {Topology} topology
 * @param {number} index
 */
export function phaseAt(topology, index) {
  const phases = phasesOf(topology);
  return phases[Math.min(index, phases.length - 1)];
}

/**
 * The unit that the formula of a phase speaks of: the chosen one, else a lively one.
 * @param {Phase} phase @param {import("./numbers.js").Step} step
 * @param {import("../views/types.js").State} state
 */
export function spokenOf({ layer }, step, { view: { pinned } }) {
  return pinned?.layer === layer ? pinned.unit : speaker(step, layer);
}
