/** A race as the figures want it: one entry for each replica. */

import { shareOf } from "./ramp.js";

/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("../protocol.js").RaceInfo} RaceInfo */

/**
 * @typedef {object} Runner
 * @property {string} key
 * @property {number} lane
 * @property {number} replica
 * @property {number} rate
 * @property {number} share where its rate stands among the others, 0…1
 * @property {string} label
 * @property {number | null} loss
 * @property {ArrayLike<number>} train
 * @property {ArrayLike<number>} test
 * @property {Uint8Array | null} picture
 */

/** How the curves of the lanes are told apart. */
export const DASHES = [null, "6 3", "1.5 3", "9 3 2 3"];
/** Above ten times the loss that it began with, a replica counts as diverged. */
const BLOWN_UP = 10;

/**
 * @param {Frame} frame
 * @param {(name: string) => string} titleOf what a registry's name is called on the page
 * @returns {Race | null}
 */
export function raceOf(frame, titleOf) {
  const info = frame.meta.lab.race;
  const { race_steps: steps, race_train: train, race_test: test, race_surfaces: pictures } = frame;
  if (!info || !steps || !train || !test) return null;
  const points = steps.length;
  const { rates } = info;
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const cells = pictures ? pictures.length / (rates.length * info.lanes.length) : 0;
  /** @type {Runner[][]} */
  const lanes = info.labels.map((labels, lane) =>
    rates.map((rate, replica) => {
      const at = lane * rates.length + replica;
      return {
        key: `${lane}-${replica}`,
        lane,
        replica,
        rate,
        share: shareOf(rate, low, high),
        label: labels[replica],
        loss: info.losses[lane][replica],
        train: train.subarray(at * points, (at + 1) * points),
        test: test.subarray(at * points, (at + 1) * points),
        picture: pictures ? pictures.subarray(at * cells, (at + 1) * cells) : null,
      };
    }),
  );
  let initial = 0;
  for (const [first] of lanes) if (first) initial = Math.max(initial, first.train[0]);
  return {
    info,
    steps,
    lanes,
    names: info.lanes.map((name) => laneName(name, titleOf)),
    low,
    high,
    ceiling: initial * BLOWN_UP,
    news: `${info.begin} ${info.step} ${info.end} ${rates} ${info.lanes} ${info.losses} ${info.of}`,
  };
}

/**
 * @typedef {object} Race
 * @property {RaceInfo} info
 * @property {ArrayLike<number>} steps
 * @property {Runner[][]} lanes
 * @property {string[]} names of the lanes
 * @property {number} low the smallest rate
 * @property {number} high
 * @property {number} ceiling losses above it are off the charts
 * @property {string} news differs where something is to be drawn anew
 */

/** @param {string} lane as the server says it: "optimizer adam" @param {(name: string) => string} titleOf */
function laneName(lane, titleOf) {
  const [, field, value] = lane.match(/^(.*) (\S+)$/) ?? [];
  if (!value) return lane || "as it is";
  return field === "batch size" ? `minibatch ${value}` : titleOf(value);
}

/** @param {Race} race @returns {Record<string, number>} how many wear each label */
export function countLabels(race) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { label } of race.lanes.flat()) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/**
 * A table of the curves: every point that the race has recorded.
 * @param {Race} race
 * @returns {[columns: string[], rows: Iterable<(string | number)[]>]}
 */
export function tableOf(race) {
  const named = race.lanes.length > 1;
  function* rows() {
    for (const runner of race.lanes.flat()) {
      const which = named ? [race.names[runner.lane], runner.rate] : [runner.rate];
      for (let k = 0; k < race.steps.length; k++) {
        yield [...which, race.steps[k], runner.train[k], runner.test[k]];
      }
    }
  }
  return [[...(named ? ["lane"] : []), "rate", "step", "train_loss", "test_loss"], rows()];
}
