/**
 * Writing to the page without disturbing it. A text node that is replaced is an insertion, for which
 * the browser looks through its style rules anew; one whose characters change is not. With some
 * thirty numbers in thirty frames a second that is the dearest part of a frame, so what every frame
 * writes goes through here.
 */

/** Whether there are only fingers to point with: words then say "tap". */
export const FINGERS = matchMedia("(hover: none)").matches;

/** @param {Element} element of nothing but text @param {string} text */
export function write(element, text) {
  const node = element.firstChild;
  if (node instanceof Text && node === element.lastChild) {
    if (node.data !== text) node.data = text;
  } else if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** @param {Element} element @param {string} name of an attribute @param {string} value */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {HTMLElement} element @param {boolean} hidden */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}
