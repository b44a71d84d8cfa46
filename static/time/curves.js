/** What the loss chart shows beside the run itself: futures left behind, what came after, what lies
 * ahead; pure functions. */

/** @typedef {import("../protocol.js").Frame} Frame */
/** @typedef {import("../protocol.js").ScheduleFields} Schedule */
/** @typedef {{steps: ArrayLike<number>, losses: ArrayLike<number>}} Trace */

/** Rows of `history`. */
const TRAIN = 1;
const RATE = 5;
/** How far ahead a schedule is shown, as a multiple of what is trained. */
const AHEAD = 4;
const ENDLESS = 1.9;
const FINISHED = 1.15;
const FIRST_STEPS = 500;

/**
 * @param {Frame} frame
 * @returns {Trace[]} the futures left behind, oldest first
 */
export function ghostsOf(frame) {
  const { ghosts } = frame;
  if (!ghosts) return [];
  const count = frame.shapes.ghosts[1];
  const found = [];
  for (let from = 0, to = 0; from < count; from = to) {
    while (to < count && ghosts[to] === ghosts[from]) to++;
    found.push({
      steps: ghosts.subarray(count + from, count + to),
      losses: ghosts.subarray(2 * count + from, 2 * count + to),
    });
  }
  return found;
}

/**
 * Remembers the present, so that what came after a moment of the past is still on the chart.
 */
export function createMemory() {
  /** @type {{frame: Frame, base: number} | null} */
  let present = null;
  return {
    /** @param {Frame} frame @returns {Trace | null} what came after the moment that is shown */
    after(frame) {
      const { step, timeline } = frame.meta;
      const base = timeline.made - step;
      if (!timeline.looking_back) {
        present = { frame, base };
        return null;
      }
      // After a reset steps begin anew: then the curve of the present does not go on from here.
      if (present?.base !== base) return null;
      const { history, shapes } = present.frame;
      const count = shapes.history[1];
      const found = history.subarray(0, count).findIndex((at) => at >= step);
      if (found < 0) return null;
      return {
        steps: history.subarray(found, count),
        losses: history.subarray(TRAIN * count + found, (TRAIN + 1) * count),
      };
    },
  };
}

/**
 * @param {number} now the step reached
 * @param {Schedule} schedule in force
 * @returns {number} up to which step the rate ahead is worth showing
 */
export function horizon(now, { kind = "constant", begin = 0, steps = 0, points = [] }) {
  if (kind === "constant") return now;
  if (kind === "step" || kind === "exponential") return Math.max(now * ENDLESS, FIRST_STEPS);
  const end = begin + (kind === "curve" ? (points.at(-1)?.[0] ?? 0) : steps);
  return end > now ? Math.min(end, Math.max(now * AHEAD, FIRST_STEPS)) : now * FINISHED;
}

/**
 * @param {Frame} frame
 * @param {Schedule} schedule
 * @param {Trace[]} traces drawn beside the run
 * @returns {number} where the axis of steps ends
 */
export function axisEnd(frame, schedule, traces) {
  const { history, schedule: ahead } = frame;
  let end = Math.max(history[frame.shapes.history[1] - 1] ?? 0, frame.meta.diverged?.step ?? 0);
  for (const { steps } of traces) end = Math.max(end, steps[steps.length - 1] ?? 0);
  if (!ahead) return end;
  const known = ahead[frame.shapes.schedule[1] - 1];
  return Math.max(end, Math.min(known, horizon(frame.meta.step, schedule)));
}

/**
 * A range of losses widened for what is drawn beside the run, but not so far that the run itself
 * becomes flat: a future that exploded leaves the chart at its upper edge.
 * @param {number | null} low of the run
 * @param {number | null} high
 * @param {Trace[]} traces
 * @param {boolean} log
 * @returns {[number | null, number | null]}
 */
export function widened(low, high, traces, log) {
  if (low === null || high === null) return [low, high];
  const most = log ? high * 10 : high * 1.5;
  const least = log ? low / 10 : low;
  let [bottom, top] = [low, high];
  for (const { losses } of traces) {
    for (let k = 0; k < losses.length; k++) {
      const loss = losses[k];
      if (!Number.isFinite(loss) || (log && loss <= 0)) continue;
      top = Math.max(top, Math.min(loss, most));
      bottom = Math.min(bottom, Math.max(loss, least));
    }
  }
  return [bottom, top];
}

/**
 * The learning rate along the run and ahead of it.
 * @param {Frame} frame
 * @returns {{past: [number, number][], ahead: [number, number][], varies: boolean}} steps and rates
 */
export function ratesOf(frame) {
  const { history, schedule, meta } = frame;
  const count = frame.shapes.history[1];
  /** @type {[number, number][]} */
  const past = [];
  let varies = schedule !== undefined;
  for (let k = 0; k < count; k++) {
    const rate = history[RATE * count + k];
    const before = past.at(-1)?.[1];
    if (before !== undefined && before !== rate) {
      varies = true;
      // Set by hand it jumps; a schedule's own steps are smaller than the chart's.
      if (!schedule) past.push([history[k], before]);
    }
    past.push([history[k], rate]);
  }
  past.push([meta.step, meta.rate_in_force]);
  /** @type {[number, number][]} */
  const ahead = [];
  if (schedule) {
    const points = frame.shapes.schedule[1];
    for (let k = 0; k < points; k++) ahead.push([schedule[k], schedule[points + k]]);
  }
  if (past.length > 1 && past[0][1] !== meta.rate_in_force) varies = true;
  return { past, ahead, varies };
}

/**
 * The range of an axis of rates: what is far below the largest is not told apart from zero.
 * @param {readonly [number, number][]} points
 * @returns {[number, number]}
 */
export function rateRange(points) {
  let top = 0;
  let low = Number.POSITIVE_INFINITY;
  for (const [, rate] of points) {
    top = Math.max(top, rate);
    if (rate > 0) low = Math.min(low, rate);
  }
  if (!(top > 0)) return [1e-5, 1];
  const bottom = Math.max(low, top / 1e4);
  return bottom > top / 1.5 ? [top / 2, top * 1.4] : [bottom / 1.3, top * 1.3];
}
