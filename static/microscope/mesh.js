/** What a layer makes of space: the warped grid, coloured by what the network answers, and points. */

import { byteOf, classColours, css, mix, shade } from "../colour.js";
import { createPlot, drawAxes, drawCaption } from "../views/plot.js";
import { dotColours } from "../views/points.js";

/** @typedef {import("../views/ready.js").Whole} Whole */
/** @typedef {import("../views/types.js").Frame} Frame */
/** @typedef {import("../views/plot.js").Plot} Plot */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {[number, number]} Range */

/** Room around the points, and how much of it may be empty before the view draws nearer. */
const ROOM = 0.18;
const LOOSE = 0.55;
/** Regression targets are coloured in this many steps. */
const SHADES = 33;

export const NOT_FINITE = "no number is finite";

/** @param {import("../views/points.js").Dots} dots above the grid */
export function createMesh(dots) {
  /** @type {Range[]} */
  let ranges = [];
  let rangedFor = "";

  /** @param {Float32Array} points pairs @param {string} what is seen */
  function follow(points, what) {
    const afresh = what !== rangedFor;
    rangedFor = what;
    ranges = [0, 1].map((axis) => {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let k = axis; k < points.length; k += 2) {
        if (!Number.isFinite(points[k])) continue;
        if (points[k] < low) low = points[k];
        if (points[k] > high) high = points[k];
      }
      if (low > high) return ranges[axis] ?? [-1, 1];
      if (low === high) [low, high] = [low - 1, high + 1];
      const before = afresh ? undefined : ranges[axis];
      const size = high - low;
      const fits = before && low >= before[0] && high <= before[1];
      if (fits && size > LOOSE * (before[1] - before[0])) return before;
      return /** @type {Range} */ ([low - ROOM * size, high + ROOM * size]);
    });
  }

  /**
   * @param {import("../canvas.js").Surface} surface @param {Whole} state @param {Theme} theme
   * @returns {boolean} whether there is anything to see: numbers may no longer be finite
   */
  function draw({ context, width, height }, state, theme) {
    const { frame, dataset, topology } = state;
    const info = frame.meta.microscope.represent;
    context.clearRect(0, 0, width, height);
    if (!info || !frame.mesh || !frame.carried || width < 60 || height < 60) {
      dots.clear();
      return true;
    }
    follow(frame.carried, JSON.stringify([info, dataset.name, topology.layers.length]));
    const left = theme.fontSize * 2.6;
    const bottom = theme.fontSize * 1.6;
    // What is upwards stands above the picture, not on it.
    const title = theme.fontSize * 1.6;
    const box = { left, top: title, width: width - left - 6, height: height - bottom - title - 4 };
    const plot = createPlot(box, ranges[0], ranges[1]);
    context.save();
    context.beginPath();
    context.roundRect(box.left, box.top, box.width, box.height, 7);
    context.fillStyle = theme.paper;
    context.fill();
    context.clip();
    const places = placesOf(frame.mesh, plot);
    const colours = answersOf(frame, dataset.classes.length, theme);
    const [rows, columns] = frame.shapes.mesh;
    if (rows === 1) paintLine(context, places, colours, theme);
    else {
      paintCells(context, places, columns, colours);
      paintLines(context, places, columns, theme);
    }
    context.restore();
    const drawn = paintPoints(dots, state, plot, theme);
    drawAxes(context, plot, theme, { x: info.names[0] });
    const flat = topology.layers[info.layer].units === 1;
    const shape = rows === 1 ? "one unit: a line stays a line" : "one unit: all became a line";
    const words = flat ? shape : `↑ ${info.names[1]}`;
    drawCaption(context, { ...box, top: 0 }, drawn ? words : `${NOT_FINITE} here`, theme);
    return drawn;
  }

  return { draw };
}

/** @typedef {[x: number, y: number] | null} Place null: not a finite number */

/** @param {Float32Array} mesh pairs @param {Plot} plot @returns {Place[]} */
function placesOf(mesh, plot) {
  return Array.from({ length: mesh.length / 2 }, (_, k) => {
    const [x, y] = [plot.x(mesh[2 * k]), plot.y(mesh[2 * k + 1])];
    return Number.isFinite(x + y) ? [x, y] : null;
  });
}

/**
 * The network's answer at each point of the grid, as a colour; "" where it is not a number.
 * @param {Frame} frame @param {number} classes @param {Theme} theme
 * @returns {string[]}
 */
function answersOf(frame, classes, theme) {
  const { mesh_answers: bytes } = frame;
  if (!bytes) return [];
  const [count, rows, columns] = frame.shapes.mesh_answers;
  const points = rows * columns;
  const colours = classColours(theme, classes);
  return Array.from({ length: points }, (_, k) => {
    if (count === 1) return bytes[k] === 0 ? "" : theme.value.at((bytes[k] - 128) / 127);
    let best = 0;
    for (let c = 1; c < count; c++) {
      if (bytes[c * points + k] > bytes[best * points + k]) best = c;
    }
    return css(shade(theme, colours[best], bytes[best * points + k], count));
  });
}

/**
 * @param {CanvasRenderingContext2D} context @param {Place[]} places
 * @param {number} columns @param {string[]} colours
 */
function paintCells(context, places, columns, colours) {
  context.globalAlpha = 0.42;
  for (let k = 0; k + columns < places.length; k++) {
    if (k % columns === columns - 1 || !colours[k]) continue;
    const corners = [k, k + 1, k + columns + 1, k + columns].map((corner) => places[corner]);
    if (corners.includes(null)) continue;
    context.beginPath();
    for (const corner of corners) if (corner) context.lineTo(...corner);
    context.fillStyle = colours[k];
    context.fill();
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Place[]} places
 * @param {number} columns @param {Theme} theme
 */
function paintLines(context, places, columns, theme) {
  context.beginPath();
  for (const [k, place] of places.entries()) {
    if (!place) continue;
    const right = k % columns === columns - 1 ? null : places[k + 1];
    for (const next of [right, places[k + columns]]) {
      if (!next) continue;
      context.moveTo(...place);
      context.lineTo(...next);
    }
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = 0.7;
  context.globalAlpha = 0.4;
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * The curve's grid: a band in the colours of the answers, edged in ink.
 * @param {CanvasRenderingContext2D} context @param {Place[]} places
 * @param {string[]} colours @param {Theme} theme
 */
function paintLine(context, places, colours, theme) {
  context.lineCap = "round";
  for (const width of [8, 6]) {
    for (let k = 0; k + 1 < places.length; k++) {
      const [from, to] = [places[k], places[k + 1]];
      if (!from || !to || !colours[k]) continue;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.lineWidth = width;
      context.strokeStyle = width === 8 ? theme.ink : colours[k];
      context.stroke();
    }
  }
}

/**
 * The training examples, in the colours of their classes or targets.
 * @param {import("../views/points.js").Dots} dots
 * @param {Whole} state @param {Plot} plot @param {Theme} theme
 * @returns {boolean} whether there is any to be drawn
 */
function paintPoints(dots, { frame, dataset }, plot, theme) {
  const { carried = new Float32Array(0), carried_targets: targets = carried } = frame;
  const classes = dataset.classes.length;
  const { negative, zero, positive } = theme.value;
  const pure = classes
    ? classColours(theme, classes)
    : Array.from({ length: SHADES }, (_, k) => {
        const value = (2 * k) / (SHADES - 1) - 1;
        return mix(zero, value < 0 ? negative : positive, Math.abs(value));
      });
  const colours = dotColours(pure, theme);
  const { example } = frame.meta;
  let chosen;
  const drawn = [];
  for (const [k, place] of placesOf(carried, plot).entries()) {
    if (!place) continue;
    const [x, y] = place;
    const level = Math.round(((byteOf(targets[k]) - 1) / 254) * (SHADES - 1));
    const dot = { x, y, colour: classes ? targets[k] : level, test: false, wrong: false };
    drawn.push(dot);
    if (example.part === "train" && example.index === k) chosen = dot;
  }
  dots.draw(drawn, colours, Math.max(2.4, Math.min(4.5, plot.width / 75)), chosen);
  return drawn.length > 0;
}
