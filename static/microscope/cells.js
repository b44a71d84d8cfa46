/** A unit in slow motion: its number on its colour, or a bar for each example of the minibatch. */

import { mix } from "../colour.js";
import { significant } from "../views/format.js";
import { paintHatch } from "../views/network-cells.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../colour.js").Scale} Scale */
/** @typedef {import("../views/network-layout.js").UnitBox} UnitBox */

/** Below this size a number cannot be read. */
const READABLE = 30;
/** From this size on three digits can be read. */
const SPACIOUS = 42;
/** Times the room that there is: what is as long as that would have to be set too small. */
const TIGHT = 1.15;
const MOST_BARS = 32;

/**
 * @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {number} value
 * @param {number} range @param {Scale} scale @param {Theme} theme
 */
export function paintNumber(context, box, value, range, scale, theme) {
  const share = Math.max(-1, Math.min(1, value / range));
  fill(context, box, scale.at(share));
  if (box.size < READABLE) return;
  const ground = mix(scale.zero, share < 0 ? scale.negative : scale.positive, Math.abs(share));
  const light = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2];
  context.fillStyle = light > 135 ? "#14191c" : "#ffffff";
  inscribe(context, box, value, theme);
}

/**
 * A unit that dropout has dropped is hatched: its number leads nowhere.
 * @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {number} value
 * @param {Theme} theme
 */
export function paintDropped(context, box, value, theme) {
  fill(context, box, theme.paper);
  paintHatch(context, box, theme.muted, 1.2);
  if (box.size < READABLE) return;
  fill(context, { ...box, size: box.size * 0.66 }, theme.paper);
  context.fillStyle = theme.muted;
  inscribe(context, box, value, theme);
}

/**
 * @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {number} value
 * @param {Theme} theme
 */
function inscribe(context, box, value, theme) {
  if (context.globalAlpha < 1) {
    // The colour steps back; the number can still be read.
    context.fillStyle = theme.muted;
    context.globalAlpha = 0.6;
  }
  // Where three digits would be tiny, two are better: the equation has all of them.
  const whole = significant(value);
  const room = box.size * 0.92;
  const large = Math.min(theme.fontSize * 1.1, box.size * 0.225);
  context.font = `650 ${large}px ${theme.font}`;
  const small = box.size < SPACIOUS || context.measureText(whole).width > room * TIGHT;
  const size = small ? Math.min(theme.fontSize * 1.1, box.size * 0.29) : large;
  write(context, small ? brief(value) : whole, box.x, box.y, room, theme, size);
}

/**
 * @param {CanvasRenderingContext2D} context @param {string} words @param {number} x
 * @param {number} y @param {number} room @param {Theme} theme
 * @param {number} [largest] size of the type where there is room
 */
export function write(context, words, x, y, room, theme, largest = theme.fontSize) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  let size = largest;
  do {
    context.font = `650 ${size}px ${theme.font}`;
    size -= 1;
  } while (size > 7 && context.measureText(words).width > room);
  context.fillText(words, x, y + 0.5);
}

/**
 * @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {Float32Array} values
 * @param {number} range @param {Scale} scale @param {Theme} theme
 */
export function paintBars(context, box, values, range, scale, theme) {
  fill(context, box, theme.paper);
  const shown = values.subarray(0, MOST_BARS);
  const width = (box.size - 4) / shown.length;
  shown.forEach((value, k) => {
    const share = Math.max(-1, Math.min(1, value / range));
    if (!Number.isFinite(share)) return;
    const height = Math.abs(share) * box.size * 0.44;
    context.fillStyle = scale.at(share < 0 ? -1 : 1);
    const top = share > 0 ? box.y - height : box.y;
    const gap = width > 3 ? 0.8 : 0;
    context.fillRect(box.x - box.size / 2 + 2 + k * width, top, width - gap, height);
  });
  context.fillStyle = theme.muted;
  context.fillRect(box.x - box.size / 2 + 1, box.y - 0.5, box.size - 2, 1);
}

/** @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {string} colour */
export function fill(context, { x, y, size }, colour) {
  context.beginPath();
  context.roundRect(x - size / 2, y - size / 2, size, size, size * 0.13);
  context.fillStyle = colour;
  context.fill();
}

/** @param {number} value @returns {string} two digits, one where it has a power of ten */
function brief(value) {
  const size = Math.abs(value);
  if (!(size >= 1e-3 && size < 1e4)) return significant(value).replace(/(\d)\.\d+·/, "$1·");
  return (value < 0 ? "−" : "") + (size < 100 ? size.toPrecision(2) : size.toFixed(0));
}
