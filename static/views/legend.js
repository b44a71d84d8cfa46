/** The network's legends: what the colours mean, and how far they reach now. */

import { hide, mark, write } from "../dom.js";
import { significant } from "./format.js";

/** @typedef {"value" | "gradient"} Ramp */

/** @param {HTMLElement | null} element filled with one small scale per meaning */
export function createLegend(element) {
  /** @type {ReturnType<typeof createScale>[]} */
  let shown = [];
  const scale = document.createElement("span");
  const note = document.createElement("span");
  scale.className = "legend-scales";
  note.className = "legend";
  note.textContent = "▨ dead";
  note.title = "A hatched unit has been 0 for every recent example: no gradient passes through it.";
  note.hidden = true;
  element?.append(scale, note);
  return {
    /** @param {[title: string, ramp: Ramp, range: number][]} scales */
    show(scales) {
      if (scales.length !== shown.length) {
        shown = scales.map(createScale);
        scale.replaceChildren(...shown.map(({ element }) => element));
      }
      for (const [k, one] of scales.entries()) shown[k].show(...one);
    },
    /** @param {boolean} dead whether some unit is drawn hatched */
    hatch(dead) {
      hide(note, !dead);
    },
  };
}

function createScale() {
  const element = document.createElement("div");
  element.className = "legend";
  const [name, low, bar, high] = Array.from({ length: 4 }, () => document.createElement("span"));
  name.className = "legend-title";
  bar.className = "legend-bar";
  element.append(name, low, bar, high);
  return {
    element,
    /** @param {string} title @param {Ramp} ramp @param {number} range */
    show(title, ramp, range) {
      write(name, title);
      write(low, `−${short(range)}`);
      mark(bar, "data-ramp", ramp);
      write(high, short(range));
    },
  };
}

/** @param {number} range a round number */
function short(range) {
  return range >= 0.001 && range < 10000
    ? String(range)
    : significant(range).replace(/\.?0+·/, "·");
}
