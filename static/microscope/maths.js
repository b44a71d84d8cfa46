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

/**
 * What a root or a power is taken of: in brackets too where it is written as a product, 2·10⁻⁵.
 * @param {number} value
 * @returns {Node[]}
 */
export function base(value) {
  return significant(value).includes("·") ? [text("("), number(value), text(")")] : factor(value);
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
 * A sum of products: the largest few, and how many more there are.
 * @param {{weight: number, value: number, product: number}[]} terms
 * @param {number} most
 * @returns {Node[]}
 */
export function sumOfProducts(terms, most) {
  const shown = terms.length <= most ? terms : bySize(terms).slice(0, most - 1);
  const nodes = shown.flatMap((term, k) => [
    ...(k ? [text(" + ")] : []),
    ...factor(term.weight),
    text("·"),
    ...factor(term.value),
  ]);
  const rest = terms.length - shown.length;
  return rest ? [...nodes, text(` + … (${rest} smaller terms)`)] : nodes;
}

/**
 * @template {{product: number}} T
 * @param {T[]} terms
 * @returns {T[]} the largest first
 */
export function bySize(terms) {
  return terms.toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
}
