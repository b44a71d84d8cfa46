/** What is said about the weight update: what the optimizer does, with the numbers of one weight. */

import { significant } from "../views/format.js";
import { existing, unitName } from "../views/marks.js";
import { runningText } from "./calculation.js";
import { factor, maths } from "./maths.js";
import { counted } from "./names.js";

/** @typedef {import("./captions.js").Caption} Caption */
/** @typedef {import("./captions.js").Catalog} Catalog */
/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {{layer: number, unit: number, input: number}} Weight */

/**
 * @param {Step} step @param {import("../views/types.js").State} state @param {Catalog} catalog
 * @returns {Caption}
 */
export function updateCaption(step, { view }, catalog) {
  const { topology, frame, meta, count } = step;
  const { optimizer } = topology.recipe;
  const told = catalog.optimizers.find(({ name }) => name === optimizer);
  const pinned = existing(view.pinned, topology);
  const weight = pinned?.kind === "weight" ? pinned : largest(step);
  const { layer, unit, input } = weight;
  const name = `${unitName(topology, layer - 1, input)} → ${unitName(topology, layer, unit)}`;
  const k = step.parameter(weight);
  const { parameters, gradients, updates, backpropagated, new_parameters: after } = frame;
  const found = backpropagated?.[k] ?? Number.NaN;
  const changed = found === gradients[k] ? [] : maths`∂L/∂w = ${found}, `;
  return {
    title: `Weight update · ${told?.title ?? optimizer}`,
    words:
      `The gradient g of ${counted(count, "example")} is there${treatment(step)}. Every weight ` +
      `and bias moves ${told?.against}; the learning rate η is ` +
      `${significant(meta.rate_in_force)}. Lines show Δw.`,
    formula: [
      ...maths`${pinned === weight ? "" : "Largest Δw, "}${name}: `,
      ...changed,
      ...maths`g = ${gradients[k]};  `,
      ...runningText(step, meta.microscope.update_lines, k, "w"),
      ...maths`w ← w + Δw = ${parameters[k]} + ${factor(updates[k])} = ${after?.[k] ?? Number.NaN}`,
    ],
  };
}

/** What was done to the gradient before the optimizer got it. @param {Step} step */
function treatment({ topology: { recipe }, meta }) {
  const penalties = [...(recipe.l2 ? ["L2"] : []), ...(recipe.l1 ? ["L1"] : [])];
  const added = penalties.length ? `, with the ${penalties.join(" and ")} penalty on weights` : "";
  // Penalties are for weights alone; what is done to all of it is clipping.
  const clipped = meta.microscope.gradient_lines.some((line) => !line.weights_only);
  return added + (clipped ? ", clipped" : "");
}

/** @param {Step} step @returns {Weight} its Δw is the largest */
function largest({ topology, frame, parameter }) {
  let found = { layer: 1, unit: 0, input: 0 };
  let most = -1;
  for (const layer of topology.layers.slice(1)) {
    for (let unit = 0; unit < layer.units; unit++) {
      for (let input = 0; input < layer.fan_in; input++) {
        const place = { layer: layer.index, unit, input };
        const size = Math.abs(frame.updates[parameter(place)]);
        if (!(size > most)) continue;
        most = size;
        found = place;
      }
    }
  }
  return found;
}
