/** Walking through the phases of a step, and from one step to the next: forward, back, by itself. */

import { carriedOut, find } from "../controls/fields.js";
import { stepOf } from "./numbers.js";
import { phaseAt, phasesOf } from "./phases.js";

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
  /**
   * The moment that the server is asked for, and the phase to be at once its numbers are here.
   * @type {{made: number, phase: number, settle: (there: boolean) => void} | null}
   */
  let awaited = null;
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
    if (!carriedOut(answer, button)) return;
    [resume, arrived] = [playing, false];
    document
      .querySelector("[name=place][value=network]:not(:checked)")
      ?.dispatchEvent(new MouseEvent("click"));
    setView({ hover: null, slow: { phase: 0, playing: false, speed: 1 } });
  }

  /** @param {boolean} train whether training goes on if it did before */
  async function leave(train = true) {
    clearTimeout(timer);
    awaited?.settle(false);
    const back = store.state.frame?.meta.timeline.looking_back;
    setView({ slow: null, hover: null, pinned: null });
    if (back) await page.send({ type: "look_back", made: null });
    await page.send({ type: "microscope", on: false });
    if (train && resume) await page.send({ type: "play" });
  }

  /**
   * Have the server show another moment, and wait for its numbers. The phase changes together with
   * them: else, for as long as a frame lasts, the old phase would be told with the new numbers.
   * @param {Record<string, unknown>} command
   * @param {number} made the moment wanted
   * @param {number} phase the one to be at then
   * @returns {Promise<boolean>} whether it came
   */
  async function move(command, made, phase) {
    if (busy) return false;
    busy = true;
    /** @type {Promise<boolean>} */
    const came = new Promise((settle) => {
      awaited = { made, phase, settle };
    });
    const answer = await page.send(command);
    const refused = !carriedOut(answer, find("#slow-back"));
    const stuck = command.type === "step" && store.state.frame?.meta.diverged;
    if (refused || stuck) awaited?.settle(false);
    const patience = setTimeout(() => awaited?.settle(false), PATIENCE_MS);
    const there = await came;
    clearTimeout(patience);
    awaited = null;
    busy = false;
    return there;
  }

  /** @param {State} state */
  function arrive(state) {
    if (!awaited || !state.frame || !stepOf(state)) return;
    const { made, phase, settle } = awaited;
    const { timeline, diverged } = state.frame.meta;
    if (timeline.made === made) {
      awaited = null;
      set({ phase });
      settle(true);
    } else if (diverged && !timeline.looking_back) settle(false);
  }

  /** The layers have changed: stay at the same phase of the same layer. @param {State} state @param {State} before */
  function stay({ topology }, before) {
    const now = slow();
    if (!now || !topology || !before.topology) return;
    const phases = phasesOf(topology);
    const { kind, layer } = phaseAt(before.topology, now.phase);
    const same = phases.filter((one) => one.kind === kind);
    const phase = phases.indexOf(same.find((one) => one.layer === layer) ?? same[same.length - 1]);
    if (phase !== now.phase) set({ phase });
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
    return move(command, made + 1, phases.length - 1);
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
    await move({ type: "look_back", made }, made, phases.length - 2);
  }

  /** @param {number | null} example of the minibatch, to be shown; null: all of it */
  async function show(example) {
    carriedOut(await page.send({ type: "microscope", on: true, example }), find("#slow-example"));
  }

  store.subscribe((state, before) => {
    const now = state.view.slow;
    if (now && state.topology !== before.topology) stay(state, before);
    if (state.frame !== before.frame) arrive(state);
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

/** @param {State} state @returns {boolean} false at the very beginning */
export function canGoBack({ view, frame, topology }) {
  if (!view.slow || !frame || !topology) return false;
  const last = phasesOf(topology).length - 1;
  return (view.slow.phase > 0 && view.slow.phase < last) || frame.meta.step > 0;
}
