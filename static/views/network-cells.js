/** What stands in a unit's square when it is not a picture: a curve, bars, or hatching. */

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./network-layout.js").UnitBox} UnitBox */
/** @typedef {import("../colour.js").Theme} Theme */

/** Below this size, in CSS pixels, bars cannot be told apart. */
export const BARS_FROM = 15;

/**
 * The unit's value over the range of the one input: filled from the zero line in the value colours.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {UnitBox} box
 * @param {number} range
 * @param {Theme} theme
 */
export function paintCurve(context, frame, box, range, theme) {
  const { fields, field_scales: scales } = frame;
  if (!fields || !scales) return;
  const count = frame.shapes.fields[2];
  const left = box.x - box.size / 2;
  const reach = box.size * 0.44;
  const step = box.size / (count - 1);
  const unit = (scales[box.row] / range / 127) * reach;
  const rise = (/** @type {number} */ k) =>
    Math.max(-reach, Math.min(reach, (fields[box.row * count + k] - 128) * unit));
  for (const sign of [-1, 1]) {
    context.beginPath();
    context.moveTo(left, box.y);
    for (let k = 0; k < count; k++) {
      context.lineTo(left + k * step, box.y - sign * Math.max(0, sign * rise(k)));
    }
    context.lineTo(left + box.size, box.y);
    context.fillStyle = theme.value.at(sign * 0.75);
    context.fill();
  }
  context.beginPath();
  for (let k = 0; k < count; k++) context.lineTo(left + k * step, box.y - rise(k));
  context.strokeStyle = theme.ink;
  context.lineWidth = Math.max(1, box.size / 28);
  context.stroke();
}

/**
 * The unit's activation on every example of the minibatch, a bar each; the notches at the sides are
 * at the selected example's. Where bars would be too small, the colour is the selected example's.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} seen
 * @param {number} selected
 * @param {UnitBox} box
 * @param {number} range
 * @param {Theme} theme
 */
export function paintBars(context, seen, selected, box, range, theme) {
  if (box.size < BARS_FROM) {
    context.fillStyle = theme.value.at(selected / range);
    context.fillRect(box.x - box.size / 2, box.y - box.size / 2, box.size, box.size);
    return;
  }
  const left = box.x - box.size / 2 + 1;
  const width = (box.size - 2) / seen.length;
  const reach = box.size * 0.46;
  const gap = width > 3 ? 0.8 : 0;
  for (const sign of [-1, 1]) {
    context.beginPath();
    for (let k = 0; k < seen.length; k++) {
      const height = Math.min(1, (seen[k] / range) * sign) * reach;
      if (!(height > 0)) continue;
      context.rect(left + k * width, sign > 0 ? box.y - height : box.y, width - gap, height);
    }
    context.fillStyle = theme.value.at(sign * 0.85);
    context.fill();
  }
  context.fillStyle = theme.muted;
  context.fillRect(left, box.y - 0.5, box.size - 2, 1);
  const mark = box.y - Math.max(-1, Math.min(1, selected / range)) * reach;
  if (!Number.isFinite(mark)) return;
  const notch = box.size * 0.2;
  context.fillStyle = theme.ink;
  for (const x of [left - 1, left + box.size - 1 - notch]) {
    context.fillRect(x, mark - 1.2, notch, 2.4);
  }
}

/**
 * Says: this unit is dead, or has a number that is none. Never hidden, never mistaken for a value.
 * @param {CanvasRenderingContext2D} context
 * @param {UnitBox} box
 * @param {string} colour
 * @param {number} width
 */
export function paintHatch(context, box, colour, width) {
  const { x, y, size } = box;
  context.save();
  context.beginPath();
  context.rect(x - size / 2, y - size / 2, size, size);
  context.clip();
  context.beginPath();
  const step = Math.max(4, size / 7);
  for (let k = -size; k < size; k += step) {
    context.moveTo(x - size / 2 + k, y + size / 2);
    context.lineTo(x - size / 2 + k + size, y - size / 2);
  }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.restore();
}
