/** The network's units: squares that show what each one computes. */

import { byteOf, css, mix } from "../colour.js";
import { paintBars, paintCurve, paintHatch } from "./network-cells.js";
import { outputNames } from "./network-layout.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./network-layout.js").Layout} Layout */
/** @typedef {import("./network-layout.js").Column} Column */
/** @typedef {import("./network-layout.js").UnitBox} UnitBox */
/** @typedef {import("../colour.js").Theme} Theme */

const PER_ROW = 16;
/** Names are not written smaller than this, in CSS pixels: rather every second one. */
const LEGIBLE = 11;

/** Holds the atlas: one small canvas with every unit's picture, filled from bytes. */
export function createUnits() {
  const atlas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (atlas.getContext("2d"));
  /** @type {ImageData | null} */
  let image = null;
  let pixels = new Uint32Array(0);
  let cell = { width: 1, height: 1 };

  /** @param {number} count @param {number} width @param {number} height */
  function reserve(count, width, height) {
    const across = PER_ROW * width;
    const down = Math.ceil(count / PER_ROW) * height;
    cell = { width, height };
    if (image && image.width === across && image.height === down) return;
    atlas.width = across;
    atlas.height = down;
    image = pen.createImageData(across, down);
    pixels = new Uint32Array(image.data.buffer);
  }

  /** @param {number} index of the cell */
  function corner(index) {
    return {
      x: (index % PER_ROW) * cell.width,
      y: Math.floor(index / PER_ROW) * cell.height,
    };
  }

  /**
   * @param {Layout} layout
   * @param {Frame} frame
   * @param {(box: UnitBox) => number} rangeOf hidden and output units; inputs have their own
   * @param {Theme} theme
   */
  function fillFields(layout, frame, rangeOf, theme) {
    const { fields, field_scales: scales } = frame;
    if (!fields || !scales) return;
    const side = frame.shapes.fields[2];
    reserve(layout.units.length, side, side);
    const table = theme.value.pixels;
    layout.units.forEach((box, index) => {
      const factor = box.layer === 0 ? 1 : scales[box.row] / rangeOf(box);
      const { x, y } = corner(index);
      let from = box.row * side * side;
      for (let line = 0; line < side; line++) {
        let to = (y + line) * PER_ROW * side + x;
        for (let k = 0; k < side; k++) {
          const byte = 128.5 + (fields[from++] - 128) * factor; // cutting off rounds it
          pixels[to++] = table[byte < 1 ? 1 : byte > 255 ? 255 : byte | 0];
        }
      }
    });
    if (image) pen.putImageData(image, 0, 0);
  }

  /**
   * Pictures of the weights that come into each unit of the first layer after an image.
   * @param {Layer} layer
   * @param {Float32Array} values by parameter
   * @param {number} range
   * @param {import("../colour.js").Scale} scale
   * @param {[number, number]} shape
   */
  function fillWeights(layer, values, range, scale, shape) {
    reserve(layer.units, shape[1], shape[0]);
    for (let unit = 0; unit < layer.units; unit++) {
      const { x, y } = corner(unit);
      const from = (layer.offset ?? 0) + unit * (layer.fan_in + 1);
      for (let k = 0; k < layer.fan_in; k++) {
        const to = (y + Math.floor(k / shape[1])) * PER_ROW * shape[1] + x + (k % shape[1]);
        pixels[to] = scale.pixels[byteOf(values[from + k] / range)];
      }
    }
    if (image) pen.putImageData(image, 0, 0);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} index of the cell
   * @param {number} x @param {number} y @param {number} size
   */
  function stamp(context, index, x, y, size) {
    const at = corner(index);
    context.drawImage(atlas, at.x, at.y, cell.width, cell.height, x, y, size, size);
  }

  return { fillFields, fillWeights, stamp };
}

/**
 * Draws every unit: its picture, its hatching if it is dead or broken, its border.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Frame} frame
 * @param {ReturnType<typeof createUnits>} units
 * @param {import("./silence.js").Silence} silence
 * @param {(box: UnitBox) => number} rangeOf
 * @param {Theme} theme
 */
export function drawUnits(context, layout, frame, units, silence, rangeOf, theme) {
  context.save();
  context.beginPath();
  for (const box of layout.units) trace(context, box);
  context.fillStyle = theme.paper;
  context.fill();
  context.clip();
  context.imageSmoothingEnabled = true;
  const { activations } = frame;
  const minibatch = frame.shapes.activations[1];
  layout.units.forEach((box, index) => {
    const { content } = layout.columns[box.layer];
    const x = box.x - box.size / 2;
    const y = box.y - box.size / 2;
    const seen = activations.subarray(box.row * minibatch, (box.row + 1) * minibatch);
    const own = box.layer === 0 ? ownRange(frame, box) : rangeOf(box);
    if (content === "field") units.stamp(context, index, x, y, box.size);
    else if (content === "picture") units.stamp(context, box.unit, x, y, box.size);
    else if (content === "curve") paintCurve(context, frame, box, own, theme);
    else
      paintBars(context, seen, frame.example[frame.shapes.example[1] + box.row], box, own, theme);
    if (!seen.every(Number.isFinite)) paintHatch(context, box, theme.ink, 2.5);
    else if (silence.isDead(box.row)) paintHatch(context, box, theme.muted, 1.5);
  });
  context.restore();
  context.strokeStyle = theme.ink;
  for (const column of layout.columns) {
    context.lineWidth = Math.max(0.8, Math.min(2.4, column.size / 18));
    context.beginPath();
    for (const box of layout.units) if (box.layer === column.layer.index) trace(context, box);
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {UnitBox} box @param {number} [grow] */
export function trace(context, box, grow = 0) {
  const size = box.size + 2 * grow;
  context.roundRect(box.x - size / 2, box.y - size / 2, size, size, box.size * 0.13 + grow);
}

/** @param {Frame} frame @param {UnitBox} box of an input: shown on its own scale */
function ownRange(frame, box) {
  return frame.field_scales?.[box.row] || 2.5;
}

/**
 * The selected example's picture, in shades of ink.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} values
 * @param {[number, number]} shape rows, columns
 * @param {{x: number, y: number, size: number}} box centre and height
 * @param {Theme} theme
 */
export function drawPicture(context, values, shape, box, theme) {
  const [rows, columns] = shape;
  const cell = box.size / rows;
  const largest = values.reduce((a, b) => Math.max(a, b), 1e-9);
  const left = box.x - (cell * columns) / 2;
  const top = box.y - box.size / 2;
  for (let k = 0; k < values.length; k++) {
    context.fillStyle = css(mix(theme.rgb.paper, theme.rgb.ink, Math.max(0, values[k] / largest)));
    const column = k % columns;
    const row = Math.floor(k / columns);
    context.fillRect(left + column * cell, top + row * cell, cell + 0.5, cell + 0.5);
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = 2;
  context.strokeRect(left, top, cell * columns, box.size);
}

/**
 * Names beside inputs and outputs, and what a layer has besides its units.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Theme} theme
 */
export function drawLabels(context, layout, theme) {
  context.fillStyle = theme.ink;
  context.textBaseline = "middle";
  const last = layout.columns.length - 1;
  const colours = layout.classes > 2 ? theme.classes.slice(0, layout.classes) : [];
  for (const [index, side] of /** @type {[number, -1 | 1][]} */ ([
    [0, -1],
    [last, 1],
  ])) {
    const { layer } = layout.columns[index];
    const names = side < 0 ? layer.names : outputNames(layer);
    const boxes = layout.units.filter((box) => box.layer === index);
    const gap = boxes.length > 1 ? boxes[1].y - boxes[0].y : 99;
    const short = names.every((name) => name.length < (side < 0 ? 7 : 3));
    const size = Math.min(theme.fontSize * (short ? 1.15 : 0.88), Math.max(LEGIBLE, gap * 0.92));
    // An output's class has a colour wherever it is shown: a dot in front of its name says which.
    const dot = side > 0 && colours.length > 0 ? size * 0.38 : 0;
    const room = (side < 0 ? layout.label.left : layout.label.right) - 4 - 2.8 * dot;
    context.font = `${short ? 600 : 400} ${size}px ${theme.font}`;
    context.textAlign = side < 0 ? "right" : "left";
    // Where rows are closer than type can be, every second name or fewer can be read.
    const every = gap > 0 ? Math.ceil((0.95 * size) / gap) : 1;
    boxes.forEach((box, unit) => {
      if (unit % every) return;
      const text = shortened(context, (names[unit] ?? "").replaceAll("_", " "), room);
      const x = box.x + side * (box.size / 2 + 9);
      context.fillStyle = theme.ink;
      context.fillText(text, x + 2.8 * dot, box.y);
      if (dot === 0) return;
      context.beginPath();
      context.arc(x + dot, box.y, dot, 0, 2 * Math.PI);
      context.fillStyle = css(colours[unit]);
      context.fill();
    });
  }
  context.textAlign = "center";
  context.font = `${theme.fontSize * 0.82}px ${theme.font}`;
  context.fillStyle = theme.muted;
  for (const { layer, x } of layout.columns) {
    const words = (/** @type {string} */ norm, /** @type {string} */ drop) => {
      const dropout = layer.dropout > 0 ? [`${drop}${layer.dropout}`] : [];
      return [...(layer.batch_norm ? [norm] : []), ...dropout].join(" · ");
    };
    const forms = [words("batch norm", "dropout "), words("BN", "drop "), words("BN", "")];
    const fits = forms.find((text) => context.measureText(text).width < layout.pitch - 16);
    const text = fits ?? fit(context, forms[2], layout.pitch - 12);
    if (layer.batch_norm || layer.dropout > 0) badge(context, text, x, layout.height - 12, theme);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {Theme} theme */
function badge(context, text, x, y, theme) {
  const width = context.measureText(text).width + 14;
  const height = theme.fontSize * 1.3;
  context.beginPath();
  context.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
  context.strokeStyle = theme.muted;
  context.lineWidth = 1;
  context.stroke();
  context.fillText(text, x, y + 0.5);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} name of an input or output: the card has all of it
 * @param {number} room
 * @returns {string} without its unit, or without what all names of a category begin with
 */
function shortened(context, name, room) {
  const forms = [name, name.replace(/ \(.*\)$/, ""), name.replace(/^.*: /, "")];
  const fits = forms.find((form) => context.measureText(form).width <= room);
  return fits ?? fit(context, forms[2], room);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} room
 * @returns {string} the text, shortened where it would not fit
 */
export function fit(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length).trimEnd()}…`;
}
