/** A curve of the loss chart in its legend: its name, and its value now or under the cursor. */

import { mark, write } from "../dom.js";
import { accuracy, count, exact, measured } from "./format.js";

/** @param {string} name @param {string} look */
export function createEntry(name, look) {
  const element = document.createElement("span");
  element.className = `chart-entry ${look}`;
  const value = document.createElement("b");
  element.append(`${name} `, value);
  return {
    element,
    /**
     * @param {number | null | undefined} number
     * @param {number | null} step null: now
     * @param {boolean} share whether it is one, to be said in per cent
     * @param {boolean} [judged]
     */
    say(number, step, share, judged = true) {
      const percent = share && judged && typeof number === "number" && Number.isFinite(number);
      write(value, percent ? accuracy(number) : measured(number ?? null, judged));
      mark(
        element,
        "title",
        `${name}${step === null ? "" : ` at step ${count(step)}`}: ${exact(number)}`,
      );
    },
  };
}
