/** Whether data, network and numbers belong together, so that they can be drawn. */

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {State & {topology: Topology, dataset: Dataset, frame: Frame}} Whole */

/**
 * After an edit the messages come one by one: until all of them are there, the old picture stays.
 * @param {State} state
 * @returns {state is Whole}
 */
export function isReady(state) {
  const { topology, dataset, frame } = state;
  return (
    topology !== null &&
    dataset !== null &&
    frame !== null &&
    frame.meta.version === topology.version &&
    topology.recipe.dataset === dataset.name
  );
}
