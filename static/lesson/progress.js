/** How far a student has come in a lesson: the step is in the address, what was done in the tab. */

/** @typedef {import("./panel.js").Progress} Progress */

/** @type {Progress} */
export const UNTRIED = { chosen: null, reached: false, stale: false, paused: false };

/** @param {string} lesson @param {number} index the step @param {Progress[]} done */
export function remember(lesson, index, done) {
  const address = new URLSearchParams({ lesson, step: String(index + 1) });
  history.replaceState(null, "", `?${address}${location.hash}`);
  try {
    sessionStorage.setItem(keyOf(lesson), JSON.stringify(done));
  } catch {
    // A browser that keeps nothing forgets the ticks on a reload, and no more.
  }
}

/**
 * What was done before a reload.
 * @param {string} lesson @param {number} count of its steps
 * @returns {Progress[]}
 */
export function recall(lesson, count) {
  try {
    const known = JSON.parse(sessionStorage.getItem(keyOf(lesson)) ?? "[]");
    if (known.length === count) return known;
  } catch {
    // As below: nothing is known.
  }
  return untried(count);
}

/** @param {number} count of steps @returns {Progress[]} */
export function untried(count) {
  return Array.from({ length: count }, () => ({ ...UNTRIED }));
}

/** @param {string} lesson */
function keyOf(lesson) {
  return `lesson ${lesson}`;
}
