/** The network's legends: what the colours mean, and how far they reach now. */

import { significant } from "./format.js";

/** @typedef {"value" | "gradient"} Ramp */

const RAMPS = {
  value: "linear-gradient(to right, var(--negative), var(--zero), var(--positive))",
  gradient:
    "linear-gradient(to right, var(--gradient-negative), var(--zero), var(--gradient-positive))",
};

/** @param {HTMLElement | null} element filled with one small scale per meaning */
export function createLegend(element) {
  let shown = "";
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
      const now = JSON.stringify(scales);
      if (now === shown) return;
      shown = now;
      scale.replaceChildren(...scales.map(([title, ramp, range]) => legend(title, ramp, range)));
    },
    /** @param {boolean} dead whether some unit is drawn hatched */
    hatch(dead) {
      if (note.hidden === dead) note.hidden = !dead;
    },
  };
}

/** @param {string} title @param {Ramp} ramp @param {number} range */
function legend(title, ramp, range) {
  const whole = document.createElement("div");
  whole.className = "legend";
  const name = document.createElement("span");
  name.className = "legend-title";
  name.textContent = title;
  const low = document.createElement("span");
  low.textContent = `−${short(range)}`;
  const bar = document.createElement("span");
  bar.className = "legend-bar";
  bar.style.background = RAMPS[ramp];
  const high = document.createElement("span");
  high.textContent = short(range);
  whole.append(name, low, bar, high);
  return whole;
}

/** @param {number} range a round number */
function short(range) {
  return range >= 0.001 && range < 10000
    ? String(range)
    : significant(range).replace(/\.?0+·/, "·");
}
