/** Moments in words and numbers; pure functions. */

/** @typedef {import("../protocol.js").TimelineInfo} Timeline */

/**
 * Which moment is shown. Moments go on counting over a reset, steps begin anew: where the two
 * differ, how long ago it was is the clearer thing to say.
 * @param {number} step of the moment
 * @param {Timeline} timeline
 */
export function momentText(step, { made, present, looking_back }) {
  if (!looking_back) return `step ${count(step)}, now`;
  if (step === made) return `step ${count(step)} of ${count(present)}, as it was`;
  return `step ${count(step)}, as it was ${count(present - made)} steps ago`;
}

/**
 * The edits, those of one moment together.
 * @param {Timeline["edits"]} edits in the order in which they were made
 * @returns {{made: number, what: string}[]}
 */
export function grouped(edits) {
  /** @type {{made: number, what: string}[]} */
  const groups = [];
  for (const [made, what] of edits) {
    const last = groups.at(-1);
    if (last?.made === made) last.what += `; ${what}`;
    else groups.push({ made, what });
  }
  return groups;
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

/** @param {number} number */
function count(number) {
  return number.toLocaleString("en");
}
