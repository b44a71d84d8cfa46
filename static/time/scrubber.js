/** The scrubber: any moment of the run by pointer or keys, and a tick where something was edited. */

import { find, make, submit } from "../controls/fields.js";
import { grip, newest } from "../controls/slider.js";
import { mark, write } from "../dom.js";
import { grouped, memoryText, momentText, neighbour } from "./moments.js";

/** @typedef {import("../controls/fields.js").Page} Page */

/** So many ticks beside each other can be told apart. */
const PLACES = 160;

/** @param {Page} page */
export function createScrubber(page) {
  /** @type {HTMLInputElement} */
  const input = find("#moment");
  const ticks = find("#edits");
  const memory = find("#memory");
  /** Moments of edits, as they are marked. @type {number[]} */
  let marked = [];
  let drawn = "";

  const sender = newest(
    (made) =>
      submit(page, input, { type: "look_back", made: made >= Number(input.max) ? null : made }),
    refresh,
  );

  /** @param {number} made */
  function go(made) {
    input.value = String(made);
    sender.offer(Number(input.value));
  }

  function refresh() {
    const meta = page.store.state.frame?.meta;
    if (!meta || hand.held || sender.busy) return;
    const { timeline } = meta;
    const { present } = timeline;
    const made = timeline.sought ?? timeline.made;
    if (input.max !== String(present)) input.max = String(present);
    if (input.value !== String(made)) input.value = String(made);
    input.disabled = present === 0;
    const here = timeline.edits.filter(([when]) => when === made).map(([, what]) => what);
    const edits = here.length && timeline.looking_back ? `; ${here.join("; ")}` : "";
    mark(input, "aria-valuetext", momentText(meta.step, timeline) + edits);
    if (timeline.edits.length > 0) {
      ticks.style.setProperty("--present", String(Math.max(1, present)));
    }
    const words = memoryText(timeline);
    write(memory, words);
    // Anew when the run is a quarter longer, not with every step.
    const length = 1.25 ** Math.round(Math.log(Math.max(1, present)) / Math.log(1.25));
    markEdits(timeline.edits, length / PLACES);
  }

  /** @param {[number, string][]} edits @param {number} near */
  function markEdits(edits, near) {
    const now = JSON.stringify([edits, near]);
    if (now === drawn) return;
    drawn = now;
    const groups = grouped(edits, near);
    marked = groups.map(({ made }) => made);
    ticks.replaceChildren(
      ...groups.map(({ made, what }) => {
        const title = `step ${made.toLocaleString("en")}: ${what}`;
        // The keyboard reaches them from the scrubber: Page Up and Page Down.
        const tick = make("button", { type: "button", className: "edit", title, tabIndex: -1 });
        tick.setAttribute("aria-label", `Look back to ${title}`);
        tick.style.setProperty("--made", String(made));
        tick.addEventListener("click", () => go(made));
        return tick;
      }),
    );
  }

  const hand = grip(input, refresh);
  input.addEventListener("input", () => {
    input.setAttribute("aria-valuetext", `step ${Number(input.value).toLocaleString("en")}`);
    sender.offer(Number(input.value));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "PageUp" && event.key !== "PageDown") return;
    event.preventDefault();
    const later = event.key === "PageUp";
    const end = later ? Number(input.max) : 0;
    go(neighbour(marked, Number(input.value), later) ?? end);
  });
  page.store.subscribe(({ frame }, before) => {
    if (frame !== before.frame) refresh();
  });
}
