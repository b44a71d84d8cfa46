/** A small picture of what each replica answers, a button that adopts it. */

import { make } from "../controls/fields.js";
import { svg } from "../svg.js";
import { significant } from "../views/format.js";
import { tickText } from "../views/plot.js";
import { painterOf } from "./race-paint.js";
import { labelMark } from "./ramp.js";

/** @typedef {import("./race-data.js").Race} Race */
/** @typedef {import("./race-data.js").Runner} Runner */
/** @typedef {import("./race-paint.js").Painter} Painter */

const SMALLEST = 15;
const LARGEST = 92;
const WORTH_A_ROW = 1.4;
const ROOM_FOR_A_RATE = 3.1;
const ROOM_FOR_A_WORD = 5.6;

/**
 * @param {HTMLElement} place
 * @param {{point: (key: string | null) => void, adopt: (runner: Runner, from: HTMLElement) => void}} actions
 */
export function createTiles(place, actions) {
  /** @type {Map<string, ReturnType<typeof tile>>} */
  let tiles = new Map();
  let builtFor = "";
  /** The one that Tab leads to. */
  let reached = "0-0";

  /** @param {string} key @param {boolean} [focus] */
  function reach(key, focus) {
    tiles.get(reached)?.button.setAttribute("tabindex", "-1");
    reached = tiles.has(key) ? key : "0-0";
    const { button } = /** @type {ReturnType<typeof tile>} */ (tiles.get(reached));
    button.setAttribute("tabindex", "0");
    if (focus) button.focus();
  }

  /** @param {Race} race */
  function build(race) {
    tiles = new Map();
    const rows = race.lanes.map((lane, k) => {
      const row = make("div", { className: "lab-tiles", role: "group" });
      row.setAttribute("aria-label", `Outputs, ${race.names[k]}`);
      for (const runner of lane) {
        const one = tile(runner);
        tiles.set(runner.key, one);
        const { button } = one;
        button.addEventListener("pointerenter", () => actions.point(runner.key));
        button.addEventListener("pointerleave", () => actions.point(null));
        button.addEventListener("focus", () => {
          reach(runner.key);
          actions.point(runner.key);
        });
        button.addEventListener("blur", () => actions.point(null));
        button.addEventListener("click", () => actions.adopt(one.runner, button));
        row.append(button);
      }
      const name = race.lanes.length > 1 ? [make("p", { className: "note" }, race.names[k])] : [];
      return make("div", { className: "lab-lane" }, ...name, row);
    });
    place.replaceChildren(...rows);
    reach("0-0");
  }

  place.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    const [lane, replica] = reached.split("-").map(Number);
    const key = `${lane + move[0]}-${replica + move[1]}`;
    event.preventDefault();
    if (tiles.has(key)) reach(key, true);
  });

  return {
    tile: (/** @type {string} */ key) => tiles.get(key)?.button ?? null,
    /**
     * @param {Race} race
     * @param {import("../views/types.js").State} state
     * @param {import("../colour.js").Theme} theme
     * @param {(share: number) => string} ramp
     * @param {number} height there is for all lanes
     */
    draw(race, state, theme, ramp, height) {
      const shape = `${race.names} ${race.info.rates}`;
      if (shape !== builtFor) build(race);
      builtFor = shape;
      const width = place.clientWidth - 4;
      const { length } = race.info.rates;
      const named = race.lanes.length > 1 ? theme.fontSize * 7 : 0;
      const foot = theme.fontSize * 1.1;
      const room = { width: width - named, height: height / race.lanes.length };
      const { side, roomy } = fitted(length, room, foot, theme.fontSize * ROOM_FOR_A_RATE);
      place.style.setProperty("--tile", `${side}px`);
      const painter = painterOf(race, state, theme);
      const look = { rate: roomy, word: side > theme.fontSize * ROOM_FOR_A_WORD };
      place.classList.toggle("small", side < 30);
      place.classList.toggle("tiny", side < 20);
      for (const runner of race.lanes.flat()) {
        tiles.get(runner.key)?.show(runner, race, painter, ramp(runner.share), look);
      }
    },
  };
}

/**
 * How large the pictures of a lane can be. They wrap where that makes them much larger.
 * @param {number} count
 * @param {{width: number, height: number}} room
 * @param {number} foot the height of a rate beneath
 * @param {number} wide enough for a rate beneath
 */
function fitted(count, room, foot, wide) {
  let best = { side: 0, roomy: false };
  for (let rows = 1; rows <= 4; rows++) {
    const width = Math.min(room.width / Math.ceil(count / rows) - 4, LARGEST);
    const roomy = width > wide;
    const side = Math.floor(Math.min(width, room.height / rows - (roomy ? foot : 0) - 4));
    if (side > best.side * WORTH_A_ROW) best = { side, roomy };
  }
  return { ...best, side: Math.max(SMALLEST, best.side) };
}

/** @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** @param {Runner} first */
function tile(first) {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas"));
  const sign = svg("svg", { viewBox: "0 0 16 16", class: "lab-sign", "aria-hidden": "true" });
  const foot = make("span", { className: "lab-tile-foot" });
  const button = make(
    "button",
    { type: "button", className: "lab-tile runner" },
    canvas,
    sign,
    foot,
  );
  button.dataset.key = first.key;
  button.setAttribute("tabindex", "-1");
  let shown = "";
  const one = {
    button: /** @type {HTMLButtonElement} */ (button),
    runner: first,
    /**
     * @param {Runner} runner
     * @param {Race} race
     * @param {Painter} painter
     * @param {string} colour
     * @param {{rate: boolean, word: boolean}} look
     */
    show(runner, race, painter, colour, look) {
      one.runner = runner;
      button.style.setProperty("--rate", colour);
      canvas.hidden = !runner.picture;
      if (runner.picture) painter(canvas, runner.picture);
      const said = `rate ${significant(runner.rate)}: ${runner.label}`;
      const lane = race.lanes.length > 1 ? `${race.names[runner.lane]}, ` : "";
      const loss = `training loss ${significant(runner.loss)}`;
      button.setAttribute("aria-label", `${lane}${said}, ${loss}. Adopt`);
      const words = `${runner.label} ${look.rate} ${look.word}`;
      if (words === shown) return;
      shown = words;
      sign.replaceChildren(labelMark(runner.label, 8, 8, 4.6, "currentColor"));
      const parts = [];
      if (look.rate) parts.push(tickText(Number(runner.rate.toPrecision(3))));
      if (look.word) parts.push(runner.label);
      foot.classList.toggle("two-lines", look.word);
      foot.replaceChildren(...parts.map((part) => make("span", {}, part)));
      button.dataset.label = runner.label;
    },
  };
  return one;
}
