/** Names of layers and functions, as they are said. */

import { count as grouped } from "../views/format.js";

/** @typedef {import("../views/types.js").Topology} Topology */

/** φ with its argument left out, where its name is one that people write. */
const WRITTEN = /** @type {Record<string, string>} */ ({
  tanh: "tanh",
  sigmoid: "σ",
  relu: "ReLU",
  leaky_relu: "leaky ReLU",
  elu: "ELU",
  silu: "SiLU",
  gelu: "GELU",
  softplus: "softplus",
});

/** φ′ in terms of what is at hand. */
const SLOPES = /** @type {Record<string, string>} */ ({
  tanh: "1 − a²",
  sigmoid: "a(1 − a)",
  relu: "1 above 0, else 0",
  leaky_relu: "1 above 0, else 0.01",
  linear: "1",
});

/** @param {number} count @param {string} name */
export function counted(count, name) {
  return `${grouped(count)} ${name}${count === 1 ? "" : "s"}`;
}

/** @param {Topology} topology @param {number} layer */
export function titleOf(topology, layer) {
  return layer === topology.layers.length - 1 ? "output layer" : `layer ${layer}`;
}

/** @param {string | null} activation @returns {string} "" where φ(z) is z itself */
export function written(activation) {
  return WRITTEN[activation ?? ""] ?? "";
}

/** @param {string | null} activation @returns {string} "" where there is no short form */
export function slopeOf(activation) {
  return SLOPES[activation ?? ""] ?? "";
}

/**
 * What φ gets: z, or with batch normalisation u = γ·ẑ + β.
 * @param {Topology} topology @param {number} layer
 */
export function argumentOf(topology, layer) {
  return topology.layers[layer].batch_norm ? "u" : "z";
}
