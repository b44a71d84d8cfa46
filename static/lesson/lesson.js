/** Leads through a lesson: sets up the page, waits for a prediction, checks the session, explains. */

import { find } from "../controls/fields.js";
import { standing } from "./goals.js";
import { createPanel } from "./panel.js";

/** @typedef {import("./panel.js").Lesson} Lesson */
/** @typedef {import("./panel.js").Progress} Progress */

/** Goals are read out and drawn no more often than this. */
const PERIOD_MS = 120;
/** Keys of hidden controls, and of those that train, do nothing. */
const KEYS = /** @type {Record<string, string>} */ ({
  " ": "play",
  ".": "step",
  e: "epoch",
  r: "reset",
  l: "rate",
  m: "microscope",
});
/** What has a use of its own for the space bar, and for letters. */
const ACTING = "input, select, textarea, button, summary, a";
const TYPING = "select, textarea, input[type=text]";
/** What folds, and a control inside it. */
const FOLDED = /** @type {Record<string, string>} */ ({
  optimizer_options: "#clip_norm",
  regularisation: "#l2",
  initial: "#initializer",
  examples: "#samples",
});

/**
 * @param {import("../controls/fields.js").Page} page
 * @param {(wish: import("../address.js").Asked) => void} open starts a session
 */
export function createLessons(page, open) {
  const { body } = document;
  const panel = createPanel({ go: enter, choose });
  /** @type {Lesson | null} */
  let lesson = null;
  let index = 0;
  /** @type {Progress[]} */
  let done = [];
  let looking = false;

  /** @param {string} name */
  async function begin(name) {
    const answer = await fetch(`/lessons/${encodeURIComponent(name)}`);
    if (!answer.ok) {
      open({ recipe: {}, mistakes: [await answer.text()], paused: false });
      return;
    }
    const read = /** @type {Lesson} */ (await answer.json());
    lesson = read;
    done = read.steps.map(() => ({ chosen: null, reached: false }));
    body.dataset.lesson = name;
    enter(0);
  }

  /** @param {number} to @param {number} [from] the step whose network is begun anew */
  function enter(to, from = to) {
    if (!lesson) return;
    index = to;
    const step = lesson.steps[index];
    const { recipe } = lesson.steps[from];
    const commands = lesson.steps.slice(from, to + 1).flatMap(preparations);
    if (recipe) open({ recipe, mistakes: [], paused: true, commands });
    else for (const command of [{ type: "pause" }, ...commands]) page.send(command);
    const shown = [...lesson.reveal, ...step.reveal];
    body.dataset.reveal = shown.join(" ");
    for (const name of shown) {
      if (name in FOLDED) find(FOLDED[name]).closest("details").open = true;
    }
    if (!step.predict && step.goal.length === 0) done[index].reached = true;
    refresh();
    panel.look("top");
  }

  function refresh() {
    if (!lesson) return;
    const step = lesson.steps[index];
    const waiting = step.predict !== null && done[index].chosen === null;
    body.dataset.waiting = String(waiting);
    body.dataset.conceal = waiting ? step.conceal.join(" ") : "";
    find(".transport").inert = waiting;
    panel.show(lesson, index, done);
    panel.stand(step.goal.map((goal) => standing(goal, page.store.state)));
  }

  /** @param {number} choice */
  function choose(choice) {
    if (!lesson) return;
    const { goal } = lesson.steps[index];
    done[index] = { chosen: choice, reached: goal.length === 0 };
    refresh();
    panel.look(goal.length === 0 ? "why" : "do");
  }

  function check() {
    looking = false;
    const { state } = page.store;
    if (!lesson || !state.frame) return;
    const step = lesson.steps[index];
    if (done[index].reached || body.dataset.waiting === "true") return;
    const standings = step.goal.map((goal) => standing(goal, state));
    panel.stand(standings);
    if (!standings.every(({ reached }) => reached)) return;
    done[index].reached = true;
    refresh();
    panel.look("why");
  }

  /** Begin the step again, from where its network began. */
  function again() {
    if (!lesson) return;
    const { steps } = lesson;
    let from = index;
    while (!steps[from].recipe) from -= 1;
    done[index] = { chosen: null, reached: false };
    enter(index, from);
  }

  function leave() {
    lesson = null;
    for (const name of ["lesson", "reveal", "waiting", "conceal"]) delete body.dataset[name];
    find(".transport").inert = false;
    panel.hide();
    history.replaceState(null, "", location.pathname + location.hash);
  }

  const list = find("#lessons");
  find("#show-lessons").addEventListener("click", () => list.showModal());
  find("#close-lessons").addEventListener("click", () => list.close());
  find("#lesson-leave").addEventListener("click", leave);
  find("#lesson-again").addEventListener("click", again);
  find("#lesson-back").addEventListener("click", () => enter(index - 1));
  find("#lesson-next").addEventListener("click", () => {
    if (lesson && index + 1 < lesson.steps.length) enter(index + 1);
    else list.showModal();
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (!lesson || !(event.key in KEYS)) return;
      const shown = (body.dataset.reveal ?? "").split(" ").includes(KEYS[event.key]);
      if (shown && body.dataset.waiting !== "true") return;
      const own = event.key === " " ? ACTING : TYPING;
      if (!(/** @type {HTMLElement} */ (event.target).matches(own))) event.preventDefault();
    },
    { capture: true },
  );
  page.store.subscribe(({ frame }, before) => {
    if (frame === before.frame || looking) return;
    looking = true;
    setTimeout(check, PERIOD_MS);
  });

  return {
    /** Begin the lesson that the address names; whether it names one. */
    begin() {
      const name = new URLSearchParams(location.search).get("lesson");
      if (name === null) return false;
      begin(name);
      return true;
    },
  };
}

/**
 * The commands that a step sends before anything else.
 * @param {import("./panel.js").Step} step
 * @returns {Record<string, unknown>[]}
 */
function preparations({ commands, speed }) {
  if (speed === null) return commands;
  return [...commands, { type: "speed", steps_per_second: speed === "max" ? null : speed }];
}
