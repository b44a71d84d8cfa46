/** A schedule drawn by hand: points to drag, or to move with the arrow keys. */

import { svg } from "../svg.js";
import { significant } from "../views/format.js";
import { stepText } from "../views/loss-data.js";
import { tickText } from "../views/plot.js";

/** @typedef {import("./schedules.js").Point} Point */
/** @typedef {import("./schedules.js").Schedule} Schedule */

const BOX = { left: 50, top: 10, width: 252, height: 96 };
const FACTORS = /** @type {const} */ ([1e-8, 1e3]);
const MOST_POINTS = 100;
/** Keys come one after the other: a curve is in force when they have come to rest. */
const REST_MS = 350;

/**
 * @param {HTMLElement} place
 * @param {(points: Point[]) => Promise<unknown>} send
 */
export function createCurveEditor(place, send) {
  const svg = shape("svg", { viewBox: "0 0 312 128", class: "curve", role: "group" });
  svg.setAttribute("aria-label", "Curve of the learning rate: arrows move a point");
  const grid = shape("g", { class: "curve-grid" });
  const now = shape("line", { class: "curve-now", y1: BOX.top, y2: BOX.top + BOX.height });
  const line = shape("polyline", { class: "curve-line" });
  const handles = shape("g", {});
  svg.append(grid, now, line, handles);
  place.append(svg);

  /** @type {Point[]} */
  let points = [];
  let steps = 1;
  let rate = 1;
  let range = [1e-3, 2];
  /** Changed here and not yet in force. */
  let draft = false;
  /** @type {number | null} the point that is dragged */
  let held = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const x = (/** @type {number} */ t) => BOX.left + (BOX.width * t) / steps;
  const y = (/** @type {number} */ factor) =>
    BOX.top + BOX.height * (1 - Math.log(factor / range[0]) / Math.log(range[1] / range[0]));

  /** @param {PointerEvent} event @returns {Point} */
  function pointAt(event) {
    const box = svg.getBoundingClientRect();
    const scale = 312 / box.width;
    const across = ((event.clientX - box.left) * scale - BOX.left) / BOX.width;
    const up = 1 - ((event.clientY - box.top) * scale - BOX.top) / BOX.height;
    const share = Math.min(1, Math.max(0, up));
    return [across * steps, range[0] * (range[1] / range[0]) ** share];
  }

  /** @param {number} k @param {Point} wanted */
  function move(k, [t, factor]) {
    const low = k === 0 ? 0 : points[k - 1][0] + 1;
    const high = k === 0 ? 0 : k === points.length - 1 ? steps : points[k + 1][0] - 1;
    const place = Math.round(Math.min(high, Math.max(low, t)));
    const size = Math.min(FACTORS[1], Math.max(FACTORS[0], factor));
    points = points.with(k, [place, Number(size.toPrecision(3))]);
    draft = true;
    draw();
  }

  /** @param {Point} point @returns {number} where it is now, or −1 where there is no room */
  function add([t, factor]) {
    const at = Math.round(Math.min(steps, Math.max(1, t)));
    if (points.length >= MOST_POINTS || points.some(([other]) => other === at)) return -1;
    const found = points.findIndex(([other]) => other > at);
    const k = found < 0 ? points.length : found;
    points = points.toSpliced(k, 0, [at, factor]);
    move(k, [at, factor]);
    return k;
  }

  /** @param {number} k */
  function remove(k) {
    if (k === 0 || points.length <= 2) return;
    points = points.toSpliced(k, 1);
    draft = true;
    draw();
    focus(k - 1);
    settle(0);
  }

  /** @param {number} wait */
  function settle(wait) {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      await send(points);
      draft = false;
    }, wait);
  }

  /** @param {number} k */
  function focus(k) {
    /** @type {SVGElement | undefined} */ (handles.children[k])?.focus();
  }

  svg.addEventListener("pointerdown", (event) => {
    const k = [...handles.children].indexOf(/** @type {Element} */ (event.target));
    held = k >= 0 ? k : add(pointAt(event));
    if (held < 0) held = null;
    if (held === null) return;
    event.preventDefault();
    focus(held);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (held !== null) move(held, pointAt(event));
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    svg.addEventListener(kind, () => {
      if (held === null) return;
      held = null;
      if (draft) settle(0);
    });
  }
  svg.addEventListener("dblclick", (event) => {
    remove([...handles.children].indexOf(/** @type {Element} */ (event.target)));
  });
  svg.addEventListener("keydown", (event) => {
    const k = [...handles.children].indexOf(/** @type {Element} */ (event.target));
    if (k < 0) return;
    const [t, factor] = points[k];
    const far = event.shiftKey ? 10 : 1;
    const across = (steps / 100) * far;
    const up = event.shiftKey ? 2 : 1.1;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => move(k, [t - across, factor]),
      ArrowRight: () => move(k, [t + across, factor]),
      ArrowUp: () => move(k, [t, factor * up]),
      ArrowDown: () => move(k, [t, factor / up]),
      Delete: () => remove(k),
      Backspace: () => remove(k),
      Enter: () => focus(add([(t + (points[k + 1]?.[0] ?? steps)) / 2, factor])),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
    if (draft) settle(REST_MS);
  });

  function draw() {
    line.setAttribute(
      "points",
      [...points, /** @type {Point} */ ([steps, points.at(-1)?.[1] ?? 1])]
        .map(([t, factor]) => `${x(t)},${y(factor)}`)
        .join(" "),
    );
    while (handles.children.length > points.length) handles.lastChild?.remove();
    while (handles.children.length < points.length) {
      handles.append(shape("circle", { r: 6, tabindex: 0, role: "slider", class: "curve-point" }));
    }
    points.forEach(([t, factor], k) => {
      const words = `after ${t} steps times ${significant(factor)}: a rate of ${significant(rate * factor)}`;
      set(handles.children[k], {
        cx: x(t),
        cy: y(factor),
        "aria-label": `point ${k + 1} of ${points.length}`,
        "aria-valuenow": factor,
        "aria-valuetext": words,
      });
    });
  }

  function drawGrid() {
    const [low, high] = range;
    grid.replaceChildren();
    for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power++) {
      const height = y(10 ** power);
      const ends = { x1: BOX.left, x2: BOX.left + BOX.width, y1: height, y2: height };
      const words = shape("text", { x: BOX.left - 9, y: height + 4, "text-anchor": "end" });
      words.textContent = `×${tickText(10 ** power)}`;
      grid.append(shape("line", ends), words);
    }
    for (const share of [0, 0.5, 1]) {
      const anchor = share === 1 ? "end" : share ? "middle" : "start";
      const words = shape("text", { x: x(share * steps), y: 123, "text-anchor": anchor });
      words.textContent = `${share ? "+" : ""}${stepText(Math.round(share * steps))}`;
      grid.append(words);
    }
  }

  return {
    /**
     * @param {Schedule} schedule in force
     * @param {number} done steps since its beginning
     * @param {number} learningRate that its factors multiply
     */
    show(schedule, done, learningRate) {
      rate = learningRate;
      if (!draft && held === null && schedule.points) {
        const end = Math.max(schedule.steps ?? 1, schedule.points.at(-1)?.[0] ?? 1);
        const shown = JSON.stringify([schedule.points, end]);
        if (shown !== JSON.stringify([points, steps])) {
          points = schedule.points;
          steps = end;
          const factors = points.map(([, factor]) => factor);
          range = [Math.min(1e-3, ...factors), Math.max(2, ...factors)];
          drawGrid();
          draw();
        }
      }
      const at = x(Math.min(Math.max(done, 0), steps));
      set(now, { x1: at, x2: at });
    },
  };
}

/** @param {string} tag @param {Record<string, string | number>} attributes @returns {SVGElement} */
function shape(tag, attributes) {
  const element = svg(tag);
  set(element, attributes);
  return element;
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}
