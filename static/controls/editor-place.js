/** Where the editor of a number stands: near what it sets, and not on it. */

/** @typedef {import("../views/network-layout.js").Layout} Layout */
/** @typedef {import("../views/types.js").Mark} Mark */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Sides */

/** From what it must not cover, and from the sides of the window. */
const GAP = 12;
const MARGIN = 8;

/**
 * @param {{x: number, y: number}} anchor what was pointed at
 * @param {{width: number, height: number}} size of the editor
 * @param {{width: number, height: number}} room the window
 * @param {Sides[]} spared what it is not to cover where there is room beside it
 * @returns {{left: number, top: number}} inside the room, whatever else
 */
export function placeBeside({ x, y }, size, room, spared) {
  const within = (
    /** @type {number} */ at,
    /** @type {number} */ length,
    /** @type {number} */ end,
  ) => Math.max(MARGIN, Math.min(at, end - length - MARGIN));
  const middle = x - size.width / 2;
  const wishes = [
    [x + GAP, y + GAP],
    [x + GAP, y - GAP - size.height],
    [x - GAP - size.width, y + GAP],
    [x - GAP - size.width, y - GAP - size.height],
    [middle, Math.max(...spared.map(({ bottom }) => bottom)) + GAP],
    [middle, Math.min(...spared.map(({ top }) => top)) - GAP - size.height],
  ];
  const places = wishes.map(([left, top]) => ({
    left: within(left, size.width, room.width),
    top: within(top, size.height, room.height),
  }));
  const free = places.find(({ left, top }) =>
    spared.every(
      (one) =>
        left >= one.right ||
        left + size.width <= one.left ||
        top >= one.bottom ||
        top + size.height <= one.top,
    ),
  );
  return free ?? places[0];
}

/**
 * The units at the ends of a weight, or the one of a bias.
 * @param {Layout} layout
 * @param {Mark} mark
 * @param {{left: number, top: number}} origin of the layout in the window
 * @returns {Sides[]} in the window
 */
export function endsOf({ units, starts }, mark, { left, top }) {
  const ends = [(starts[mark.layer] ?? -1) + mark.unit];
  // The pixels of an image have no boxes of their own.
  if (mark.kind === "weight" && starts[mark.layer] > starts[mark.layer - 1]) {
    ends.push(starts[mark.layer - 1] + mark.input);
  }
  return ends
    .flatMap((k) => units[k] ?? [])
    .map(({ x, y, size }) => ({
      left: left + x - size / 2,
      top: top + y - size / 2,
      right: left + x + size / 2,
      bottom: top + y + size / 2,
    }));
}
