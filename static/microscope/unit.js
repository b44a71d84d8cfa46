/** A neuron's equations with the numbers of one example in them, or with means and sums of all. */

import { unitName } from "../views/marks.js";
import { examplesTable } from "./examples.js";
import { normalised, scaled, THROUGH, through } from "./lines.js";
import { ownSlope, slopeAt } from "./loss-line.js";
import { factor, maths } from "./maths.js";
import { argumentOf, counted, slopeOf, written } from "./names.js";
import { termsOf } from "./numbers.js";
import { line, part, remark, termLines, unfolding } from "./rows.js";
import { gradientLines, updateLines } from "./weight.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./numbers.js").Place} Place */
/** @typedef {import("../views/types.js").Mark} Mark */
/**
 * @typedef {object} Handles what the equations can do to the page
 * @property {import("../controls/fields.js").Loss | undefined} loss in force
 * @property {Set<string>} open what is shown whole
 * @property {(name: string) => void} unfold
 * @property {(mark: Mark | null) => void} point
 * @property {(mark: Mark) => void} choose
 * @property {(example: number) => void} pick
 * @property {(place: Place) => void} share ask for each example's share
 * @property {(place: Place, button: HTMLElement) => void} check
 */

/**
 * @param {Step} step @param {number} layer @param {number} unit @param {Handles} handles
 * @returns {Node[]}
 */
export function unitEquations(step, layer, unit, handles) {
  if (layer === 0) return inputOf(step, unit, handles);
  const parts = [
    part("Forward", ...forward(step, layer, unit, handles)),
    part("Backward", ...backward(step, layer, unit, handles)),
  ];
  if (step.topology.layers[layer].batch_norm)
    parts.push(...learnedNorm(step, layer, unit, handles));
  if (step.example === null) {
    parts.push(part("Each example", examplesTable(step, layer, unit, handles.pick)));
  }
  return parts;
}

/** @param {Step} step @param {number} layer @param {number} unit @param {Handles} handles */
function forward(step, layer, unit, handles) {
  const { activation, batch_norm: norm, dropout, kind } = step.topology.layers[layer];
  const a = step.of("activations", layer, unit);
  const bias = step.frame.parameters[step.parameter({ layer, unit, input: null })];
  const all = step.example === null;
  const mean = all ? "mean " : "";
  const lines = [
    ...sum(step, "in", layer, unit, handles),
    line("bias b", [], bias),
    line(`${mean}z = Σ w·${mean}x + b`, [], step.of("sums", layer, unit), "total"),
  ];
  if (norm) lines.push(...normalisation(step, layer, unit));
  const phi = written(activation);
  const given = argumentOf(step.topology, layer);
  const z = step.of("pre_activations", layer, unit);
  const how = all ? [] : phi ? maths`${phi}(${z})` : maths`${given}`;
  const out = kind === "output" ? "ŷ" : "a";
  const name = all ? `mean of ${out} = φ(${given})` : `${out} = φ(${given})`;
  lines.push(line(name, how, a, "total"));
  if (dropout) {
    const drop = all ? [] : maths`${factor(a)} · ${step.of("masks", layer, unit)}`;
    lines.push(line(`${mean}a · mask`, drop, step.of("handed", layer, unit)));
  }
  return lines;
}

/** @param {Step} step @param {number} layer @param {number} unit */
function normalisation(step, layer, unit) {
  const sign = step.example === null ? "mean " : "";
  return [
    line(
      `${sign}ẑ = (z − μ) / σ`,
      normalised(step, layer, unit),
      step.of("normalised", layer, unit),
    ),
    line(
      `${sign}u = γ·ẑ + β`,
      scaled(step, layer, unit),
      step.of("pre_activations", layer, unit),
      "total",
    ),
  ];
}

/** @param {Step} step @param {number} layer @param {number} unit @param {Handles} handles */
function backward(step, layer, unit, handles) {
  const { layers } = step.topology;
  const { activation, batch_norm: norm, dropout } = layers[layer];
  const last = layer === layers.length - 1;
  const all = step.example === null;
  const [arriving, slope, outer, delta] = /** @type {const} */ ([
    "arriving",
    "slopes",
    "outer",
    "deltas",
  ]).map((signal) => step.of(signal, layer, unit));
  const sigma = all ? "Σ " : "";
  const lines = last
    ? [line(`${sigma}∂L/∂ŷ`, all ? [] : error(step, unit, handles), arriving, "total")]
    : [
        ...sum(step, "out", layer, unit, handles),
        line(all ? "Σ w·Σδ" : "Σ w·δ", [], arriving, "total"),
      ];
  const given = argumentOf(step.topology, layer);
  const what = last ? "∂L/∂ŷ" : "Σ w·δ";
  const name = `φ′(${given})${dropout ? " · mask" : ""} · ${what}`;
  if (all) {
    const sign = norm ? "Σ ∂L/∂u" : "Σδ";
    lines.push(line(`${sign}, each δ = ${name}`.replace("δ", norm ? "∂L/∂u" : "δ"), [], outer));
    if (norm) lines.push(line("Σδ, each through the normalisation", [], delta));
  } else {
    const form = slopeOf(activation);
    lines.push(line(`φ′(${given})`, form ? maths`${form}` : [], slope));
    const mask = dropout ? maths`${step.of("masks", layer, unit)} · ` : [];
    const factors = [...maths`${slope} · `, ...mask, ...factor(arriving)];
    lines.push(line(`${norm ? "∂L/∂u" : "δ"} = ${name}`, factors, outer, "total"));
    if (norm) {
      const delta = step.of("deltas", layer, unit);
      lines.push(line(THROUGH, through(step, layer, unit), delta, "total"));
    }
  }
  const k = step.parameter({ layer, unit, input: null });
  const gradient = step.frame.backpropagated?.[k] ?? Number.NaN;
  lines.push(line("∂L/∂b = Σ δ", maths`over ${counted(step.count, "example")}`, gradient));
  if (all) lines.push(remark("The 1/m of the mean over the minibatch is in each δ already."));
  return lines;
}

/** The loss's slope. @param {Step} step @param {number} unit @param {Handles} handles */
function error(step, unit, { loss }) {
  return maths`(1/m)·(${ownSlope(step, loss)}) = (1/${String(step.count)})·${factor(slopeAt(step, unit))}`;
}

/**
 * γ and β are learned as the weights are.
 * @param {Step} step @param {number} layer @param {number} unit @param {Handles} handles
 */
function learnedNorm(step, layer, unit, handles) {
  const signs = /** @type {const} */ ([
    ["scale", "γ"],
    ["shift", "β"],
  ]);
  return signs.map(([norm, sign]) => {
    const place = { layer, unit, input: null, norm };
    const k = step.parameter(place);
    const gradient = step.frame.backpropagated?.[k] ?? Number.NaN;
    const title = `Scale ${sign}`.replace("Scale β", "Shift β");
    if (!handles.open.has(norm)) {
      return part(
        title,
        line(sign, [], step.frame.parameters[k]),
        line(`∂L/∂${sign}`, [], gradient),
        unfolding("its gradient and update …", () => handles.unfold(norm)),
      );
    }
    return part(title, ...gradientLines(step, place, handles), ...updateLines(step, place));
  });
}

/** @param {Step} step @param {"in" | "out"} side @param {number} layer @param {number} unit @param {Handles} handles */
function sum(step, side, layer, unit, handles) {
  const name = (/** @type {number} */ l, /** @type {number} */ u) =>
    unitName(step.topology, l, u).replace(/^layer \d+, unit /, "unit ");
  const terms = termsOf(step, side, layer, unit, name);
  const { open, unfold, point, choose } = handles;
  return termLines(terms, open.has(side), () => unfold(side), point, choose);
}

/** @param {Step} step @param {number} unit @param {Handles} handles */
function inputOf(step, unit, handles) {
  if (step.example === null) return [examplesTable(step, 0, unit, handles.pick)];
  return [
    line("x", [], step.of("activations", 0, unit), "total"),
    remark("An input: the data as the network sees them. No gradient is needed here."),
  ];
}
