/** A weight's or bias's gradient, what the optimizer makes of it, and the check by differences. */

import { make } from "../controls/fields.js";
import { factor, maths, number } from "./maths.js";
import { optimizerLines } from "./optimizer-lines.js";
import { line, part, preciseLine, remark } from "./rows.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./unit.js").Handles} Handles */
/** @typedef {{layer: number, unit: number, input: number | null}} Place */

/**
 * @param {Step} step @param {Place} place @param {number | null} example the one shown
 * @param {Handles & {check: (place: Place) => void, edit: (event: MouseEvent) => void}} handles
 * @returns {Node[]}
 */
export function weightEquations(step, place, example, handles) {
  const sign = place.input === null ? "b" : "w";
  const k = step.parameter(place.layer, place.unit, place.input);
  const { parameters, gradients, updates } = step.frame;
  const set = make("button", { type: "button", className: "chip small" }, `set ${sign} …`);
  set.addEventListener("click", handles.edit);
  return [
    part(
      `Gradient ∂L/∂${sign}`,
      ...shares(step, place, example, handles),
      ...penalties(step, place, k),
      ...check(step, place, handles),
    ),
    part(
      "Update",
      ...optimizerLines(step, k, sign),
      line(`Δ${sign}`, [], updates[k], "total"),
      line(
        `${sign} ← ${sign} + Δ${sign}`,
        maths`${parameters[k]} + ${factor(updates[k])}`,
        parameters[k] + updates[k],
        "total",
      ),
      set,
    ),
    ...(Number.isFinite(gradients[k]) ? [] : [remark("The gradient is not a finite number.")]),
  ];
}

/** @param {Step} step @param {Place} place @param {number} example */
function inputOf(step, { layer, input }, example) {
  return input === null ? 1 : step.handed(layer - 1, input, example);
}

/** @param {Step} step @param {Place} place @param {number | null} example @param {Handles} handles */
function shares(step, place, example, handles) {
  const { layer, unit, input } = place;
  const source = input === null ? "1" : layer === 1 ? "x" : "a";
  const products = Array.from({ length: step.count }, (_, k) => {
    const [delta, value] = [step.of("deltas", layer, unit, k), inputOf(step, place, k)];
    return { k, delta, value, product: delta * value };
  });
  const open = handles.open.has("shares");
  const shown = open ? products : products.filter(({ k }) => k === example);
  const lines = shown.map(({ k, delta, value, product }) =>
    line(
      `example ${k + 1}: δ·${source}`,
      maths`${factor(delta)} · ${factor(value)}`,
      product,
      open && k === example ? "lit" : "",
    ),
  );
  const rest = products.length - shown.length;
  const sum = products.reduce((total, { product }) => total + product, 0);
  if (rest > 0) {
    const others = sum - shown.reduce((total, { product }) => total + product, 0);
    const words = shown.length ? `the other ${rest}: each share …` : `all ${rest}: each share …`;
    const more = make("button", { type: "button", className: "chip small" }, words);
    more.addEventListener("click", () => handles.unfold("shares"));
    lines.push(
      make(
        "div",
        { className: "drill-line" },
        make("span", { className: "drill-rest" }, more),
        number(others, "drill-result"),
      ),
    );
  }
  const { l1, l2 } = step.topology.recipe;
  const k = step.parameter(layer, unit, input);
  const changed = step.meta.microscope.clipped || (input !== null && (l1 > 0 || l2 > 0));
  const result = changed ? sum : step.frame.gradients[k];
  return [...lines, line(`Σ δ·${source}`, [], result, "total")];
}

/** What is done to the gradient before the optimizer has it. @param {Step} step @param {Place} place @param {number} k */
function penalties(step, { input }, k) {
  const { l1, l2, clip_norm: clip } = step.topology.recipe;
  const w = step.frame.parameters[k];
  const lines = [];
  if (l2 && input !== null) lines.push(line("+ λ₂·w", maths`${l2} · ${factor(w)}`, l2 * w));
  if (l1 && input !== null) lines.push(line("+ λ₁·sign w", maths`${l1}`, l1 * Math.sign(w)));
  const { clipped } = step.meta.microscope;
  if (clipped) lines.push(remark(`The whole gradient is shortened to the norm ${clip}.`));
  if (lines.length)
    lines.push(line("g", maths`what the optimizer gets`, step.frame.gradients[k], "total"));
  return lines;
}

/** @param {Step} step @param {Place} place @param {{check: (place: Place) => void}} handles */
function check(step, place, handles) {
  const button = make(
    "button",
    { type: "button", className: "chip small", id: "drill-check" },
    "check by finite differences",
  );
  button.addEventListener("click", () => handles.check(place));
  const holder = make("div", { className: "field" }, button);
  const found = step.meta.microscope.check;
  const here =
    found &&
    found.step === step.meta.step &&
    found.layer === place.layer &&
    found.unit === place.unit &&
    found.input === place.input;
  if (!found || !here) return [holder];
  const { loss_above: above, loss_below: below, epsilon, by_difference: slope } = found;
  const sign = place.input === null ? "b" : "w";
  return [
    holder,
    make(
      "div",
      { className: "drill-check", role: "status" },
      preciseLine(`L(${sign} + ε)`, maths`ε = ${epsilon}`, above),
      preciseLine(`L(${sign} − ε)`, [], below),
      line("by differences", maths`(L₊ − L₋)/2ε`, slope, "total"),
      line("by backpropagation", [], found.by_backpropagation, "total"),
      line("they differ by", [], Math.abs(slope - found.by_backpropagation)),
    ),
  ];
}
