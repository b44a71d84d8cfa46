/** Formulas with numbers in them: three digits shown, all of them on hover. */

import { exact, significant } from "../views/format.js";

/** @typedef {string | number | Node | Node[]} Piece */

/**
 * A number as a person writes it, every digit in its title.
 * @param {number} value
 * @param {string} [look] a class
 * @param {string} [text] where three digits are not enough
 */
export function number(value, look = "", text = significant(value)) {
  const place = document.createElement("span");
  place.className = look ? `number ${look}` : "number";
  place.textContent = text;
  place.title = exact(value);
  place.dataset.value = String(value);
  return place;
}

/**
 * A factor: negative ones in brackets.
 * @param {number} value
 * @returns {Node[]}
 */
export function factor(value) {
  const shown = number(value);
  return value < 0 ? [text("("), shown, text(")")] : [shown];
}

/** @param {string} words @returns {Node} */
function text(words) {
  return document.createTextNode(words);
}

/**
 * Text with numbers in it: maths`δ = ${slope} · ${sum}`.
 * @param {TemplateStringsArray} strings
 * @param {...Piece} pieces
 * @returns {Node[]}
 */
export function maths(strings, ...pieces) {
  /** @type {Node[]} */
  const nodes = [];
  strings.forEach((words, k) => {
    if (words) nodes.push(text(words));
    const piece = pieces[k];
    if (piece === undefined) return;
    if (Array.isArray(piece)) nodes.push(...piece);
    else if (typeof piece === "number") nodes.push(number(piece));
    else nodes.push(typeof piece === "string" ? text(piece) : piece);
  });
  return nodes;
}

/**
 * A sum of products: the largest few, then the rest in one.
 * @param {{weight: number, value: number, product: number}[]} terms
 * @param {number} most
 * @returns {Node[]}
 */
export function sumOfProducts(terms, most) {
  const sorted = terms.length <= most ? terms : bySize(terms);
  const shown = terms.length <= most ? sorted : sorted.slice(0, most - 1);
  const rest = sorted.slice(shown.length);
  const nodes = shown.flatMap((term, k) => [
    ...(k ? [text(" + ")] : []),
    ...factor(term.weight),
    text("·"),
    ...factor(term.value),
  ]);
  if (rest.length === 0) return nodes;
  const sum = rest.reduce((total, term) => total + term.product, 0);
  return [...nodes, ...maths` + ${factor(sum)} (${String(rest.length)} more)`];
}

/**
 * @template {{product: number}} T
 * @param {T[]} terms
 * @returns {T[]} the largest first
 */
export function bySize(terms) {
  return terms.toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
}
