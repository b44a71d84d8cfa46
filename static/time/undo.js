/** Undo and redo of every edit: two buttons, named after what they would take back, and keys. */

import { find, submit } from "../controls/fields.js";

/** @typedef {import("../controls/fields.js").Page} Page */

/** @param {Page} page */
export function createUndo(page) {
  const buttons = /** @type {const} */ (["undo", "redo"]).map((name) => {
    const button = find(`#${name}`);
    const keys = name === "undo" ? "Ctrl+Z" : "Ctrl+Shift+Z";
    button.addEventListener("click", () => submit(page, button, { type: name }));
    /** @param {string | null} what */
    function tell(what) {
      const words = `${name[0].toUpperCase()}${name.slice(1)}${what ? `: ${what}` : ""}`;
      if (button.getAttribute("aria-label") === words && button.disabled === !what) return;
      button.setAttribute("aria-label", words);
      button.title = `${words} (${keys})`;
      button.disabled = !what;
    }
    return { button, name, tell };
  });
  page.store.subscribe(({ frame }, before) => {
    if (!frame || frame === before.frame) return;
    for (const { name, tell } of buttons) tell(frame.meta.timeline[name]);
  });
  document.addEventListener("keydown", (event) => {
    const name = commandOf(event);
    if (!name || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("textarea, input[type=text]")) return; // takes back what was typed there
    event.preventDefault();
    // Not by a click: while the past is shown the button is out of use, and the server says why.
    submit(page, find(`#${name}`), { type: name });
  });
}

/** @param {KeyboardEvent} event @returns {"undo" | "redo" | null} */
function commandOf({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" && !shiftKey ? "redo" : null;
}
