/** Sliders: they act while they are dragged, and follow the server whenever they are not. */

import { write } from "../dom.js";
import { submit } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */
/** @typedef {import("./fields.js").Command} Command */
/** @typedef {import("../store.js").State} State */

/**
 * Sends as fast as the server answers, always the newest: one command under way, one waiting.
 * @param {(value: number) => Promise<boolean>} deliver whether it was carried out
 * @param {() => void} refused called where the last was not; else the server tells what is in force
 */
export function newest(deliver, refused) {
  let busy = false;
  /** @type {number | null} */
  let next = null;
  return {
    /** Whether the server has yet to answer. */
    get busy() {
      return busy;
    },
    /** @param {number} value */
    async offer(value) {
      next = value;
      if (busy) return;
      busy = true;
      let carriedOut = true;
      while (next !== null) {
        const current = next;
        next = null;
        carriedOut = await deliver(current);
      }
      busy = false;
      if (!carriedOut) refused();
    },
  };
}

/**
 * Whether a slider is in the user's hand. A browser fires no `change` when a drag ends where it began.
 * @param {HTMLInputElement} input
 * @param {() => void} released
 */
export function grip(input, released) {
  let held = false;
  function release() {
    if (!held) return;
    held = false;
    released();
  }
  input.addEventListener("input", () => {
    held = true;
  });
  for (const end of ["change", "keyup", "blur"]) input.addEventListener(end, release);
  // Wherever the pointer is by then.
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release);
  return {
    get held() {
      return held;
    },
  };
}

/**
 * A slider: acts while it is dragged. Until it is let go and answered, it is left alone.
 * @param {Page} page
 * @param {HTMLInputElement} input
 * @param {(state: State) => number | undefined} inForce
 * @param {(value: number) => Command} command
 * @param {(value: number) => string} show
 */
export function bindSlider(page, input, inForce, command, show) {
  const output = input.closest(".field")?.querySelector(".value");

  /** @param {number} value */
  function say(value) {
    const words = show(value);
    if (output) write(output, words);
    input.setAttribute("aria-valuetext", words);
  }

  function refresh() {
    const value = inForce(page.store.state);
    if (value === undefined || hand.held || sender.busy) return;
    if (Number(input.value) !== value) input.value = String(value);
    say(value);
  }

  const sender = newest((value) => submit(page, input, command(value)), refresh);
  const hand = grip(input, refresh);
  input.addEventListener("input", () => {
    say(Number(input.value));
    sender.offer(Number(input.value));
  });
  page.store.subscribe(({ topology }, before) => {
    if (topology !== before.topology) refresh();
  });
}
