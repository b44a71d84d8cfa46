/** Moments in words and numbers; pure functions. */

import { count } from "../views/format.js";

/** @typedef {import("../protocol.js").TimelineInfo} Timeline */

/**
 * Which moment is shown. Moments go on counting over a reset, steps begin anew: where the two
 * differ, how long ago it was is the clearer thing to say.
 * @param {number} step of the moment
 * @param {Timeline} timeline
 */
export function momentText(step, { made, present, looking_back, sought }) {
  if (!looking_back) return `step ${count(step)}, now`;
  if (sought !== null) return `step ${count(step)}, replaying ${count(sought - made)} more …`;
  if (step === made) return `step ${count(step)} of ${count(present)}, as it was`;
  return `step ${count(step)}, as it was ${count(present - made)} steps ago`;
}

/**
 * The edits, those of a moment and of one drag together: a tick for each could not be told apart.
 * @param {Timeline["edits"]} edits in the order in which they were made
 * @param {number} [near] as many steps are one place
 * @returns {{made: number, what: string}[]}
 */
export function grouped(edits, near = 0) {
  /** @type {{made: number, parts: string[]}[]} */
  const groups = [];
  for (const [made, what] of edits) {
    const last = groups.at(-1);
    if (!last || made - last.made > near) {
      groups.push({ made, parts: [what] });
      continue;
    }
    last.made = made;
    // Of one value that was dragged, where it came to rest.
    const field = fieldOf(what);
    if (field && fieldOf(last.parts.at(-1) ?? "") === field) last.parts.pop();
    last.parts.push(what);
  }
  return groups.map(({ made, parts }) => ({ made, what: parts.join("; ") }));
}

/** @param {string} what "set learning rate 0.1" @returns {string} without the number; "" if none */
function fieldOf(what) {
  return /^set (.*) [\d.e+-]+$/.exec(what)?.[1] ?? "";
}

/**
 * @param {number[]} moments ascending
 * @param {number} made
 * @param {boolean} later
 * @returns {number | undefined} the next one, later or earlier
 */
export function neighbour(moments, made, later) {
  return later
    ? moments.find((moment) => moment > made)
    : moments.findLast((moment) => moment < made);
}

/** @param {Timeline} timeline */
export function memoryText({ bytes, budget }) {
  const used = bytes / 2 ** 20;
  if (used < 0.1) return `<0.1 of ${Math.round(budget / 2 ** 20)} MB`;
  return `${used < 10 ? used.toFixed(1) : used.toFixed(0)} of ${Math.round(budget / 2 ** 20)} MB`;
}
