/** The parts that an equation is built of on the page: a line of a sum, a line with a result. */

import { make } from "../controls/fields.js";
import { sameMark } from "../views/marks.js";
import { bySize, factor, maths, number } from "./maths.js";

/** @typedef {import("./numbers.js").Term} Term */
/** @typedef {import("../views/types.js").Mark} Mark */

/** Of more terms than this the largest are shown, and the rest in one line. */
const MOST = 8;
const KEPT = 6;
/** More characters than this stand in two lines. */
const LONGEST = 26;

/**
 * A line of an equation: what it is, how it comes about, its result.
 * @param {string} name @param {Node[]} how @param {number} result @param {string} [look]
 */
export function line(name, how, result, look = "") {
  return whole(name, how, number(result, "drill-result"), look);
}

/**
 * The same, with so many digits that it differs from its neighbour.
 * @param {string} name @param {Node[]} how @param {number} result
 */
export function preciseLine(name, how, result) {
  return whole(
    name,
    how,
    number(result, "drill-result", String(Number(result.toPrecision(10)))),
    "",
  );
}

/** @param {string} name @param {Node[]} how @param {Node} result @param {string} look */
function whole(name, how, result, look) {
  const parts = make("span", { className: "drill-how" }, ...how);
  const tall = name.length + (parts.textContent?.length ?? 0) > LONGEST ? "tall" : "";
  const title = make("span", { className: "drill-name" }, name);
  return make("div", { className: `drill-line ${look} ${tall}` }, title, parts, result);
}

/**
 * The terms of a sum, each tied to its line in the network: pointing at one lights the other.
 * @param {Term[]} terms
 * @param {boolean} open whether all of many are shown
 * @param {() => void} unfold
 * @param {(mark: Mark | null) => void} point
 * @param {(mark: Mark) => void} choose
 */
export function termLines(terms, open, unfold, point, choose) {
  const folded = terms.length > MOST && !open;
  const sorted = terms.length > MOST ? bySize(terms) : terms;
  const lines = sorted.map((term, k) => {
    const line = termLine(term, point, choose);
    // A folded term stands there while its line is pointed at.
    line.classList.toggle("folded", folded && k >= KEPT);
    return line;
  });
  if (!folded) return lines;
  return [...lines, unfolding(`${sorted.length - KEPT} smaller terms …`, unfold)];
}

/** @param {Term} term @param {(mark: Mark | null) => void} point @param {(mark: Mark) => void} choose */
function termLine(term, point, choose) {
  const { layer, unit, input } = term;
  const mark = /** @type {Mark} */ ({ kind: "weight", layer, unit, input });
  const button = make(
    "button",
    {
      type: "button",
      className: "drill-line drill-term",
      title: "Point: its line in the network. Click: its gradient",
    },
    make("span", { className: "drill-name" }, term.name),
    make(
      "span",
      { className: "drill-how" },
      ...maths`${factor(term.weight)} · ${factor(term.value)}`,
    ),
    number(term.product, "drill-result"),
  );
  button.dataset.mark = `${layer} ${unit} ${input}`;
  button.addEventListener("pointerenter", () => point(mark));
  button.addEventListener("pointerleave", () => point(null));
  button.addEventListener("focus", () => point(mark));
  button.addEventListener("blur", () => point(null));
  button.addEventListener("click", () => choose(mark));
  return button;
}

/**
 * Light the term whose line is pointed at.
 * @param {HTMLElement} element @param {Mark | null} mark
 */
export function light(element, mark) {
  for (const term of element.querySelectorAll("[data-mark]")) {
    const [layer, unit, input] = String(/** @type {HTMLElement} */ (term).dataset.mark)
      .split(" ")
      .map(Number);
    const lit = sameMark(mark, { kind: "weight", layer, unit, input });
    term.classList.toggle("lit", lit);
    if (lit && !element.matches(":hover")) term.scrollIntoView({ block: "nearest" });
  }
}

/** @param {string} title @param {...Node} children */
export function part(title, ...children) {
  return make("section", { className: "drill-part" }, make("h4", {}, title), ...children);
}

/** A line that shows more when it is pressed. @param {string} words @param {() => void} unfold */
export function unfolding(words, unfold) {
  const more = make("button", { type: "button", className: "chip small" }, words);
  more.addEventListener("click", unfold);
  return make("div", { className: "drill-line" }, make("span", { className: "drill-rest" }, more));
}

/** @param {string} words */
export function remark(words) {
  return make("p", { className: "note" }, words);
}
