/** The network's legends: what the colours mean, and how far they reach now. */

import { hide, mark, write } from "../dom.js";
import { significant } from "./format.js";

/** @typedef {"value" | "gradient"} Ramp */
/**
 * A sign and what it means: a ramp of colours between its ends, or something drawn before its name.
 * @typedef {{look: string, before?: string, after: string, title: string}} Sign
 */

/** @type {Sign[]} */
const BARS = [
  { look: "bars", after: "minibatch", title: "The unit's activation on each of its examples" },
  { look: "notch", after: "example", title: "The unit's activation on the example looked at" },
];

/**
 * @param {HTMLElement | null} element filled with one small scale per meaning
 * @param {HTMLElement | null} [bars] filled with what the bars in units are
 */
export function createLegend(element, bars = null) {
  /** @type {ReturnType<typeof createScale>[]} */
  let shown = [];
  const scale = document.createElement("span");
  const note = document.createElement("span");
  scale.className = "legend-scales";
  note.className = "legend";
  note.textContent = "▨ dead";
  note.title = "A hatched unit has been 0 for every recent example: no gradient passes through it.";
  note.hidden = true;
  for (const sign of BARS) {
    const { element, show } = createSign();
    show(sign);
    bars?.append(element);
  }
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
    /** @param {boolean} drawn whether units show bars, one per example */
    bars(drawn) {
      if (bars) hide(bars, !drawn);
    },
  };
}

/** A sign of a legend, with what stands before and after it. */
export function createSign() {
  const element = document.createElement("span");
  element.className = "legend";
  const [before, sign, after] = Array.from({ length: 3 }, () => document.createElement("span"));
  sign.className = "legend-sign";
  element.append(before, sign, after);
  return {
    element,
    /** @param {Sign} shown */
    show({ look, before: low = "", after: high, title }) {
      write(before, low);
      hide(before, low === "");
      mark(sign, "data-look", look);
      write(after, high);
      mark(element, "title", title);
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
