/** What is said about a phase: a title, plain words, and the textbook's formula with its numbers. */

import { count as grouped, significant } from "../views/format.js";
import { unitName } from "../views/marks.js";
import { deltaLine, sumLine, valueLine } from "./lines.js";
import { lossFormula } from "./loss-line.js";
import { maths } from "./maths.js";
import { counted, titleOf } from "./names.js";
import { spokenOf } from "./phases.js";
import { updateCaption } from "./update.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./phases.js").Phase} Phase */
/** @typedef {import("../controls/fields.js").Catalog} Catalog */
/** @typedef {{title: string, words: string, formula: Node[]}} Caption */

const MOST_TERMS = 4;
/** More units than these are counted. */
const MOST_NAMED = 6;

/**
 * @param {Phase} phase @param {Step} step
 * @param {import("../views/types.js").State} state @param {Catalog} catalog
 * @returns {Caption}
 */
export function captionOf(phase, step, state, catalog) {
  const { layer } = phase;
  switch (phase.kind) {
    case "start":
      return initialisation(step, catalog);
    case "forward":
      return forward(layer, step, spokenOf(phase, step, state), catalog);
    case "loss":
      return loss(step, catalog);
    case "backward":
      return backward(layer, step, spokenOf(phase, step, state));
    case "update":
      return updateCaption(step, state, catalog);
    case "iteration":
      return iteration(step);
  }
}

/** @param {Step} step @param {Catalog} catalog @returns {Caption} */
function initialisation(step, catalog) {
  const { topology, meta, count, example } = step;
  const { recipe } = topology;
  const drawn = catalog.initializers.find(({ name }) => name === recipe.initializer);
  const from = `${drawn?.title ?? recipe.initializer}, seed ${recipe.seed}`;
  if (meta.step > 0) {
    const which =
      example === null
        ? `all ${grouped(count)}`
        : `example ${grouped(example + 1)} of ${grouped(count)}`;
    return {
      title: `Initialisation, ${counted(meta.step, "step")} later`,
      words:
        `The initial weights (${from}) are those of step 0; ${counted(meta.step, "step")} ` +
        `${changes(step)} made these of them. For step ${grouped(meta.step + 1)} a ` +
        `minibatch of ${counted(count, "training example")} is drawn; shown: ${which}.`,
      formula: maths`L = ${meta.minibatch_loss ?? Number.NaN} on this minibatch, before the step`,
    };
  }
  const { alike, biases } = equalities(step);
  const { by_hand: byHand } = meta.microscope;
  const weights = alike
    ? `The weights of each layer are all equal (${byHand === "none" ? (drawn?.title ?? "") : "set by hand"}): its units ` +
      "compute the same, get the same gradient and stay alike. Nothing breaks the symmetry"
    : origin(step, from);
  const first = topology.layers[1];
  const spread = drawn?.formula.includes("std") ? `, std = ${significant(recipe.std)}` : "";
  return {
    title: "Initialisation",
    words: `No step has been made. ${weights}; ${biases}.`,
    formula: maths`${drawn?.formula ?? ""}${spread}; layer 1 has fan_in ${String(first.fan_in)} and fan_out ${String(first.units)}`,
  };
}

/** Where the weights of step 0 come from. @param {Step} step @param {string} from */
function origin({ meta: { microscope } }, from) {
  const { by_hand: byHand, added } = microscope;
  if (byHand === "all")
    return `All weights have been set by hand, in the place of random ones (${from})`;
  const parts = [
    ...(byHand === "some" ? ["some have been set by hand since"] : []),
    ...(added ? ["others have been added since"] : []),
  ];
  const more = parts.length ? `; ${parts.join(", ")}` : ", so that no two units are alike";
  return `The weights were drawn at random (${from})${more}`;
}

/** What has made the weights of the initial ones. @param {Step} step */
function changes({ meta: { step, microscope } }) {
  const edits = microscope.by_hand !== "none" || microscope.added;
  return edits ? "and edits have" : step === 1 ? "has" : "have";
}

/** What is true of the weights and biases as they are. @param {Step} step */
function equalities({ topology, frame: { parameters }, parameter }) {
  const layers = topology.layers.slice(1).map(({ index: layer, units, fan_in: inputs }) => {
    const [weights, biases] = [new Set(), new Set()];
    for (let unit = 0; unit < units; unit++) {
      biases.add(parameters[parameter({ layer, unit, input: null })]);
      for (let input = 0; input < inputs; input++)
        weights.add(parameters[parameter({ layer, unit, input })]);
    }
    return { weights, biases };
  });
  const none = layers.every(({ biases }) => biases.size === 1 && biases.has(0));
  return {
    alike: layers.every(({ weights }) => weights.size === 1),
    biases: none ? "the biases are 0" : "the biases have been set",
  };
}

/**
 * @param {number} layer @param {Step} step @param {number} unit
 * @param {Catalog} catalog @returns {Caption}
 */
function forward(layer, step, unit, catalog) {
  const { layers } = step.topology;
  const { activation, kind } = layers[layer];
  const told = catalog.activations.find(({ name }) => name === activation);
  const norm = layers[layer].batch_norm ? " normalises that over the minibatch," : "";
  const all = step.example === null ? " The numbers are means over the minibatch." : "";
  return {
    title: `Forward pass · ${titleOf(step.topology, layer)}`,
    words:
      `Each ${kind === "output" ? "output" : "unit"} multiplies what the layer before hands it by ` +
      `the weights of its lines, adds its bias,${norm} and ${
        activation === "linear"
          ? "that is its value (φ is linear)"
          : `applies φ = ${told?.title ?? activation}`
      }. ` +
      `${layers[layer].dropout ? dropping(step, layer) : "Values run to the right."}${all}`,
    formula: [
      ...maths`${unitName(step.topology, layer, unit)}: `,
      ...sumLine(step, layer, unit, MOST_TERMS),
      ...maths`,  `,
      ...valueLine(step, layer, unit),
    ],
  };
}

/** Which units dropout drops, and what it makes of the others. @param {Step} step @param {number} layer */
function dropping({ topology, example, of }, layer) {
  const { dropout: p, units } = topology.layers[layer];
  const kept = `a/(1 − p) = ${significant(1 / (1 - p))}·a`;
  if (example === null)
    return `Dropout, p = ${p}, drops other units for each example; the rest hand on ${kept}.`;
  const dropped = Array.from({ length: units }, (_, unit) => unit + 1).filter(
    (unit) => of("masks", layer, unit - 1) === 0,
  );
  if (dropped.length === 0) return `Dropout, p = ${p}, drops none here; all hand on ${kept}.`;
  const which =
    dropped.length > MOST_NAMED
      ? `${dropped.length} of the ${units} units`
      : `unit${dropped.length > 1 ? "s" : ""} ${dropped.join(", ")}`;
  const rest = dropped.length < units ? `; the others hand on ${kept}` : "";
  return `Dropout, p = ${p}, drops ${which} (hatched)${rest}.`;
}

/** @param {Step} step @param {Catalog} catalog @returns {Caption} */
function loss(step, catalog) {
  const told = catalog.losses.find(({ name }) => name === step.topology.recipe.loss);
  return {
    title: `Loss · ${told?.title ?? ""}`,
    words:
      "ℓ says in one number how wrong the outputs are for one example; the loss L is the mean over " +
      `the minibatch, m = ${grouped(step.count)}. Its slope ∂L/∂ŷ says which way, and that is carried back.`,
    formula: lossFormula(step, told),
  };
}

/**
 * @param {number} layer @param {Step} step @param {number} unit
 * @returns {Caption}
 */
function backward(layer, step, unit) {
  const { topology, example } = step;
  const last = layer === topology.layers.length - 1;
  const words = last
    ? "The chain rule begins: the loss’s slope times the slope of φ is δ, how much the loss changes with z."
    : "The chain rule: a unit gathers the δ of the next layer, each times its line’s weight, and multiplies by its own slope φ′.";
  const { dropout, batch_norm: norm } = topology.layers[layer];
  const through = norm
    ? " Batch normalisation then takes off its part, and what is left is δ."
    : "";
  const dropped = norm ? "nothing of that arrives" : "δ is 0";
  const mask = dropout ? ` Where dropout drops a unit, ${dropped}.` : "";
  const shares =
    example === null
      ? "δ times a line’s input, summed over the minibatch, is that line’s gradient ∂L/∂w."
      : "δ times a line’s input is this example’s share of that line’s gradient ∂L/∂w.";
  return {
    title: `Backward pass · ${titleOf(topology, layer)}`,
    words: `${words}${mask}${through} ${shares}`,
    formula: [
      ...maths`${unitName(topology, layer, unit)}: `,
      ...deltaLine(step, layer, unit, MOST_TERMS),
    ],
  };
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
    title: `Iteration · step ${grouped(step)} is made`,
    words: `The weights have moved, and the next minibatch is drawn. Forward pass, loss, backward pass, weight update, again and again: that is all of learning.${again}`,
    formula: maths`training loss at step ${grouped(frame.history[before])}: ${was}, now ${now ?? Number.NaN}`,
  };
}
