/** What unfolds over the page: closed by Escape, and by a press anywhere else. */

const PASSING = "details.popover[open]";
/** One reads it while one works elsewhere: it is closed by Escape from within alone. */
const STAYING = "#network-table[open]:focus-within";

/** @param {string} kind @returns {NodeListOf<HTMLDetailsElement>} */
function opened(kind) {
  return document.querySelectorAll(kind);
}

/** Whether Escape has something to close. */
export function popoverOpen() {
  return opened(`${PASSING}, ${STAYING}`).length > 0;
}

/** Before the page's other keys: Escape closes what is unfolded, and nothing else with it. */
export function createPopovers() {
  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      for (const one of opened(PASSING)) {
        if (!one.contains(/** @type {Node} */ (target))) one.open = false;
      }
    },
    { capture: true },
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || !popoverOpen()) return;
    event.preventDefault();
    for (const one of opened(`${PASSING}, ${STAYING}`)) {
      if (one.contains(document.activeElement)) one.querySelector("summary")?.focus();
      one.open = false;
    }
  });
}
