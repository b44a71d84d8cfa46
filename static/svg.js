/** Elements of SVG, and lines as paths. */

const SPACE = "http://www.w3.org/2000/svg";

/** @typedef {{x: number, y: number}} Point */

/**
 * An element of SVG with attributes and children; attributes that are null are left out.
 * @param {string} tag
 * @param {Record<string, string | number | null>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    element.setAttribute(name, typeof value === "number" ? String(short(value)) : value);
  }
  element.append(...children);
  return /** @type {SVGElement} */ (element);
}

/** @param {number} value in the drawing's units */
export function short(value) {
  return Number(value.toFixed(2));
}

/**
 * @param {Iterable<Point>} points what is not finite is a gap
 * @returns {string} a path's `d`
 */
export function lineThrough(points) {
  let path = "";
  let open = false;
  for (const { x, y } of points) {
    const there = Number.isFinite(x) && Number.isFinite(y);
    if (there) path += `${open ? "L" : "M"}${short(x)} ${short(y)}`;
    open = there;
  }
  return path;
}

/**
 * @param {number} x
 * @param {number} y of the line that the letters stand on
 * @param {string} words
 * @param {string} colour
 * @param {"start" | "middle" | "end"} [anchor]
 * @param {Record<string, string | number | null>} [more]
 */
export function text(x, y, words, colour, anchor = "start", more = {}) {
  return svg("text", { x, y, fill: colour, "text-anchor": anchor, ...more }, words);
}

/**
 * @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2
 * @param {string} colour
 * @param {Record<string, string | number | null>} [more]
 */
export function stroke(x1, y1, x2, y2, colour, more = {}) {
  return svg("line", { x1, y1, x2, y2, stroke: colour, ...more });
}

const measure = /** @type {CanvasRenderingContext2D} */ (
  document.createElement("canvas").getContext("2d")
);

/**
 * @param {string} words
 * @param {number} letter their size
 * @param {string} font
 * @returns {number} how wide they are
 */
export function widthOf(words, letter, font) {
  measure.font = `${letter}px ${font}`;
  return measure.measureText(words).width;
}
