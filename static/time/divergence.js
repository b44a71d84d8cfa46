/** Training diverged: what, where and when, in words beside the chart, and one click out of it. */

import { find, numberIn, submit } from "../controls/fields.js";
import { hide, write } from "../dom.js";
import { significant } from "../views/format.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../protocol.js").DivergenceInfo} Divergence */

/** @param {Page} page */
export function createDivergence(page) {
  const place = find("#divergence");
  const title = find("strong", place);
  const text = find("p span", place);
  /** @type {HTMLInputElement} before the rate did its harm, most often */
  const back = find("#back");
  const third = find("#third");
  const restart = find("#restart");
  const recover = () => {
    const steps = numberIn(back.value);
    return submit(page, back, { type: "recover", steps: Number.isNaN(steps) ? back.value : steps });
  };
  third.addEventListener("click", recover);
  back.addEventListener("keydown", (event) => {
    if (event.key === "Enter") recover();
  });
  restart.addEventListener("click", () => submit(page, restart, { type: "reset" }));
  page.store.subscribe(({ frame, topology }, before) => {
    if (!frame || frame === before.frame) return;
    const { diverged, learning_rate, timeline } = frame.meta;
    // In the past nothing can be changed; the ways out of there stand beneath the scrubber.
    const shown = diverged !== null && !timeline.looking_back;
    hide(place, !shown);
    if (!diverged || !shown) return;
    write(title, `Diverged in step ${diverged.step.toLocaleString("en")}:`);
    place.title = diverged.message;
    write(text, sentence(diverged, topology?.layers.length ?? 0));
    write(third, `Try a third of the rate: ${significant(learning_rate / 3)}`);
  });
}

/**
 * @param {Divergence} diverged
 * @param {number} layers those of the network, its inputs included
 */
function sentence({ layer, quantity, reason, message }, layers) {
  if (layer === null) return message;
  const where = layer === layers - 1 ? "the output layer" : `layer ${layer}`;
  if (reason === "exploding") {
    return `the loss is over a million times what it was; the ${quantity} of ${where} exploded first.`;
  }
  // "predictions, squared …": the whole of it is in the title.
  return `the ${quantity.split(",")[0]} of ${where} were no longer finite.`;
}
