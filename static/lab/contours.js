/** Marching squares: where a grid of numbers lies at or above a level, as closed lines. */

/** Past the edge of the grid all is below: so every line is closed, and the drawing cuts it off. */
const OUTSIDE = Number.NEGATIVE_INFINITY;

/**
 * The edges of a square that a line enters and leaves by, for each way in which its corners can be
 * above. Corners count 1, 2, 4, 8 from the first, around; edge k runs from corner k to the next.
 * A line enters by an edge on which what is above comes first, so the pieces of neighbours join.
 * @type {number[][][]}
 */
const LINES = [
  [],
  [[0, 3]],
  [[1, 0]],
  [[1, 3]],
  [[2, 1]],
  [
    [0, 3],
    [2, 1],
  ],
  [[2, 0]],
  [[2, 3]],
  [[3, 2]],
  [[0, 2]],
  [
    [1, 0],
    [3, 2],
  ],
  [[1, 2]],
  [[3, 1]],
  [[0, 1]],
  [[3, 0]],
  [],
];
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * @param {ArrayLike<number>} grid rows one after the other
 * @param {number} side of the square grid
 * @param {number} level
 * @returns {[number, number][][]} closed lines, in columns and rows; those outside the grid belong
 *   to its edge. What is NaN counts as below.
 */
export function contours(grid, side, level) {
  const at = (/** @type {number} */ i, /** @type {number} */ j) => {
    if (i < 0 || j < 0 || i >= side || j >= side) return OUTSIDE;
    const value = grid[j * side + i];
    return Number.isNaN(value) ? OUTSIDE : value;
  };
  /** From the edge that a piece starts on to where it ends. @type {Map<string, Piece>} */
  const pieces = new Map();
  for (let j = -1; j < side; j++) {
    for (let i = -1; i < side; i++) {
      let which = 0;
      CORNERS.forEach(([x, y], k) => {
        if (at(i + x, j + y) >= level) which += 1 << k;
      });
      for (const [from, to] of LINES[which]) {
        const start = edge(i, j, from);
        pieces.set(start.name, { point: crossing(start), next: edge(i, j, to).name });
      }
    }
  }

  /** @param {ReturnType<typeof edge>} edge @returns {[number, number]} */
  function crossing({ a, b }) {
    const [low, high] = [at(a[0], a[1]), at(b[0], b[1])];
    const outside = low === OUTSIDE || high === OUTSIDE;
    const share = outside ? 0.5 : (level - low) / (high - low);
    return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
  }

  const lines = [];
  while (pieces.size > 0) {
    /** @type {[number, number][]} */
    const line = [];
    let [name] = pieces.keys();
    for (let piece = pieces.get(name); piece; piece = pieces.get(name)) {
      line.push(piece.point);
      pieces.delete(name);
      name = piece.next;
    }
    lines.push(line);
  }
  return lines;
}

/** @typedef {{point: [number, number], next: string}} Piece */

/** @param {number} i @param {number} j of a square's first corner @param {number} k of its edge */
function edge(i, j, k) {
  const a = [i + CORNERS[k][0], j + CORNERS[k][1]];
  const end = CORNERS[(k + 1) % 4];
  const b = [i + end[0], j + end[1]];
  // The same name from both of the squares that share it.
  const [first, second] = a[0] < b[0] || a[1] < b[1] ? [a, b] : [b, a];
  return { a: first, b: second, name: `${first} ${second}` };
}

/**
 * Levels for a map: evenly between the lowest and the highest number that is finite.
 * @param {ArrayLike<number>} grid
 * @param {number} count
 * @returns {{low: number, high: number, levels: number[]}}
 */
export function levelsOf(grid, count) {
  const finite = Array.from(grid).filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const levels = Array.from({ length: count }, (_, k) => low + ((high - low) * k) / count);
  return { low, high, levels };
}
