/** The numbers of the recorded step, by layer, unit and example: read from the frame, as they are. */

/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("../views/types.js").Topology} Topology */

/**
 * @typedef {"pre_activations" | "activations" | "deltas" | "sums" | "slopes" | "arriving"
 *   | "normalised" | "masks"} Signal a tensor with a row for each unit and a column for each example
 */

/** Backward signals have the average over the minibatch in them: their sum is what counts. */
const SUMMED = new Set(["deltas", "arriving"]);

/**
 * @param {{topology: Topology | null, frame: Frame | null}} state
 * @returns {Step | null} null while the frame does not carry them
 */
export function stepOf({ topology, frame }) {
  if (!topology || !frame?.pre_activations || !frame.losses || !frame.slopes) return null;
  if (frame.meta.version !== topology.version) return null;
  const count = frame.shapes.pre_activations[1];
  const { layers } = topology;
  const tensors = /** @type {Record<Signal, Float32Array>} */ (/** @type {unknown} */ (frame));

  /**
   * @param {Signal} signal @param {number} layer @param {number} unit
   * @returns {Float32Array} one number for each example
   */
  function row(signal, layer, unit) {
    const from = (layers[layer].row + unit) * count;
    return tensors[signal].subarray(from, from + count);
  }

  /**
   * @param {Signal} signal @param {number} layer @param {number} unit
   * @param {number | null} example null: the minibatch's sum of what flows back, else its mean
   */
  function of(signal, layer, unit, example) {
    const values = row(signal, layer, unit);
    if (example !== null) return values[example];
    const sum = values.reduce((total, value) => total + value, 0);
    return SUMMED.has(signal) ? sum : sum / count;
  }

  /**
   * What the next layer receives: the activation, under the dropout mask.
   * @param {number} layer @param {number} unit @param {number | null} example
   */
  function handed(layer, unit, example) {
    if (!layers[layer].dropout) return of("activations", layer, unit, example);
    const [values, masks] = [row("activations", layer, unit), row("masks", layer, unit)];
    if (example !== null) return values[example] * masks[example];
    return values.reduce((total, value, k) => total + value * masks[k], 0) / count;
  }

  /** @param {number} layer @param {number} unit @param {number | null} input null: the bias */
  function parameter(layer, unit, input) {
    const { offset, fan_in: inputs } = layers[layer];
    return (offset ?? 0) + unit * (inputs + 1) + (input ?? inputs);
  }

  const { version, timeline, microscope } = frame.meta;
  return {
    key: JSON.stringify([version, timeline.made, microscope.check]),
    topology,
    frame,
    meta: frame.meta,
    count,
    losses: frame.losses,
    row,
    of,
    handed,
    parameter,
    /** @param {number} output @param {number} example */
    target: (output, example) => frame.targets?.[output * count + example] ?? Number.NaN,
    /** @param {number} example held inside the minibatch @returns {number} */
    held: (example) => Math.min(example, count - 1),
  };
}

/**
 * @typedef {object} Step
 * @property {string} key the same as long as all of its numbers are: frames come for other reasons too
 * @property {Topology} topology
 * @property {Frame} frame
 * @property {import("../views/types.js").Meta} meta
 * @property {number} count examples of the minibatch
 * @property {Float32Array} losses of each of them
 * @property {(signal: Signal, layer: number, unit: number) => Float32Array} row
 * @property {(signal: Signal, layer: number, unit: number, example: number | null) => number} of
 * @property {(layer: number, unit: number, example: number | null) => number} handed
 * @property {(layer: number, unit: number, input: number | null) => number} parameter
 * @property {(output: number, example: number) => number} target
 * @property {(example: number) => number} held
 */

/** @typedef {{name: string, weight: number, value: number, product: number, input: number, layer: number, unit: number}} Term */

/**
 * The terms of z = Σ w x + b, and those of Σ w δ, each with the weight it comes from.
 * @param {Step} step @param {"in" | "out"} side @param {number} layer @param {number} unit
 * @param {number | null} example
 * @param {(layer: number, unit: number) => string} name
 * @returns {Term[]}
 */
export function termsOf(step, side, layer, unit, example, name) {
  const { layers } = step.topology;
  const inward = side === "in";
  const count = inward ? layers[layer].fan_in : (layers[layer + 1]?.units ?? 0);
  return Array.from({ length: count }, (_, other) => {
    const edge = inward
      ? { layer, unit, input: other }
      : { layer: layer + 1, unit: other, input: unit };
    const weight = step.frame.parameters[step.parameter(edge.layer, edge.unit, edge.input)];
    const value = inward
      ? step.handed(layer - 1, other, example)
      : step.of("deltas", layer + 1, other, example);
    const source = inward ? layer - 1 : layer + 1;
    return { ...edge, name: name(source, other), weight, value, product: weight * value };
  });
}
