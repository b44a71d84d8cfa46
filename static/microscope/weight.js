/** A parameter's gradient, what the optimizer makes of it, and the check by differences. */

import { make } from "../controls/fields.js";
import { count as grouped } from "../views/format.js";
import { calculation, rounded } from "./calculation.js";
import { factor, maths } from "./maths.js";
import { line, part, preciseLine, remark, unfolding } from "./rows.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./numbers.js").Place} Place */
/** @typedef {import("./unit.js").Handles} Handles */

/**
 * @param {Step} step @param {Place} place
 * @param {Handles & {edit: (event: MouseEvent) => void}} handles
 * @returns {Node[]}
 */
export function weightEquations(step, place, handles) {
  const sign = signOf(place);
  const set = make("button", { type: "button", className: "chip small" }, `set ${sign} …`);
  set.addEventListener("click", handles.edit);
  return [
    part(`Gradient ∂L/∂${sign}`, ...gradientLines(step, place, handles)),
    part("Update", ...updateLines(step, place), set),
  ];
}

/** @param {Place} place */
function signOf({ input, norm }) {
  if (norm) return norm === "scale" ? "γ" : "β";
  return input === null ? "b" : "w";
}

/**
 * From the examples' shares to what the optimizer gets, and the check of it.
 * @param {Step} step @param {Place} place @param {Handles} handles
 */
export function gradientLines(step, place, handles) {
  const sign = signOf(place);
  const k = step.parameter(place);
  const { gradients, backpropagated } = step.frame;
  const name = nameOf(place);
  const found = line(`∂L/∂${sign} = Σ ${name}`, [], backpropagated?.[k] ?? Number.NaN, "total");
  const changed = calculation(step, step.meta.microscope.gradient_lines, k, sign);
  if (changed.length) {
    changed.push(line("g", maths`what the optimizer gets`, gradients[k], "total"));
  }
  if (!Number.isFinite(gradients[k])) changed.push(remark("The gradient is not a finite number."));
  return [...shares(step, place, name, handles), found, ...changed, ...check(step, place, handles)];
}

/** @param {Step} step @param {Place} place */
export function updateLines(step, place) {
  const sign = signOf(place);
  const k = step.parameter(place);
  const { parameters, updates, new_parameters: after } = step.frame;
  return [
    ...calculation(step, step.meta.microscope.update_lines, k, sign, "total"),
    ...rounded(step, k, sign),
    line(
      `${sign} ← ${sign} + Δ${sign}`,
      maths`${parameters[k]} + ${factor(updates[k])}`,
      after?.[k] ?? Number.NaN,
      "total",
    ),
  ];
}

/** An example's share of the gradient, in letters. @param {Place} place */
function nameOf({ layer, input, norm }) {
  if (norm) return norm === "scale" ? "∂L/∂u·ẑ" : "∂L/∂u";
  return input === null ? "δ" : layer === 1 ? "δ·x" : "δ·a";
}

/** Both factors of the share of the example shown. @param {Step} step @param {Place} place */
function factorsOf(step, { layer, unit, input, norm }) {
  const error = step.of(norm ? "outer" : "deltas", layer, unit);
  if (norm === "scale") return [error, step.of("normalised", layer, unit)];
  return norm || input === null ? [error] : [error, step.of("handed", layer - 1, input)];
}

/** @param {number[]} factors */
function written(factors) {
  return factors.length > 1 ? maths`${factor(factors[0])} · ${factor(factors[1])}` : [];
}

/** @param {Step} step @param {Place} place @param {string} name @param {Handles} handles */
function shares(step, place, name, handles) {
  const { frame, example, count } = step;
  const asked = step.meta.microscope.shares;
  const given = same(asked, place) ? frame.example_shares : undefined;
  const several = place.norm === "scale" || place.input !== null;
  if (given && handles.open.has("shares")) {
    return Array.from({ length: count }, (_, k) => {
      const factors = several ? [given[count + k], given[2 * count + k]] : [given[count + k]];
      const look = k === example ? "lit" : "";
      return line(`example ${k + 1}: ${name}`, written(factors), given[k], look);
    });
  }
  const lines = [];
  if (example !== null) {
    const own = frame.shares?.[step.parameter(place)] ?? Number.NaN;
    lines.push(line(`example ${example + 1}: ${name}`, written(factorsOf(step, place)), own));
  }
  const rest = example === null ? `all ${grouped(count)}` : `the other ${grouped(count - 1)}`;
  if (count > 1) lines.push(unfolding(`${rest}: each share …`, () => handles.share(place)));
  return lines;
}

/** @param {Place | null} one @param {Place} other */
function same(one, { layer, unit, input, norm = null }) {
  return one?.layer === layer && one.unit === unit && one.input === input && one.norm === norm;
}

/** @param {Step} step @param {Place} place @param {Handles} handles */
function check(step, place, handles) {
  const button = make(
    "button",
    { type: "button", className: "chip small drill-ask" },
    "check by finite differences",
  );
  button.addEventListener("click", () => handles.check(place, button));
  const holder = make("div", { className: "field" }, button);
  const found = step.meta.microscope.check;
  if (!found || found.step !== step.meta.step || !same(found, place)) return [holder];
  const { loss_above: above, loss_below: below, epsilon, by_difference: slope } = found;
  const sign = signOf(place);
  return [
    holder,
    make(
      "div",
      { className: "drill-check", role: "status" },
      preciseLine(`L(${sign} + ε)`, maths`ε = ${epsilon}`, above),
      preciseLine(`L(${sign} − ε)`, [], below),
      line("by differences", maths`(L₊ − L₋)/2ε`, slope, "total"),
      line("by backpropagation", [], found.by_backpropagation, "total"),
      line("they differ by", [], found.difference),
      line("recorded in this step", [], found.recorded),
      remark(
        "Both are worked out anew in float64, on this minibatch, without penalties and clipping. " +
          "The step itself computes in float32.",
      ),
    ),
  ];
}
