/** Marks: what in the network is pointed at, and where its numbers lie in a frame. */

/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("./types.js").ViewState} ViewState */

/**
 * @param {Mark | null} one
 * @param {Mark | null} other
 */
export function sameMark(one, other) {
  if (!one || !other) return one === other;
  return (
    one.kind === other.kind &&
    one.layer === other.layer &&
    one.unit === other.unit &&
    (one.kind !== "weight" || other.kind !== "weight" || one.input === other.input)
  );
}

/**
 * @param {ViewState} view
 * @returns {Mark | null} what is pointed at now, else what was pinned
 */
export function markOf(view) {
  return view.hover ?? view.pinned;
}

/**
 * @param {Mark | null} mark
 * @param {Topology} topology
 * @returns {Mark | null} the mark, if the network (still) has it
 */
export function existing(mark, topology) {
  const layer = mark && topology.layers[mark.layer];
  if (!layer || mark.unit >= layer.units) return null;
  if (mark.kind !== "unit" && layer.index === 0) return null;
  return mark.kind === "weight" && mark.input >= layer.fan_in ? null : mark;
}

/**
 * @param {Topology} topology
 * @param {Mark} mark a weight or a bias
 * @returns {number} its index in the flat vectors
 */
export function parameterOf(topology, mark) {
  const { offset, fan_in: inputs } = topology.layers[mark.layer];
  return (offset ?? 0) + mark.unit * (inputs + 1) + (mark.kind === "weight" ? mark.input : inputs);
}

/**
 * @param {Topology} topology
 * @param {number} layer
 * @param {number} unit
 * @returns {string} as a teacher would say it: "x₁", "layer 2, unit 3", "output ŷ"
 */
export function unitName(topology, layer, unit) {
  const { kind, names, units } = topology.layers[layer];
  if (kind === "input") return (names[unit] ?? `input ${unit + 1}`).replaceAll("_", " ");
  if (kind === "output") return units === 1 ? "output ŷ" : `output ${names[unit] ?? unit + 1}`;
  return `layer ${layer}, unit ${unit + 1}`;
}
