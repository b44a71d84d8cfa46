/** Which rectified units have been silent for so long that they count as dead. */

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Topology} Topology */

/** A minibatch of ten that misses a unit says little; this many examples in a row say it is dead. */
const EXAMPLES = 120;

export function createSilence() {
  let silent = new Float64Array(0);
  let step = -1;
  return {
    /** @param {Topology} topology @param {Frame} frame a new one */
    listen(topology, frame) {
      if (silent.length !== topology.rows) silent = new Float64Array(topology.rows);
      if (frame.meta.step < step) silent.fill(0);
      const news = frame.meta.step !== step;
      step = frame.meta.step;
      const [, count] = frame.shapes.activations;
      for (const { kind, activation, row, units } of topology.layers) {
        if (kind !== "hidden" || activation !== "relu") {
          silent.fill(0, row, row + units);
          continue;
        }
        for (let k = row; k < row + units; k++) {
          const seen = frame.activations.subarray(k * count, (k + 1) * count);
          if (!seen.every((a) => a === 0)) silent[k] = 0;
          else if (news) silent[k] += count;
          if (frame.field_scales?.[k] === 0) silent[k] = EXAMPLES;
        }
      }
    },
    /** @param {number} row @returns {boolean} */
    isDead: (row) => silent[row] >= EXAMPLES,
  };
}

/** @typedef {ReturnType<typeof createSilence>} Silence */
