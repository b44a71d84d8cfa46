/** The output over the plane: its surface, or one unit's field, with the points on it. */

import { byteOf, classColours, posterize, shade } from "../colour.js";
import { significant } from "./format.js";
import { existing, markOf, unitName } from "./marks.js";
import { createPlot, drawAxes, drawCaption } from "./plot.js";
import { dotColours } from "./points.js";

/** @typedef {import("./ready.js").Whole} Whole */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("../canvas.js").Surface} Surface */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {{part: "train" | "test", index: number, x: number, y: number}} Target */

/** Regression targets are coloured in this many steps. */
const SHADES = 33;
/** The byte of an answer that leans to neither of two classes. */
const ZERO = 128;

/** @param {import("./points.js").Dots} dots */
export function createPlane(dots) {
  const sheet = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  /** @type {ImageData | null} */
  let image = null;

  /** @param {number} side @returns {Uint32Array} the sheet's pixels */
  function pixelsOf(side) {
    if (!image || image.width !== side) {
      sheet.width = side;
      sheet.height = side;
      image = pen.createImageData(side, side);
    }
    return new Uint32Array(image.data.buffer);
  }

  /**
   * @param {Surface} surface
   * @param {Whole} state
   * @param {Theme} theme
   * @returns {Target[]} where the points stand, for the pointer
   */
  function draw(surface, state, theme) {
    const { context, width, height } = surface;
    const { dataset, frame, topology, view } = state;
    const margin = { left: theme.fontSize * 1.75, bottom: theme.fontSize * 1.4 };
    const side = Math.max(20, Math.min(width - margin.left - 2, height - margin.bottom - 4));
    const left = margin.left + (width - margin.left - 2 - side) / 2;
    const box = { left, top: (height - margin.bottom - side) / 2, width: side, height: side };
    const range = /** @type {[number, number]} */ (dataset.range);
    const plot = createPlot(box, range, range);

    const mark = existing(markOf(view), topology);
    const field = mark?.kind === "unit" ? fieldOf(frame, topology, mark.layer, mark.unit) : null;
    if (field) fillDiverging(field.bytes, field.side, theme.value.pixels);
    else fillSurface(frame, dataset, theme, view.discretize);
    context.save();
    context.beginPath();
    context.roundRect(box.left, box.top, side, side, 7);
    context.clip();
    if (image) pen.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = !view.discretize || field !== null;
    context.drawImage(sheet, box.left, box.top, side, side);
    context.restore();
    drawAxes(context, plot, theme, { x: "x₁", y: "x₂" });
    let caption = { right: 0, bottom: 0 };
    if (field && mark) {
      const { activation } = topology.layers[mark.layer];
      const name = unitName(topology, mark.layer, mark.unit);
      const what = activation ? `${name} · ${activation}` : name;
      context.beginPath();
      context.roundRect(box.left, box.top, side, side, 7);
      context.strokeStyle = theme.accent;
      context.lineWidth = 3;
      context.stroke();
      caption = drawCaption(context, box, `${what} · ±${significant(field.scale)}`, theme);
    }
    return drawPoints(state, plot, theme, caption);
  }

  /** @param {Uint8Array} bytes @param {number} side @param {Uint32Array} table */
  function fillDiverging(bytes, side, table) {
    const pixels = pixelsOf(side);
    for (let k = 0; k < pixels.length; k++) pixels[k] = table[bytes[k]];
  }

  /**
   * @param {Frame} frame @param {Dataset} dataset @param {Theme} theme @param {boolean} discretize
   */
  function fillSurface(frame, dataset, theme, discretize) {
    const { surface: bytes } = frame;
    if (!bytes) return;
    const [count, side] = frame.shapes.surface;
    if (count === 1) {
      const steps = dataset.task === "classification" ? 1 : 5;
      const table = theme.value.pixels;
      fillDiverging(bytes, side, discretize ? posterize(table, steps) : table);
      return;
    }
    const tables = classColours(theme, count).map((colour) => shades(colour, theme, count));
    const pixels = pixelsOf(side);
    for (let k = 0; k < pixels.length; k++) {
      const best = likeliest(bytes, count, pixels.length, k);
      pixels[k] = tables[best][discretize ? 255 : bytes[best * pixels.length + k]];
    }
  }

  /**
   * @param {Whole} state @param {import("./plot.js").Plot} plot @param {Theme} theme
   * @param {{right: number, bottom: number}} caption keeps its place free
   */
  function drawPoints(state, plot, theme, caption) {
    const { dataset, frame, view } = state;
    const { example } = frame.meta;
    const classified = dataset.task === "classification";
    const colours = classified
      ? dotColours(classColours(theme, dataset.classes.length), theme)
      : Array.from({ length: SHADES }, (_, k) => theme.value.at((2 * k) / (SHADES - 1) - 1));
    /** @type {Target[]} */
    const targets = [];
    /** @type {import("./points.js").Dot[]} */
    const drawn = [];
    let selected;
    for (const part of /** @type {const} */ (["train", "test"])) {
      if (part === "test" && !view.showTest) continue;
      const { points, targets: labels } = dataset[part];
      for (let index = 0; index < points.length; index++) {
        const x = plot.x(points[index][0]);
        const y = plot.y(points[index][1]);
        const label = labels[index];
        const across = (x - plot.left) / plot.width;
        const down = (y - plot.top) / plot.height;
        const wrong = classified && classAt(frame, across, down) !== label;
        const colour = classified ? label : cellOf((byteOf(label) - 1) / 254, SHADES);
        targets.push({ part, index, x, y });
        if (x < caption.right && y < caption.bottom) continue;
        const dot = { x, y, colour, test: part === "test", wrong };
        if (part === example.part && index === example.index) selected = dot;
        drawn.push(dot);
      }
    }
    const crowd = drawn.length > 900 ? 0.8 : 1;
    const radius = Math.max(2.4, Math.min(6, plot.width / 75)) * crowd;
    dots.draw(drawn, colours, radius, selected);
    return targets;
  }

  return { draw };
}

/** @param {number} share 0…1 @param {number} count @returns {number} a whole number below count */
function cellOf(share, count) {
  return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
}

/**
 * The class that a pixel of the surface stands for.
 * @param {Uint8Array} bytes one class after the other
 * @param {number} count of classes @param {number} size of each, in pixels @param {number} k
 */
function likeliest(bytes, count, size, k) {
  let best = 0;
  for (let c = 1; c < count; c++) if (bytes[c * size + k] > bytes[best * size + k]) best = c;
  return best;
}

/**
 * The class at a place of the surface as it is drawn: smoothly, from the four pixels around it.
 * @param {Frame} frame
 * @param {number} across 0…1 @param {number} down 0…1
 */
function classAt(frame, across, down) {
  const { surface: bytes } = frame;
  if (!bytes) return -1;
  const [count, side] = frame.shapes.surface;
  const [x, y] = [across, down].map((share) => Math.max(0, share * side - 0.5));
  const column = Math.min(side - 2, Math.floor(x));
  const row = Math.min(side - 2, Math.floor(y));
  const [right, below] = [Math.min(1, x - column), Math.min(1, y - row)];
  let best = 0;
  let most = count === 1 ? ZERO : -1;
  for (let c = 0; c < count; c++) {
    const k = (c * side + row) * side + column;
    const upper = bytes[k] * (1 - right) + bytes[k + 1] * right;
    const lower = bytes[k + side] * (1 - right) + bytes[k + side + 1] * right;
    const value = upper * (1 - below) + lower * below;
    if (value <= most) continue;
    most = value;
    best = count === 1 ? 1 : c;
  }
  return best;
}

/**
 * The colours of a class, by the byte of its probability.
 * @param {import("../colour.js").Rgb} colour
 * @param {Theme} theme
 * @param {number} count
 */
function shades(colour, theme, count) {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const [red, green, blue] = shade(theme, colour, byte, count).map(Math.round);
    return 0xff000000 | (blue << 16) | (green << 8) | red;
  });
}

/**
 * @param {Frame} frame @param {Topology} topology @param {number} layer @param {number} unit
 * @returns {{bytes: Uint8Array, side: number, scale: number} | null} the field in the finest grid
 *   that this frame has
 */
function fieldOf(frame, topology, layer, unit) {
  const { fields, field_scales: scales, focus } = frame;
  if (!fields || !scales) return null;
  const row = topology.layers[layer].row + unit;
  const scale = scales[row];
  if (focus && frame.meta.focus?.layer === layer && frame.meta.focus.unit === unit) {
    return { bytes: focus, side: frame.shapes.focus[0], scale };
  }
  const side = frame.shapes.fields[2];
  return { bytes: fields.subarray(row * side * side, (row + 1) * side * side), side, scale };
}
