/** What of the network lies under the pointer: reads the same layout that is drawn. */

/** @typedef {import("./network-layout.js").Layout} Layout */
/** @typedef {import("./types.js").Mark} Mark */

const UNIT_REACH = 9;
const EDGE_REACH = 7;

/**
 * @param {Layout} layout
 * @param {number} x CSS pixels from the canvas's left
 * @param {number} y CSS pixels from its top
 * @param {number} [slack] added to every reach: a finger is wider than a pointer
 * @returns {Mark | null} a bias disc, else the nearest unit, else the nearest edge
 */
export function hit(layout, x, y, slack = 0) {
  for (const disc of layout.biases) {
    if (Math.hypot(disc.x - x, disc.y - y) <= disc.radius + 2 + slack / 2) {
      return { kind: "bias", layer: disc.layer, unit: disc.unit };
    }
  }
  return hitUnit(layout, x, y, UNIT_REACH + slack) ?? hitEdge(layout, x, y, EDGE_REACH + slack);
}

/** @param {Layout} layout @param {number} x @param {number} y @param {number} reach @returns {Mark | null} */
function hitUnit(layout, x, y, reach) {
  let nearest = null;
  let least = reach;
  for (const box of layout.units) {
    const half = box.size / 2;
    const dx = Math.max(0, Math.abs(box.x - x) - half);
    const dy = Math.max(0, Math.abs(box.y - y) - half);
    const distance = Math.hypot(dx, dy);
    if (distance >= least) continue;
    least = distance;
    nearest = box;
    if (distance === 0) break;
  }
  return nearest && { kind: "unit", layer: nearest.layer, unit: nearest.unit };
}

/** @param {Layout} layout @param {number} x @param {number} y @param {number} reach @returns {Mark | null} */
function hitEdge(layout, x, y, reach) {
  const { edges, gaps, units } = layout;
  let nearest = -1;
  let least = reach;
  for (const gap of gaps) {
    for (let k = gap.start; k < gap.end; k++) {
      const across = edges.x2[k] - edges.x1[k];
      const share = (x - edges.x1[k]) / across;
      if (!(share >= 0 && share <= 1)) continue;
      const t = timeAt(share);
      const rise = edges.y2[k] - edges.y1[k];
      const slope = (rise * 6 * t * (1 - t)) / (across * (1.5 - 3 * t + 3 * t * t));
      const distance = Math.abs(curveY(edges.y1[k], edges.y2[k], t) - y) / Math.hypot(1, slope);
      if (distance < least) {
        least = distance;
        nearest = k;
      }
    }
  }
  if (nearest < 0) return null;
  const target = units[edges.target[nearest]];
  const { unit: input } = units[edges.source[nearest]];
  return { kind: "weight", layer: target.layer, unit: target.unit, input };
}

// An edge is the cubic Bézier curve whose control points lie half-way across, level with its ends.

/** @param {number} x1 @param {number} x2 @param {number} t */
export function curveX(x1, x2, t) {
  return x1 + (x2 - x1) * (1.5 * t * (1 - t) + t * t * t);
}

/** @param {number} y1 @param {number} y2 @param {number} t */
export function curveY(y1, y2, t) {
  return y1 + (y2 - y1) * (3 - 2 * t) * t * t;
}

/** @param {number} share of the way across @returns {number} the t at which the curve is there */
export function timeAt(share) {
  let low = 0;
  let high = 1;
  for (let k = 0; k < 12; k++) {
    const middle = (low + high) / 2;
    if (curveX(0, 1, middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
