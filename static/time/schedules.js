/** The kinds of schedules, their words, and how one is written into the address. */

/** @typedef {import("../protocol.js").ScheduleFields} Schedule */
/** @typedef {import("../protocol.js").ScheduleKind} ScheduleKind */
/** @typedef {[number, number]} Point a step since its beginning, a factor */

/**
 * @typedef {object} Words
 * @property {ScheduleKind} name
 * @property {string} title
 * @property {string} [short] where there is little room
 * @property {string} [steps] what its steps are
 * @property {string} [final] what its factor is
 * @property {string} note
 */

/** @type {Words[]} */
export const SCHEDULES = [
  { name: "constant", title: "constant", note: "The learning rate stays as it is set." },
  {
    name: "step",
    title: "drops in steps",
    short: "in steps",
    steps: "a drop every … steps",
    final: "each multiplies by",
    note: "η · factor^⌊t / steps⌋: the classic way to settle after a fast start.",
  },
  {
    name: "exponential",
    title: "exponential",
    short: "exp.",
    steps: "in … steps",
    final: "down to × ",
    note: "η · factor^(t / steps): the same share is lost in every step, without an end.",
  },
  {
    name: "cosine",
    title: "cosine",
    steps: "over … steps",
    final: "down to × ",
    note: "Half a cosine wave: slow at first, then quickly, then slow again.",
  },
  {
    name: "warmup",
    title: "linear warm-up",
    short: "warm-up",
    steps: "over … steps",
    final: "beginning at × ",
    note: "Small while the gradients are still wild, then as it is set.",
  },
  {
    name: "one_cycle",
    title: "one cycle",
    steps: "over … steps",
    final: "down to × ",
    note: "Up from 1/25 in the first 30 %, then half a cosine down: large rates explore, small ones settle.",
  },
  {
    name: "curve",
    title: "a curve of your own",
    short: "curve",
    steps: "over … steps",
    note: "Drag the points; click beside them for another one, double-click one to remove it.",
  },
];

/** A curve to begin with. @param {number} steps @returns {Point[]} */
export function firstCurve(steps) {
  return [
    [0, 1],
    [Math.round(steps * 0.4), 1],
    [Math.round(steps * 0.7), 0.1],
    [steps, 0.01],
  ];
}

/**
 * The same curve over more steps or fewer.
 * @param {readonly Point[]} points
 * @param {number} from @param {number} to
 * @returns {Point[]}
 */
export function stretched(points, from, to) {
  return points.map(([t, factor]) => [Math.round((t * to) / from), factor]);
}

/** What a field of the schedule is called in the address. */
export const IN_ADDRESS = /** @type {const} */ (["schedule", "steps", "final", "begin", "points"]);

/**
 * @param {Schedule | undefined} schedule in force
 * @param {Schedule} defaults
 * @returns {string[]} name=value, where they differ
 */
export function toParts(schedule, defaults) {
  if (!schedule?.kind || schedule.kind === "constant") return [];
  const parts = [`schedule=${schedule.kind}`];
  for (const name of /** @type {const} */ (["steps", "final", "begin"])) {
    if (schedule[name] !== defaults[name]) parts.push(`${name}=${schedule[name]}`);
  }
  const points = schedule.points ?? [];
  if (points.length) parts.push(`points=${points.map((point) => point.join(":")).join(",")}`);
  return parts;
}

/**
 * One part of a schedule out of the address.
 * @param {string} name one of IN_ADDRESS
 * @param {string} text
 * @param {(text: string, bounds?: [number, number]) => number} readNumber
 * @param {Record<string, [number, number]>} bounds
 * @returns {Schedule}
 * @throws {Error} saying what was expected
 */
export function fromPart(name, text, readNumber, bounds) {
  if (name === "points") {
    const points = text.split(",").map((pair) => {
      const [t, factor, more] = pair.split(":");
      if (factor === undefined || more !== undefined) {
        throw new Error("expected a form such as 0:1,500:0.5,1000:0.01");
      }
      return /** @type {Point} */ ([readNumber(t, bounds.t), readNumber(factor, bounds.factor)]);
    });
    return { points };
  }
  if (name !== "schedule") return { [name]: readNumber(text, bounds[name]) };
  const kind = SCHEDULES.find((one) => one.name === text)?.name;
  if (!kind) throw new Error(`expected one of ${SCHEDULES.map((one) => one.name).join(", ")}`);
  return { kind };
}
