/** The numbers of the recorded step, by layer, unit and example: read from the frame, as they are. */

/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("../views/types.js").Topology} Topology */

/**
 * @typedef {"pre_activations" | "activations" | "deltas" | "sums" | "slopes" | "arriving" | "outer"
 *   | "handed" | "normalised" | "masks"} Signal a tensor with a row for each unit and a column for
 *   each example
 * @typedef {{layer: number, unit: number, input: number | null, norm?: "scale" | "shift" | null}} Place
 *   of a parameter; `norm` is γ or β of batch normalisation, else an input of null is the bias
 */

/**
 * @param {{topology: Topology | null, frame: Frame | null}} state
 * @returns {Step | null} null while the frame does not carry them
 */
export function stepOf({ topology, frame }) {
  if (!topology || !frame?.pre_activations || !frame.losses || !frame.minibatch) return null;
  if (frame.meta.version !== topology.version) return null;
  const { microscope, timeline, version } = frame.meta;
  const { example } = microscope;
  const count = frame.shapes.pre_activations[1];
  const { layers, rows } = topology;
  const tensors = /** @type {Record<Signal, Float32Array>} */ (/** @type {unknown} */ (frame));
  const whole = frame.minibatch;

  /**
   * @param {Signal} signal @param {number} layer @param {number} unit
   * @returns {Float32Array} one number for each example
   */
  function row(signal, layer, unit) {
    const from = (layers[layer].row + unit) * count;
    return tensors[signal].subarray(from, from + count);
  }

  /**
   * Of the example shown; of the whole minibatch the sum of what flows back, else the mean.
   * @param {Signal} signal @param {number} layer @param {number} unit
   */
  function of(signal, layer, unit) {
    if (example !== null) return row(signal, layer, unit)[example];
    return whole[microscope.signals.indexOf(signal) * rows + layers[layer].row + unit];
  }

  return {
    key: JSON.stringify([version, timeline.made, example, microscope.check, microscope.shares]),
    topology,
    frame,
    meta: frame.meta,
    example,
    count,
    row,
    of,
    parameter: (place) => indexOf(topology, place),
    /** @param {number} output */
    target: (output) => frame.targets?.[output * count + (example ?? 0)] ?? Number.NaN,
  };
}

/**
 * @typedef {object} Step
 * @property {string} key the same as long as all of its numbers are: frames come for other reasons too
 * @property {Topology} topology
 * @property {Frame} frame
 * @property {import("../views/types.js").Meta} meta
 * @property {number | null} example the one shown, counted in the minibatch; null: all of it
 * @property {number} count examples of the minibatch
 * @property {(signal: Signal, layer: number, unit: number) => Float32Array} row
 * @property {(signal: Signal, layer: number, unit: number) => number} of
 * @property {(place: Place) => number} parameter its index in the flat vectors
 * @property {(output: number) => number} target of the example shown
 */

/**
 * Where a parameter lies in the flat vectors.
 * @param {Topology} topology @param {Place} place
 */
export function indexOf({ layers }, { layer, unit, input, norm }) {
  const { offset, fan_in: inputs, scale_offset: scale, shift_offset: shift } = layers[layer];
  if (norm) return ((norm === "scale" ? scale : shift) ?? 0) + unit;
  return (offset ?? 0) + unit * (inputs + 1) + (input ?? inputs);
}

/**
 * What batch normalisation has of a unit: μ and σ of z, the means over the minibatch of ∂L/∂u and of
 * ẑ·∂L/∂u, and the learned γ and β.
 * @param {Step} step @param {number} layer @param {number} unit
 */
export function normOf({ topology, frame, parameter }, layer, unit) {
  const at = topology.layers[layer].row + unit;
  const [mean, deviation, outer, along] = [0, 1, 2, 3].map(
    (k) => frame.normalisation?.[k * topology.rows + at] ?? Number.NaN,
  );
  const [gamma, beta] = /** @type {const} */ (["scale", "shift"]).map(
    (norm) => frame.parameters[parameter({ layer, unit, input: null, norm })],
  );
  return { mean, deviation, outer, along, gamma, beta };
}

/** @typedef {{name: string, weight: number, value: number, product: number, input: number, layer: number, unit: number}} Term */

/**
 * The terms of z = Σ w x + b, and those of Σ w δ, each with the weight it comes from.
 * @param {Step} step @param {"in" | "out"} side @param {number} layer @param {number} unit
 * @param {(layer: number, unit: number) => string} name
 * @returns {Term[]}
 */
export function termsOf(step, side, layer, unit, name) {
  const { layers } = step.topology;
  const { parameters, signals_forward: forward, signals_backward: back } = step.frame;
  const inward = side === "in";
  const count = inward ? layers[layer].fan_in : (layers[layer + 1]?.units ?? 0);
  const source = inward ? layer - 1 : layer + 1;
  return Array.from({ length: count }, (_, other) => {
    const edge = inward
      ? { layer, unit, input: other }
      : { layer: layer + 1, unit: other, input: unit };
    const k = step.parameter(edge);
    const value = step.of(inward ? "handed" : "deltas", source, other);
    const product = (inward ? forward : back)?.[k] ?? Number.NaN;
    return { ...edge, name: name(source, other), weight: parameters[k], value, product };
  });
}

/**
 * The unit of a layer that is spoken of when none is chosen: the one through which most flows back,
 * or forward where nothing comes back. A dead unit would have nothing to tell.
 * @param {Step} step @param {number} layer
 */
export function speaker({ topology, of }, layer) {
  const { units } = topology.layers[layer];
  const sizes = (/** @type {Signal} */ signal) =>
    Array.from({ length: units }, (_, unit) => Math.abs(of(signal, layer, unit)) || 0);
  const [back, forward] = [sizes("deltas"), sizes("activations")];
  const told = Math.max(...back) > 0 ? back : forward;
  return told.indexOf(Math.max(...told));
}

/**
 * A mark's numbers by name, for the table and for who listens.
 * @param {Step} step @param {import("../views/types.js").Mark} mark
 * @returns {[name: string, value: number][]}
 */
export function numbersOf(step, mark) {
  const { frame, topology, of } = step;
  const { layer, unit } = mark;
  if (mark.kind !== "unit") {
    const k = step.parameter({ layer, unit, input: mark.kind === "weight" ? mark.input : null });
    const sign = mark.kind === "weight" ? "w" : "b";
    return [
      [sign, frame.parameters[k]],
      [`∂L/∂${sign}`, frame.backpropagated?.[k] ?? Number.NaN],
      [`Δ${sign}`, frame.updates[k]],
    ];
  }
  if (layer === 0) return [["x", of("activations", 0, unit)]];
  const norm = topology.layers[layer].batch_norm;
  return [
    ["z", of("sums", layer, unit)],
    .../** @type {[string, number][]} */ (
      norm
        ? [
            ["ẑ", of("normalised", layer, unit)],
            ["u", of("pre_activations", layer, unit)],
          ]
        : []
    ),
    ["a", of("activations", layer, unit)],
    ["φ′", of("slopes", layer, unit)],
    ["δ", of("deltas", layer, unit)],
  ];
}
