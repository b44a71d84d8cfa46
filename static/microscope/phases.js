/** The phases of one training step, in the order in which they happen. */

/** @typedef {import("../views/types.js").Topology} Topology */
/** @typedef {"start" | "forward" | "loss" | "backward" | "update" | "iteration"} Kind */
/** @typedef {{kind: Kind, layer: number}} Phase `layer` is 0 where no one layer is meant */

/** What each kind is called on the strip. */
export const NAMES = {
  start: "start",
  forward: "forward pass",
  loss: "loss",
  backward: "backward pass",
  update: "update",
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
