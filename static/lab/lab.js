/** The lab beside the network: which of them the page shows, and the lab's three panels. */

import { scheduler } from "../canvas.js";
import { find } from "../controls/fields.js";
import { createFinder } from "./finder.js";
import { createLandscape } from "./landscape.js";
import { createRace } from "./race.js";

/** @param {import("../controls/fields.js").Page} page */
export function createLab(page) {
  const lab = find("#lab");
  const stage = find("#stage");
  /** @type {Record<string, import("../views/types.js").View>} */
  const panels = {
    race: createRace(page),
    finder: createFinder(page),
    landscape: createLandscape(page),
  };

  function apply() {
    const shown = find("input[name=place]:checked").value;
    const panel = find("input[name=lab]:checked").value;
    lab.hidden = shown !== "lab";
    stage.dataset.place = shown;
    for (const one of lab.querySelectorAll("[data-panel]")) {
      one.hidden = one.dataset.panel !== panel;
    }
    scheduler.markDirty();
  }
  for (const input of stage.querySelectorAll("input[name=place], input[name=lab]")) {
    input.addEventListener("change", apply);
  }
  apply();
  // Slow motion is about the network: it is to be seen.
  page.store.subscribe(({ view }, before) => {
    if (!view.slow || before.view.slow || lab.hidden) return;
    find("input[name=place][value=network]").checked = true;
    apply();
  });

  return {
    /** @param {import("../views/types.js").State} state @param {number} now */
    draw(state, now) {
      if (lab.hidden) return false;
      const panel = find("input[name=lab]:checked").value;
      return panels[panel].draw(state, now);
    },
  };
}
