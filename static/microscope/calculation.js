/** Lines of a calculation as the engine says them: what is done to a gradient, the optimizer's terms. */

import { significant } from "../views/format.js";
import { base, factor, maths, number } from "./maths.js";
import { line } from "./rows.js";

/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("../protocol.js").LineInfo} LineInfo */
/** @typedef {import("../protocol.js").NumberInfo} NumberInfo */

/**
 * @param {Step} step @param {LineInfo[]} lines @param {number} k the parameter's index
 * @param {string} sign what stands for θ @param {string} [last] look of the last line
 * @returns {Node[]}
 */
export function calculation(step, lines, k, sign, last = "") {
  return applying(lines, sign).map((each, at, all) =>
    line(
      each.name,
      written(step, each, k),
      value(step, each.result, k),
      at === all.length - 1 ? last : "",
    ),
  );
}

/**
 * The same, one after the other in a line of text; what is one number for all parameters stands in
 * the lines that use it.
 * @param {Step} step @param {LineInfo[]} lines @param {number} k @param {string} sign
 * @returns {Node[]}
 */
export function runningText(step, lines, k, sign) {
  const own = applying(lines, sign).filter(({ result }) => result.row !== null);
  return own.flatMap((each) => [
    ...maths`${each.name} = `,
    ...written(step, each, k),
    ...maths` = ${value(step, each.result, k)};  `,
  ]);
}

/** Those that are about such a parameter, in its name. @param {LineInfo[]} lines @param {string} sign */
function applying(lines, sign) {
  return lines
    .filter((each) => !each.weights_only || sign === "w")
    .map((each) => ({ ...each, name: each.name.replaceAll("θ", sign) }));
}

/** @param {Step} step @param {NumberInfo} told @param {number} k */
export function value({ frame }, { number: alone, row }, k) {
  if (row === null) return alone ?? Number.NaN;
  return frame.lines?.[row * frame.parameters.length + k] ?? Number.NaN;
}

/** @param {Step} step @param {LineInfo} told @param {number} k */
function written(step, { how, operands }, k) {
  const words = how.split("{}");
  return words.flatMap((part, at) => {
    const before = maths`${part}`;
    if (at >= operands.length) return before;
    const operand = value(step, operands[at], k);
    // A root, a power and a fraction's lower half take all of what is written as a product.
    const whole = /[√/]$/.test(part) || /^²/.test(words[at + 1] ?? "");
    if (whole) return [...before, ...base(operand)];
    return [...before, ...(how.startsWith("{}") && at === 0 ? [number(operand)] : factor(operand))];
  });
}

/**
 * How far a parameter really moves, where its own precision makes that another number.
 * @param {Step} step @param {number} k @param {string} sign
 */
export function rounded(step, k, sign) {
  const last = step.meta.microscope.update_lines.at(-1);
  const moved = step.frame.updates[k];
  if (!last || significant(value(step, last.result, k)) === significant(moved)) return [];
  return [line(`${sign} moves by, in float32`, [], moved)];
}
