/** Walking through the phases of a step, and from one step to the next: forward, back, by itself. */

import { find, showError } from "../controls/fields.js";
import { stepOf } from "./numbers.js";
import { phasesOf } from "./phases.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../store.js").State} State */

/**
 * Where a viewer is in the step; null in `view.slow` when training runs as usual.
 * @typedef {object} Slow
 * @property {number} phase index in `phasesOf`
 * @property {boolean} playing
 * @property {number} speed
 */

/** How long a phase stands at speed 1: long enough to read what is said about it. */
const PHASE_MS = 4500;
/** Longer than any server takes to make one step. */
const PATIENCE_MS = 8000;

/** @param {Page} page @param {(patch: Partial<import("../views/types.js").ViewState>) => void} setView */
export function createPlayer(page, setView) {
  const { store } = page;
  let resume = false;
  /** Whether a frame of this slow motion has come: from then on, training means leaving. */
  let arrived = false;
  let busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const slow = () => store.state.view.slow;

  /** @param {Partial<Slow>} patch */
  function set(patch) {
    const now = slow();
    if (!now) return;
    setView({ slow: { ...now, ...patch } });
    clearTimeout(timer);
    const next = slow();
    if (next?.playing) timer = setTimeout(goOn, PHASE_MS / next.speed);
  }

  async function goOn() {
    if (slow()?.playing && !(await forward())) set({ playing: false });
  }

  async function enter() {
    const button = find("#slow");
    const playing = store.state.frame?.meta.playing ?? false;
    const answer = await page.send({ type: "microscope", on: true });
    showError(button, answer.type === "refused" ? answer.message : "");
    if (answer.type === "refused") return;
    [resume, arrived] = [playing, false];
    document
      .querySelector("[name=place][value=network]:not(:checked)")
      ?.dispatchEvent(new MouseEvent("click"));
    setView({ hover: null, slow: { phase: 0, playing: false, speed: 1 } });
  }

  /** @param {boolean} train whether training goes on if it did before */
  async function leave(train = true) {
    clearTimeout(timer);
    const back = store.state.frame?.meta.timeline.looking_back;
    setView({ slow: null, hover: null, pinned: null });
    if (back) await page.send({ type: "look_back", made: null });
    await page.send({ type: "microscope", on: false });
    if (train && resume) await page.send({ type: "play" });
  }

  /**
   * Have the server show another moment, and wait for its numbers.
   * @param {Record<string, unknown>} command @param {number} made the moment wanted
   */
  async function move(command, made) {
    if (busy) return false;
    busy = true;
    const answer = await page.send(command);
    const refused = answer.type === "refused";
    showError(find("#slow-back"), refused ? answer.message : "");
    const there = !refused && (await shows((state) => momentOf(state) === made));
    busy = false;
    return there;
  }

  /**
   * @param {(state: State) => boolean} wanted
   * @returns {Promise<boolean>} true once it is so; false where it does not become so
   */
  function shows(wanted) {
    return new Promise((resolve) => {
      const end = performance.now() + PATIENCE_MS;
      (function look() {
        const { state } = store;
        if (stepOf(state) && wanted(state)) resolve(true);
        else if (performance.now() > end || state.frame?.meta.diverged) resolve(false);
        else setTimeout(look, 20);
      })();
    });
  }

  /** @returns {Promise<boolean>} whether there was a next phase */
  async function forward() {
    const now = slow();
    const { topology, frame } = store.state;
    if (!now || !topology || !frame || busy) return false;
    const phases = phasesOf(topology);
    if (phases[now.phase]?.kind !== "update") {
      set({ phase: (now.phase + 1) % phases.length });
      return true;
    }
    // The step itself; one that has been made before is only looked at again.
    const { made, looking_back: back } = frame.meta.timeline;
    const command = back
      ? { type: "look_back", made: made + 1 }
      : { type: "step", count: 1, unit: "minibatch" };
    const done = await move(command, made + 1);
    if (done) set({ phase: phases.length - 1 });
    return done;
  }

  async function back() {
    const now = slow();
    const { topology, frame } = store.state;
    if (!now || !topology || !frame || busy || !canGoBack(store.state)) return;
    set({ playing: false });
    const phases = phasesOf(topology);
    if (phases[now.phase]?.kind !== "iteration") {
      set({ phase: now.phase > 0 ? now.phase - 1 : phases.length - 1 });
      return;
    }
    const made = frame.meta.timeline.made - 1;
    if (await move({ type: "look_back", made }, made)) set({ phase: phases.length - 2 });
  }

  /** @param {number | null} example of the minibatch, to be shown; null: all of it */
  async function show(example) {
    const answer = await page.send({ type: "microscope", on: true, example });
    showError(find("#slow-example"), answer.type === "refused" ? answer.message : "");
  }

  store.subscribe((state, before) => {
    const now = state.view.slow;
    if (!now || state.frame === before.frame || !state.frame) return;
    const { microscope, playing } = state.frame.meta;
    if (microscope.on && !playing) arrived = true;
    else if (arrived && playing) leave(false);
    else if (arrived && !microscope.on) setView({ slow: null });
  });

  return {
    toggle: () => (slow() ? leave() : enter()),
    forward: () => {
      set({ playing: false });
      return forward();
    },
    back,
    set,
    show,
    /** Play or pause the phases. */
    play: () => set({ playing: !slow()?.playing }),
  };
}

/** @typedef {ReturnType<typeof createPlayer>} Player */

/** @param {State} state */
function momentOf({ frame }) {
  return frame?.meta.timeline.made;
}

/** @param {State} state @returns {boolean} false at the very beginning */
export function canGoBack({ view, frame, topology }) {
  if (!view.slow || !frame || !topology) return false;
  const last = phasesOf(topology).length - 1;
  return (view.slow.phase > 0 && view.slow.phase < last) || frame.meta.step > 0;
}
