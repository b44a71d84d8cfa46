/** Play and pause, step, epoch, reset, speed; and the counters beside them. */

import { mark, write } from "../dom.js";
import { counted } from "../microscope/names.js";
import { accuracy, count, measured } from "../views/format.js";
import { brief, find, submit } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */

/** @param {Page} page */
export function createTransport(page) {
  const play = find("#play");
  play.addEventListener("click", () => toggle(page));
  for (const [id, command] of Object.entries(ACTIONS)) {
    const button = find(`#${id}`);
    button.addEventListener("click", () => submit(page, button, command));
  }
  /** @type {HTMLInputElement[]} */
  const speeds = [...find(".bars").querySelectorAll("input")];
  /** Answers that are still to come: frames on their way know nothing of the new speed. */
  let asked = 0;
  for (const input of speeds) {
    input.addEventListener("change", async () => {
      asked += 1;
      const carriedOut = await submit(page, input, commandOf(input.value));
      asked -= 1;
      // Else the next frame shows it.
      if (!carriedOut) showSpeed(page.store.state.frame?.meta.speed);
    });
  }

  /** @param {number | null | undefined} speed in force */
  function showSpeed(speed) {
    if (asked || speed === undefined) return;
    const chosen = speeds.findLastIndex((input) => reaches(speed, input.value));
    speeds.forEach((input, k) => {
      const exactly = commandOf(input.value).steps_per_second === speed;
      if (input.checked !== exactly) input.checked = exactly;
      mark(input, "data-below", String(k <= chosen));
    });
  }

  page.store.subscribe((state, before) => {
    const { topology, frame, dataset, connection } = state;
    const now = frame?.meta;
    const same = connection === before.connection && state.silent === before.silent;
    if (!topology || !now || (same && frame === before.frame)) return;
    const playing = now.playing && connection === "open";
    mark(play, "aria-label", playing ? "Pause" : "Play");
    mark(play, "data-playing", String(playing));
    write(
      find("#pace"),
      liveness(state) ?? (playing ? `${pace(now.steps_per_second)} steps/s` : "paused"),
    );
    showSpeed(now.speed);
    showCounts(now);
    write(find("#of-examples"), dataset ? `of ${count(dataset.train.count)}` : "");
    write(find("#train-loss"), measured(now.train_loss, true));
    write(find("#test-loss"), measured(now.test_loss, dataset ? dataset.test.count > 0 : false));
    const part = now.test_metric === null ? "training" : "test";
    write(find("#metric-name"), `${part} ${now.metric}`);
    const metric = now.test_metric ?? now.train_metric;
    const share = dataset?.task === "classification" && metric !== null;
    write(find("#metric"), share ? accuracy(metric) : measured(metric, true));
  });
}

const ACTIONS = {
  step: { type: "step", count: 1, unit: "minibatch" },
  epoch: { type: "step", count: 1, unit: "epoch" },
  reset: { type: "reset" },
};

/** @param {Page} page */
export function toggle(page) {
  const playing = page.store.state.frame?.meta.playing;
  return submit(page, find("#play"), { type: playing ? "pause" : "play" });
}

/**
 * @param {import("../store.js").State} state
 * @returns {string | null} why nothing is known of the pace
 */
function liveness({ connection, silent }) {
  if (connection === "closed") return "ended";
  if (connection !== "open") return "not connected";
  return silent ? "no answer" : null;
}

/** @param {string} value of a speed's radio button */
function commandOf(value) {
  return { type: "speed", steps_per_second: value === "max" ? null : Number(value) };
}

/**
 * @param {number | null} speed
 * @param {string} value
 */
function reaches(speed, value) {
  return speed === null || (value !== "max" && speed >= Number(value));
}

/** @param {number} steps per second */
function pace(steps) {
  return steps < 1000 ? brief(steps) : count(Math.round(steps));
}

/**
 * Each in its room, however long training goes on; where digits are left out, the title and what is
 * read out have them all.
 * @param {{step: number, epoch: number, examples: number}} now
 */
function showCounts({ step, epoch, examples }) {
  const short = `${rounded(step, 1e6)} · ${rounded(epoch, 1e5)}`;
  showShort("counter", short, `${count(step)} · ${count(epoch)}`);
  showShort("seen", `${rounded(examples, 1e6)} examples`, counted(examples, "example"));
}

/** @param {string} id of an element @param {string} short @param {string} whole */
function showShort(id, short, whole) {
  const element = find(`#${id}`);
  const same = short.length >= whole.length;
  write(element, same ? whole : short);
  write(find(`#${id}-whole`), same ? "" : whole);
  if (!same || element.ariaHidden === "true") element.title = same ? "" : whole;
  mark(element, "aria-hidden", String(!same));
}

/**
 * @param {number} number
 * @param {number} from which number on three digits must do
 * @returns {string} 12.5 M: never more than there is
 */
function rounded(number, from) {
  if (number < from) return count(number);
  const [unit, name] = number < 1e6 ? [1e3, "k"] : number < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const decimals = number >= 100 * unit ? 0 : number >= 10 * unit ? 1 : 2;
  const digits = Math.floor((number / unit) * 10 ** decimals) / 10 ** decimals;
  return `${digits.toFixed(decimals)} ${name}`;
}
