/** Training diverged: what, where and when, in words beside the chart, and one click out of it. */

import { find, submit } from "../controls/fields.js";
import { written } from "../controls/rate.js";
import { hide, write } from "../dom.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../protocol.js").DivergenceInfo} Divergence */

/** How far back: before the rate did its harm, most often. */
const BACK = 200;

/** @param {Page} page */
export function createDivergence(page) {
  const place = find("#divergence");
  const title = find("strong", place);
  const text = find("p span", place);
  const third = find("#third");
  const restart = find("#restart");
  third.addEventListener("click", () => submit(page, third, { type: "recover", steps: BACK }));
  restart.addEventListener("click", () => submit(page, restart, { type: "reset" }));
  page.store.subscribe(({ frame, topology }, before) => {
    if (!frame || frame === before.frame) return;
    const { diverged, learning_rate, step, timeline } = frame.meta;
    // In the past nothing can be changed; the ways out of there stand beneath the scrubber.
    const shown = diverged !== null && !timeline.looking_back;
    hide(place, !shown);
    if (!diverged || !shown) return;
    write(title, `Diverged in step ${diverged.step}:`);
    place.title = diverged.message;
    write(text, sentence(diverged, topology?.layers.length ?? 0));
    const back = step > BACK ? `Go back ${BACK} steps` : "Go back to the start";
    write(third, `${back}, try a third of the rate: ${written(learning_rate / 3)}`);
  });
}

/**
 * @param {Divergence} diverged
 * @param {number} layers those of the network, its inputs included
 */
function sentence({ layer, quantity, message }, layers) {
  if (layer === null) return message;
  const where = layer === layers - 1 ? "the output layer" : `layer ${layer}`;
  // "predictions, squared …": the whole of it is in the title.
  return `the ${quantity.split(",")[0]} of ${where} were no longer finite.`;
}
