/** Keys for what is done most; never while something is typed or a menu is open. */

import { find } from "./fields.js";
import { toggle } from "./transport.js";

/** @typedef {import("./fields.js").Page} Page */

/**
 * @param {Page} page
 * @param {(patch: Partial<import("../views/types.js").ViewState>) => void} setView
 */
export function createKeyboard(page, setView) {
  /** @type {Record<string, () => void>} */
  const keys = {
    " ": () => toggle(page),
    ".": () => find("#step").click(),
    e: () => find("#epoch").click(),
    r: () => find("#reset").click(),
    l: () => find("#rate-slider").focus(),
    "?": () => find("#keys").showModal(),
    Escape: () => setView({ pinned: null, hover: null }),
  };
  // Not :focus-visible: that holds from the first key on that is pressed there.
  let byKey = false;
  document.addEventListener("pointerdown", () => {
    byKey = false;
  });
  document.addEventListener("keydown", (event) => {
    byKey ||= event.key === "Tab";
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = keys[event.key];
    if (!action || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key !== "Escape" && types(target, event.key, byKey)) return;
    event.preventDefault();
    action();
  });
}

/**
 * Whether an element has a use of its own for a key. Space is a button's only for those who reached
 * it by keyboard: who has clicked it wants to play or pause next.
 * @param {HTMLElement} element
 * @param {string} key
 * @param {boolean} byKey whether that is how the focus came there
 */
function types(element, key, byKey) {
  if (element.matches("select, textarea, input:not([type=range], [type=radio], [type=checkbox])")) {
    return true;
  }
  if (key !== " ") return false;
  const reached = byKey && element.matches("button, summary, a, [type=checkbox]");
  return reached || element.matches("[type=radio]:not(:checked)");
}
