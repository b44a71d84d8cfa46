/** Leads through a lesson: sets up the page, waits for a prediction, checks the session, explains. */

import { carryOut } from "../controls/banner.js";
import { find } from "../controls/fields.js";
import { createBeginning } from "./beginning.js";
import { standing } from "./goals.js";
import { createPanel } from "./panel.js";
import { recall, remember, UNTRIED, untried } from "./progress.js";

/** @typedef {import("./panel.js").Lesson} Lesson */
/** @typedef {import("./panel.js").Progress} Progress */
/** @typedef {import("./goals.js").Standing} Standing */

/** How goals stand is drawn no more often than this. */
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
const ACTING = "input:not([type=range]), select, textarea, button, summary, a";
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
  const panel = createPanel({ go: (to) => enter(to), choose });
  /** @type {Lesson | null} */
  let lesson = null;
  let index = 0;
  /** @type {Progress[]} */
  let done = [];
  let drawing = false;
  /** The moment at which training came to rest after the goal was reached. @type {number | null} */
  let rested = null;
  const beginning = createBeginning(page.store);

  /** @param {string} name @param {number} step to go on at, counted from 1; 0 to begin */
  async function begin(name, step) {
    const answer = await fetch(`/lessons/${encodeURIComponent(name)}`);
    if (!answer.ok) {
      const plain = answer.headers.get("content-type")?.startsWith("text/plain");
      const words = plain ? await answer.text() : `There is no lesson “${name}”.`;
      open({ recipe: {}, mistakes: [words], paused: false });
      return;
    }
    const read = /** @type {Lesson} */ (await answer.json());
    lesson = read;
    const { length } = read.steps;
    done = step ? recall(name, length) : untried(length);
    body.dataset.lesson = name;
    enter(Math.min(step || 1, length) - 1);
  }

  /**
   * Set the page up for a step. Who goes on keeps the network; else it is built anew, as it is for
   * one who has done the steps before: from the nearest recipe, with the commands since.
   * @param {number} to @param {boolean} [onward] from the step before, which has been done
   */
  function enter(to, onward = false) {
    if (!lesson) return;
    const { steps } = lesson;
    index = to;
    rested = null;
    const step = steps[index];
    let from = index;
    while (!steps[from].recipe) from -= 1;
    const begun = beginning.anew(bar);
    if (onward && !step.recipe) {
      carryOut([{ type: "pause" }, ...preparations(step)], page.send).then(begun);
    } else {
      const commands = steps
        .slice(from, to + 1)
        .flatMap((one, k) => [...(k ? one.catch_up : []), ...preparations(one)]);
      open({ recipe: steps[from].recipe ?? {}, mistakes: [], paused: true, commands, begun });
    }
    const shown = [...lesson.reveal, ...step.reveal];
    body.dataset.reveal = shown.join(" ");
    for (const name of shown) {
      if (name in FOLDED) find(FOLDED[name]).closest("details").open = true;
    }
    const bare = !step.predict && step.goal.length === 0;
    done[index] = { ...done[index], paused: false, stale: done[index].reached && !bare };
    if (bare) done[index].reached = true;
    refresh();
    panel.look("top");
  }

  /** On to the next step; one who has not done this one gets the network that it leads to. */
  function next() {
    if (!lesson || index + 1 >= lesson.steps.length) {
      list.showModal();
      return;
    }
    const passed = index;
    const waiting = body.dataset.waiting === "true";
    const { recipe, catch_up } = lesson.steps[index + 1];
    const moved = lesson.steps[index].goal.length === 0 && beginning.moved();
    enter(index + 1, !moved && (catch_up.length === 0 || stands()));
    if (moved && !recipe) panel.remark(ANEW);
    if (waiting) panel.remark(`Step ${passed + 1} was passed without a prediction.`);
  }

  /** Nobody trains before the network is the step's, nor before there is a prediction. */
  function bar() {
    find(".transport").inert = !trainable();
  }

  function trainable() {
    return beginning.prepared && body.dataset.waiting !== "true";
  }

  /** Whether what the step asks for was reached, and still holds. */
  function stands() {
    if (!lesson || !done[index].reached || done[index].stale) return false;
    // Training needs a few steps more to stop: they are not held against the student.
    if (rested !== null && rested === page.store.state.frame?.meta.timeline.made) return true;
    return lesson.steps[index].goal.every((goal) => standing(goal, page.store.state).reached);
  }

  function refresh() {
    if (!lesson) return;
    const step = lesson.steps[index];
    const waiting = step.predict !== null && done[index].chosen === null;
    body.dataset.waiting = String(waiting);
    body.dataset.conceal = waiting ? step.conceal.join(" ") : "";
    bar();
    const untold = waiting && step.conceal.includes("numbers");
    find(".network-frame").inert = untold; // nor do its numbers come by pointing, or by the keyboard
    if (untold && page.store.state.view.slow) find("#slow").click();
    remember(lesson.name, index, done);
    panel.show(lesson, index, done);
    panel.stand(step.goal.map((goal) => standing(goal, page.store.state)));
  }

  /** @param {number} choice */
  function choose(choice) {
    if (!lesson) return;
    const { goal } = lesson.steps[index];
    done[index] = { ...UNTRIED, chosen: choice, reached: goal.length === 0 };
    refresh();
    panel.look(goal.length === 0 ? "why" : "do", true);
  }

  /** @returns {Standing[] | null} how the goals stand; null: nothing is left to be reached */
  function standings() {
    const { state } = page.store;
    if (!lesson || !state.frame || body.dataset.waiting === "true") return null;
    if (done[index].reached && !done[index].stale) return null;
    return lesson.steps[index].goal.map((goal) => standing(goal, state));
  }

  /** With each frame, for training is to pause where the goal was reached. */
  function check() {
    const now = standings();
    if (!now?.length) return;
    if (now.every(({ reached }) => reached)) {
      const paused = page.store.state.frame?.meta.playing === true;
      if (paused) page.send({ type: "pause" });
      done[index] = { ...done[index], reached: true, stale: false, paused };
      refresh();
      panel.stand(now);
      panel.look("why");
    } else if (!drawing) {
      drawing = true;
      setTimeout(() => {
        drawing = false;
        const then = standings();
        if (then) panel.stand(then);
      }, PERIOD_MS);
    }
  }

  /** Begin the step again, from where its network began. */
  function again() {
    if (!lesson) return;
    done[index] = { ...UNTRIED };
    enter(index);
  }

  function leave() {
    lesson = null;
    for (const name of ["lesson", "reveal", "waiting", "conceal"]) delete body.dataset[name];
    for (const place of [".transport", ".network-frame"]) find(place).inert = false;
    panel.hide();
    history.replaceState(null, "", location.pathname + location.hash);
  }

  const list = find("#lessons");
  find("#show-lessons").addEventListener("click", () => list.showModal());
  find("#close-lessons").addEventListener("click", () => list.close());
  find("#lesson-leave").addEventListener("click", leave);
  find("#lesson-again").addEventListener("click", again);
  find("#lesson-back").addEventListener("click", () => enter(index - 1));
  find("#lesson-next").addEventListener("click", next);
  document.addEventListener(
    "keydown",
    (event) => {
      if (!lesson || !(event.key in KEYS)) return;
      const shown = (body.dataset.reveal ?? "").split(" ").includes(KEYS[event.key]);
      if (shown && trainable()) return;
      const own = event.key === " " ? ACTING : TYPING;
      // What has a use of its own for the key keeps it, but nobody else hears of it.
      if (/** @type {HTMLElement} */ (event.target).matches(own)) event.stopPropagation();
      else event.preventDefault();
    },
    { capture: true },
  );
  page.store.subscribe(({ frame }, before) => {
    if (!frame || frame === before.frame) return;
    const { playing, timeline } = frame.meta;
    if (done[index]?.paused && !playing) rested ??= timeline.made;
    check();
  });

  return {
    /** Begin the lesson that the address names; whether it names one. */
    begin() {
      const asked = new URLSearchParams(location.search);
      const name = asked.get("lesson");
      if (name === null) return false;
      begin(name, Math.max(0, Math.trunc(Number(asked.get("step")) || 0)));
      return true;
    },
  };
}

const ANEW =
  "The network had moved on. It stands again where this step begins, so that the numbers agree.";

/**
 * The commands that a step sends before anything else.
 * @param {import("./panel.js").Step} step
 * @returns {Record<string, unknown>[]}
 */
function preparations({ commands, speed }) {
  if (speed === null) return commands;
  return [...commands, { type: "speed", steps_per_second: speed === "max" ? null : speed }];
}
