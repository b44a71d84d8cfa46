/** What each control and quantity is: the tooltip and the description, of one text. */

import { find } from "../controls/fields.js";

/** @typedef {{name: string, where: string, words: string}} Explanation */

/** What is built anew while the page is open. */
const REBUILT = ["#heads", ".health-tables", ".health-remedies", "#features", "#optimizer-options"];

export function createGlossary() {
  /** @type {Explanation[]} */
  const explanations = JSON.parse(find("#glossary").textContent);

  function explain() {
    for (const { name, where, words } of explanations) {
      for (const element of document.querySelectorAll(where)) {
        if (element instanceof HTMLElement && element.dataset.term !== name) {
          describe(element, name, words);
        }
      }
    }
  }

  explain();
  const watch = new MutationObserver(explain);
  for (const selector of REBUILT) {
    const place = document.querySelector(selector);
    if (place) watch.observe(place, { childList: true });
  }
}

/**
 * The title of a field or menu tells its exact value or formula: there the label has the tooltip.
 * @param {HTMLElement} element @param {string} name @param {string} words
 */
function describe(element, name, words) {
  element.dataset.term = name;
  element.setAttribute("aria-description", words);
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) {
    // A choice among several says in its own label which one it is.
    for (const label of element.labels ?? []) label.title ||= words;
    return;
  }
  // A button among many alike says in its title first which one it is.
  const own = element.ariaLabel && element.title === element.ariaLabel;
  element.title = own ? `${element.ariaLabel}. ${words}` : words;
}
