/** The plane as a layer has it: the warped grid, coloured by what the network answers, and points. */

import { classColours, css, mix } from "../colour.js";
import { createPlot, drawAxes, drawCaption } from "../views/plot.js";

/** @typedef {import("../views/ready.js").Whole} Whole */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {[number, number]} Range */

/** Room around the points, and how much of it may be empty before the view draws nearer. */
const ROOM = 0.18;
const LOOSE = 0.55;

export function createMesh() {
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
        if (points[k] < low) low = points[k];
        if (points[k] > high) high = points[k];
      }
      if (!(high > low)) [low, high] = [(low || 0) - 1, (high || 0) + 1];
      if (!Number.isFinite(low + high)) return ranges[axis] ?? [-1, 1];
      const before = afresh ? undefined : ranges[axis];
      const size = high - low;
      const fits = before && low >= before[0] && high <= before[1];
      if (fits && size > LOOSE * (before[1] - before[0])) return before;
      return /** @type {Range} */ ([low - ROOM * size, high + ROOM * size]);
    });
  }

  /**
   * @param {import("../canvas.js").Surface} surface @param {Whole} state @param {Theme} theme
   */
  function draw({ context, width, height }, state, theme) {
    const { frame, dataset } = state;
    const info = frame.meta.microscope.represent;
    context.clearRect(0, 0, width, height);
    if (!info || !frame.mesh || !frame.carried || width < 60 || height < 60) return;
    follow(frame.carried, JSON.stringify([info, state.topology.layers.length]));
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
    const answers = answersOf(state, theme, info.size);
    paintCells(context, frame.mesh, info.size, plot, answers);
    paintLines(context, frame.mesh, info.size, plot, theme);
    paintPoints(context, frame.carried, dataset, plot, theme);
    context.restore();
    drawAxes(context, plot, theme, { x: info.names[0] });
    const flat = state.topology.layers[info.layer].units === 1;
    const words = flat ? "one unit: the plane became a line" : `↑ ${info.names[1]}`;
    drawCaption(context, { ...box, top: 0 }, words, theme);
  }

  return { draw };
}

/**
 * The network's answer at each point of the mesh, as a colour.
 * @param {Whole} state @param {Theme} theme @param {number} size
 */
function answersOf({ frame, dataset }, theme, size) {
  const { surface: bytes } = frame;
  if (!bytes) return [];
  const [count, side] = frame.shapes.surface;
  const colours = classColours(theme, count);
  return Array.from({ length: size * size }, (_, k) => {
    const share = (/** @type {number} */ n) => Math.round((n / (size - 1)) * (side - 1));
    const place = (side - 1 - share(Math.floor(k / size))) * side + share(k % size);
    if (count === 1) return theme.value.at((bytes[place] - 128) / 127);
    let best = 0;
    for (let c = 1; c < count; c++)
      if (bytes[c * side * side + place] > bytes[best * side * side + place]) best = c;
    return css(dataset.classes.length ? mix(theme.rgb.paper, colours[best], 0.7) : colours[best]);
  });
}

/**
 * @param {CanvasRenderingContext2D} context @param {Float32Array} mesh @param {number} size
 * @param {import("../views/plot.js").Plot} plot @param {string[]} answers
 */
function paintCells(context, mesh, size, plot, answers) {
  if (answers.length === 0) return;
  context.globalAlpha = 0.42;
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const k = row * size + column;
      context.beginPath();
      for (const corner of [k, k + 1, k + size + 1, k + size]) {
        context.lineTo(plot.x(mesh[2 * corner]), plot.y(mesh[2 * corner + 1]));
      }
      context.fillStyle = answers[k];
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Float32Array} mesh @param {number} size
 * @param {import("../views/plot.js").Plot} plot @param {Theme} theme
 */
function paintLines(context, mesh, size, plot, theme) {
  context.beginPath();
  for (const across of [true, false]) {
    for (let one = 0; one < size; one++) {
      for (let other = 0; other < size; other++) {
        const k = across ? one * size + other : other * size + one;
        const [x, y] = [plot.x(mesh[2 * k]), plot.y(mesh[2 * k + 1])];
        if (other === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
    }
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = 0.7;
  context.globalAlpha = 0.4;
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Float32Array} points
 * @param {import("../views/types.js").Dataset} dataset @param {import("../views/plot.js").Plot} plot
 * @param {Theme} theme
 */
function paintPoints(context, points, dataset, plot, theme) {
  const { targets } = dataset.train;
  const classes = dataset.classes.length;
  const shade = (/** @type {number} */ k) => (classes ? targets[k] : Math.sign(targets[k]) + 1);
  const colours = classes
    ? classColours(theme, classes)
    : [theme.value.negative, theme.value.zero, theme.value.positive];
  const radius = Math.max(2.2, Math.min(4.5, plot.width / 75));
  for (const [index, colour] of colours.entries()) {
    for (const [size, style] of /** @type {[number, string][]} */ ([
      [radius, "white"],
      [radius - 1, css(mix(colour, [0, 0, 0], 0.3))],
    ])) {
      context.beginPath();
      for (let k = 0; 2 * k < points.length; k++) {
        if (shade(k) !== index) continue;
        const [x, y] = [plot.x(points[2 * k]), plot.y(points[2 * k + 1])];
        context.moveTo(x + size, y);
        context.arc(x, y, size, 0, 2 * Math.PI);
      }
      context.fillStyle = style;
      context.fill();
    }
  }
}
