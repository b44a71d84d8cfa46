/** Looking back: says so, calmly and clearly, and offers the two ways out of it. */

import { find, submit } from "../controls/fields.js";
import { popoverOpen } from "../controls/popovers.js";
import { write } from "../dom.js";
import { momentText } from "./moments.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../connection.js").Answer} Answer */

/** @param {Page} page */
export function createPast(page) {
  const place = find("#past");
  const words = find("#past-words");
  const goOn = find("#go-on");
  const present = find("#to-present");
  const root = document.documentElement;

  goOn.addEventListener("click", () => submit(page, goOn, { type: "go_on" }));
  present.addEventListener("click", back);

  function back() {
    return submit(page, present, { type: "look_back", made: null });
  }

  function looking() {
    return page.store.state.frame?.meta.timeline.looking_back === true;
  }

  page.store.subscribe(({ frame }, before) => {
    if (!frame || frame === before.frame) return;
    const { step, timeline } = frame.meta;
    const past = timeline.looking_back;
    if (past) {
      const text = momentText(step, timeline);
      write(words, text);
    }
    if (place.hidden !== past) return;
    place.hidden = !past;
    root.dataset.past = String(past);
    delete place.dataset.asked;
  });

  // Before the page's other uses of Escape, each of which comes first if there is something to close.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !looking()) return;
      const { pinned } = page.store.state.view;
      const open = document.querySelector("dialog[open]") || popoverOpen();
      const typing = /** @type {HTMLElement} */ (event.target).matches("input[type=text]");
      if (!pinned && !open && !typing) back();
    },
    { capture: true },
  );

  return {
    /**
     * Where the server refused a change because the past is shown, the ways out are pointed at.
     * @param {Answer} answer
     */
    heed(answer) {
      if (answer.type === "refused" && answer.field === "made" && looking()) {
        place.dataset.asked = "true";
      }
      return answer;
    },
  };
}
