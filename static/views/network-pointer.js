/** Pointing at the network with a mouse, a pen or a finger. */

import { sameMark } from "./marks.js";
import { hit } from "./network-hit.js";

/** @typedef {import("./types.js").Mark} Mark */

/** A fingertip covers more than a pointer does. */
const TOUCH_SLACK = 10;

/**
 * Hovering shows, a click pins a unit or opens a number; a finger's first tap shows and pins, its
 * second on the same number opens it.
 * @param {HTMLCanvasElement} canvas
 * @param {() => import("./network-layout.js").Layout | null} layout
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function listen(canvas, layout, store, actions) {
  /** @param {PointerEvent | MouseEvent} event @param {number} slack @returns {Mark | null} */
  function under(event, slack) {
    const plan = layout();
    const box = canvas.getBoundingClientRect();
    return plan && hit(plan, event.clientX - box.left, event.clientY - box.top, slack);
  }

  /** @param {Mark | null} mark */
  function hover(mark) {
    canvas.style.cursor = mark ? "pointer" : "";
    if (!sameMark(mark, store.state.view.hover)) actions.setView({ hover: mark });
  }

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") hover(under(event, 0));
  });
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") hover(null);
  });
  canvas.addEventListener("click", (event) => {
    const touched = event instanceof PointerEvent && event.pointerType === "touch";
    const mark = under(event, touched ? TOUCH_SLACK : 0);
    const { pinned } = store.state.view;
    const again = sameMark(mark, pinned);
    if (mark && mark.kind !== "unit" && (!touched || again)) {
      actions.edit(mark, event.clientX, event.clientY);
    } else {
      const next = mark && !again ? mark : null;
      actions.setView(touched ? { hover: next, pinned: next } : { pinned: next });
    }
  });
}
