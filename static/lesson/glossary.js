/** What each control and quantity is: the tooltip and the description, of one text. */

import { find } from "../controls/fields.js";

/** @typedef {{name: string, where: string, signs: string[], words: string}} Explanation */

/** Labels of numbers: what they read says which quantity it is. */
const LABELS =
  ".card dt, .lab-rule dt, thead th, .drill-name, .drill-part > h4, .legend-title, figcaption > :first-child";
/** The text of labels in it changes while they stay. */
const RELABELLED = ".stage-foot";

export function createGlossary() {
  /** @type {Explanation[]} */
  const explanations = JSON.parse(find("#glossary").textContent);
  const selecting = explanations.filter(({ where }) => where);
  const signs = new Map(explanations.flatMap((one) => one.signs.map((sign) => [sign, one])));
  const any = [LABELS, ...selecting.map(({ where }) => where)].join(", ");

  /** @param {HTMLElement} element */
  function explanationOf(element) {
    const chosen = selecting.find(({ where }) => element.matches(where));
    if (chosen || !element.matches(LABELS)) return chosen;
    const sign = readings(element.textContent ?? "").find((reading) => signs.has(reading));
    return sign === undefined ? undefined : signs.get(sign);
  }

  /** @param {Element} root @param {boolean} [below] and what is in it */
  function explain(root, below = true) {
    const inside = below ? root.querySelectorAll(any) : [];
    for (const element of [root, ...inside]) {
      if (element instanceof HTMLElement && element.matches(any)) {
        describe(element, explanationOf(element));
      }
    }
  }

  explain(document.body);
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") renew(/** @type {HTMLElement} */ (target));
      for (const node of addedNodes) {
        if (node instanceof HTMLElement) explain(node);
        else if (node instanceof Text && target instanceof HTMLElement) explain(target, false);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["title"] });
  new MutationObserver((records) => {
    for (const { target } of records) {
      if (target.parentElement) explain(target.parentElement, false);
    }
  }).observe(find(RELABELLED), { subtree: true, characterData: true });
}

/**
 * What the text of a label may mean, the most exact first: of `mean of ẑ = (z − μ) / σ` that is ẑ.
 * @param {string} text
 */
function readings(text) {
  const whole = text.trim().replace(/^example \d+: /, "");
  const left = whole.split(/ [=←] |, /)[0];
  const bare = left.replace(/^(mean (of )?|Σ ?)+/, "");
  return [whole, left, bare, bare.startsWith("−η") ? "−η" : bare];
}

/** What an element's own title says, and what explains it. @type {WeakMap<HTMLElement, {own: string, words: string}>} */
const titles = new WeakMap();

/** @param {HTMLElement} element @param {Explanation | undefined} explanation */
function describe(element, explanation) {
  if (element.dataset.term === explanation?.name) return;
  const words = explanation?.words ?? "";
  if (explanation) {
    element.dataset.term = explanation.name;
    element.setAttribute("aria-description", words);
  } else {
    delete element.dataset.term;
    element.removeAttribute("aria-description");
  }
  entitle(element, words);
  // The pointer is on the label where the control itself is hidden.
  const { labels } = /** @type {HTMLInputElement} */ (element);
  for (const label of labels ?? []) entitle(label, words);
}

/** @param {HTMLElement} element @param {string} words */
function entitle(element, words) {
  const own = titles.get(element)?.own ?? element.title;
  titles.set(element, { own, words });
  element.title = [own, words].filter(Boolean).join("\n");
}

/** A title that was changed, to an exact number or a name, keeps its explanation. @param {HTMLElement} element */
function renew(element) {
  const known = titles.get(element);
  if (!known || element.title.endsWith(known.words)) return;
  known.own = element.title;
  entitle(element, known.words);
}
