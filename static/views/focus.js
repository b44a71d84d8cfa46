/** Asks the server for the large field of the unit that is looked at. */

import { existing, markOf } from "./marks.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Actions} Actions */

/** A pointer that passes over ten units on its way asks for one of them. */
const SETTLE_MS = 80;

/** @param {Actions} actions */
export function createFocus(actions) {
  let wanted = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    /** @param {State} state whose hovered or pinned unit is the one wanted */
    follow(state) {
      if (!state.topology || state.dataset?.kind !== "plane") return;
      const mark = existing(markOf(state.view), state.topology);
      const focus =
        mark?.kind === "unit" ? { layer: mark.layer, unit: mark.unit } : { layer: null };
      const now = JSON.stringify([state.topology.version, focus]);
      if (now === wanted || (!wanted && focus.layer === null)) return;
      wanted = now;
      clearTimeout(timer);
      timer = setTimeout(() => actions.send({ type: "focus", ...focus }), SETTLE_MS);
    },
  };
}
