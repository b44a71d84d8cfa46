/** What a replica answers, as a small picture: a surface of the plane, or a curve. */

import { classColours } from "../colour.js";

/** @typedef {import("../views/types.js").State} State */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {(canvas: HTMLCanvasElement, bytes: Uint8Array) => void} Painter */

/** Pixels along the side of a curve's canvas: sharp on dense screens, and in files. */
const SHARP = 184;
/** Of the inputs, −6…6. */
const RANGE = 12;
/** How far from the middle the largest target is, as a share of the side. */
const REACH = 0.42;

/**
 * Its pictures are of the race's own data, whatever data are shown by now.
 * @param {import("./race-data.js").Race} race
 * @param {State} state
 * @param {Theme} theme
 * @returns {Painter}
 */
export function painterOf({ info, lanes }, { dataset }, theme) {
  const { surface: side, classes, of } = info;
  if (lanes[0][0].picture?.length === side) return curvePainter(of ? null : dataset, theme);
  const palette = paletteOf(classes, theme);
  // What is not finite has no colour: the ground shows, and the mark of what diverged.
  const none = palette === theme.value.pixels ? 0 : 255;
  return (canvas, bytes) => {
    const pen = penOf(canvas, side);
    const image = pen.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    for (let k = 0; k < pixels.length; k++) pixels[k] = bytes[k] === none ? 0 : palette[bytes[k]];
    pen.putImageData(image, 0, 0);
  };
}

/** @param {HTMLCanvasElement} canvas @param {number} side in pixels */
function penOf(canvas, side) {
  if (canvas.width !== side) [canvas.width, canvas.height] = [side, side];
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * The colours of a surface, by byte.
 * @param {number} count of classes; 0 where the surface is of a value
 * @param {Theme} theme
 * @returns {Uint32Array}
 */
function paletteOf(count, theme) {
  if (!count) return theme.value.pixels;
  const classes = classColours(theme, count).map((colour) => {
    const [red, green, blue] = colour.map(Math.round);
    return 0xff000000 | (blue << 16) | (green << 8) | red;
  });
  return Uint32Array.from({ length: 256 }, (_, k) => classes[Math.min(k, count - 1)]);
}

/**
 * The prediction over the training points, where they are at hand, on one scale: 127 is the
 * largest target.
 * @param {import("../views/types.js").Dataset | null} dataset
 * @param {Theme} theme
 * @returns {Painter}
 */
function curvePainter(dataset, theme) {
  const { points, targets } = dataset?.train ?? { points: [], targets: [] };
  const largest = Math.max(...[...targets, ...(dataset?.test.targets ?? [])].map(Math.abs)) || 1;
  const x = (/** @type {number} */ share) => share * SHARP;
  const y = (/** @type {number} */ value) => (0.5 - value * REACH) * SHARP;
  return (canvas, bytes) => {
    const pen = penOf(canvas, SHARP);
    pen.fillStyle = theme.panel;
    pen.fillRect(0, 0, SHARP, SHARP);
    pen.globalAlpha = 0.55;
    points.forEach(([input], k) => {
      pen.fillStyle = theme.value.at(Math.sign(targets[k]));
      pen.fillRect(x(input / RANGE + 0.5) - 2.5, y(targets[k] / largest) - 2.5, 5, 5);
    });
    pen.globalAlpha = 1;
    pen.beginPath();
    for (let k = 0; k < bytes.length; k++) {
      if (bytes[k] === 0) continue; // not finite
      pen.lineTo(x((k + 0.5) / bytes.length), y((bytes[k] - 128) / 127));
    }
    pen.strokeStyle = theme.ink;
    pen.lineWidth = 7;
    pen.lineJoin = "round";
    pen.stroke();
  };
}
