/** What is said about a phase: a title, plain words, and the textbook's formula with its numbers. */

import { significant } from "../views/format.js";
import { unitName } from "../views/marks.js";
import { deltaLine, sumLine, valueLine } from "./lines.js";
import { lossFormula } from "./loss-line.js";
import { factor, maths } from "./maths.js";
import { titleOf } from "./names.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./phases.js").Phase} Phase */
/** @typedef {import("./player.js").Slow} Slow */
/** @typedef {import("../controls/fields.js").Catalog} Catalog */
/** @typedef {{title: string, words: string, formula: Node[]}} Caption */

const MOST_TERMS = 4;

/**
 * @param {Phase} phase @param {Step} step @param {Slow} slow
 * @param {import("../views/types.js").State} state @param {Catalog} catalog
 * @returns {Caption}
 */
export function captionOf(phase, step, slow, state, catalog) {
  const example = slow.example === null ? null : step.held(slow.example);
  const { pinned } = state.view;
  const unit = pinned?.layer === phase.layer ? pinned.unit : 0;
  const which =
    example === null ? `all ${step.count} examples` : `example ${example + 1} of ${step.count}`;
  switch (phase.kind) {
    case "start":
      return start(step, catalog, which);
    case "forward":
      return forward(phase.layer, step, unit, example, catalog);
    case "loss":
      return loss(step, example, catalog);
    case "backward":
      return backward(phase.layer, step, unit, example);
    case "update":
      return update(step, catalog);
    case "iteration":
      return iteration(step);
  }
}

/** @param {Step} step @param {Catalog} catalog @param {string} which @returns {Caption} */
function start({ topology, meta, count }, catalog, which) {
  const { recipe } = topology;
  if (meta.step > 0) {
    return {
      title: `Step ${meta.step + 1} begins`,
      words:
        `The weights are what ${meta.step.toLocaleString("en")} steps have made of them. ` +
        `A minibatch of ${count} training examples has been drawn; shown: ${which}.`,
      formula: maths`L = ${meta.minibatch_loss ?? Number.NaN} on this minibatch, before the step`,
    };
  }
  const drawn = catalog.initializers.find(({ name }) => name === recipe.initializer);
  const first = topology.layers[1];
  const fans = `layer 1 has fan_in ${first.fan_in} and fan_out ${first.units}`;
  return {
    title: "Initialisation",
    words:
      `No step has been made. The weights were drawn at random (${drawn?.title ?? recipe.initializer}, ` +
      `seed ${recipe.seed}), so that no two units are alike; the biases are 0.`,
    formula: maths`${drawn?.formula ?? ""}; ${fans}`,
  };
}

/**
 * @param {number} layer @param {Step} step @param {number} unit @param {number | null} example
 * @param {Catalog} catalog @returns {Caption}
 */
function forward(layer, step, unit, example, catalog) {
  const { layers } = step.topology;
  const { activation, kind } = layers[layer];
  const told = catalog.activations.find(({ name }) => name === activation);
  const norm = layers[layer].batch_norm ? " normalises that over the minibatch," : "";
  const all = example === null ? " The numbers are means over the minibatch." : "";
  return {
    title: `Forward pass · ${titleOf(step.topology, layer)}`,
    words:
      `Each ${kind === "output" ? "output" : "unit"} multiplies what the layer before hands it by ` +
      `the weights of its lines, adds its bias,${norm} and ${
        activation === "linear"
          ? "that is its value (φ is linear)"
          : `applies φ = ${told?.title ?? activation}`
      }. ` +
      `Values run to the right.${all}`,
    formula: [
      ...maths`${unitName(step.topology, layer, unit)}: `,
      ...sumLine(step, layer, unit, example, MOST_TERMS),
      ...maths`,  `,
      ...valueLine(step, layer, unit, example),
    ],
  };
}

/** @param {Step} step @param {number | null} example @param {Catalog} catalog @returns {Caption} */
function loss(step, example, catalog) {
  const told = catalog.losses.find(({ name }) => name === step.topology.recipe.loss);
  return {
    title: `Loss · ${told?.title ?? ""}`,
    words:
      "The loss says in one number how wrong the outputs are. Its slope ∂L/∂ŷ says which way, " +
      `and that is what will be carried back. L is the mean over the ${step.count} examples.`,
    formula: lossFormula(step, example, told?.formula ?? ""),
  };
}

/**
 * @param {number} layer @param {Step} step @param {number} unit @param {number | null} example
 * @returns {Caption}
 */
function backward(layer, step, unit, example) {
  const { topology } = step;
  const last = layer === topology.layers.length - 1;
  const words = last
    ? "The chain rule begins: the loss's slope times the slope of φ is δ, how much the loss changes with z."
    : "The chain rule: a unit gathers the δ of the next layer, each times its line's weight, and multiplies by its own slope φ′(z).";
  const sums = example === null ? "; here, summed over the minibatch" : "";
  return {
    title: `Backward pass · ${titleOf(topology, layer)}`,
    words: `${words} δ times a line's input is that line's gradient ∂L/∂w${sums}.`,
    formula: [
      ...maths`${unitName(topology, layer, unit)}: `,
      ...deltaLine(step, layer, unit, example, MOST_TERMS),
    ],
  };
}

/** @param {Step} step @param {Catalog} catalog @returns {Caption} */
function update(step, catalog) {
  const { topology, frame, meta } = step;
  const { optimizer } = topology.recipe;
  const told = catalog.optimizers.find(({ name }) => name === optimizer);
  const { layer, unit, input } = largest(step);
  const k = step.parameter(layer, unit, input);
  const [w, g, change] = [frame.parameters[k], frame.gradients[k], frame.updates[k]];
  const name = `${unitName(topology, layer - 1, input)} → ${unitName(topology, layer, unit)}`;
  const rule =
    optimizer === "sgd"
      ? maths`w − η·∂L/∂w = ${w} − ${meta.rate_in_force}·${factor(g)}`
      : maths`w + Δw = ${w} + ${factor(change)}`;
  return {
    title: `Weight update · ${told?.title ?? optimizer}`,
    words:
      `All gradients of the ${step.count} examples are there: every weight and bias moves a little against its own, ` +
      `at the learning rate η = ${significant(meta.rate_in_force)}. Lines show Δw.`,
    formula: [
      ...maths`${told?.formula ?? ""}.  Largest, ${name}: w ← `,
      ...rule,
      ...maths` = ${w + change}`,
    ],
  };
}

/** @param {Step} step @returns {{layer: number, unit: number, input: number}} its Δw is the largest */
function largest({ topology, frame, parameter }) {
  let found = { layer: 1, unit: 0, input: 0 };
  let most = -1;
  for (const layer of topology.layers.slice(1)) {
    for (let unit = 0; unit < layer.units; unit++) {
      for (let input = 0; input < layer.fan_in; input++) {
        const size = Math.abs(frame.updates[parameter(layer.index, unit, input)]);
        if (!(size > most)) continue;
        most = size;
        found = { layer: layer.index, unit, input };
      }
    }
  }
  return found;
}

/** @param {Step} step @returns {Caption} */
function iteration({ meta, frame }) {
  const { step, timeline, train_loss: now } = meta;
  const points = frame.shapes.history[1];
  const before = points > 1 && frame.history[points - 1] === step ? points - 2 : points - 1;
  const was = frame.history[points + before];
  const again = timeline.looking_back
    ? " You are looking back: going on leads through the same steps."
    : "";
  return {
    title: `Iteration · step ${step.toLocaleString("en")} is made`,
    words: `The weights have moved, and the next minibatch is drawn. Forward, loss, backward, update, again and again: that is all of learning.${again}`,
    formula: maths`training loss at step ${String(frame.history[before])}: ${was}, now ${now ?? Number.NaN}`,
  };
}
