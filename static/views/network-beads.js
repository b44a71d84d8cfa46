/** The network's beads: each is one weight's gradient, on its way back. */

import { curveX, curveY } from "./network-hit.js";

/** @typedef {import("./network-layout.js").Layout} Layout */
/** @typedef {import("./network-layout.js").Edges} Edges */
/** @typedef {import("../colour.js").Theme} Theme */

const MOST_BEADS = 220;
const LARGEST_BEAD = 5.5;
/** Steps of magnitude per range, when the weakest beads are left out. */
const LEVELS = 16;
const GOLDEN = 0.6180339887498949;

/**
 * The gradients' beads, travelling back along their edges. Speed follows the layer's gradient on a
 * logarithmic scale: where no signal comes through, nothing moves.
 */
export function createBeads() {
  /** @type {Float64Array} how far each gap's beads have come */
  let phases = new Float64Array(0);
  const tally = new Int32Array(64);

  /**
   * @param {Layout} layout
   * @param {Float32Array} gradients
   * @param {number} seconds since the last call; 0 holds the beads where they are
   */
  function advance(layout, gradients, seconds) {
    if (phases.length !== layout.gaps.length) phases = new Float64Array(layout.gaps.length);
    layout.gaps.forEach((gap, index) => {
      let sum = 0;
      for (let k = gap.start; k < gap.end; k++) sum += gradients[layout.edges.parameter[k]] ** 2;
      const size = Math.sqrt(sum / (gap.end - gap.start));
      phases[index] += seconds * flowSpeed(size);
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Layout} layout
   * @param {Float32Array} gradients
   * @param {number} range
   * @param {Theme} theme
   * @param {boolean} still all beads half-way: for those who asked for less motion
   * @param {number} focus index in `units`: only its edges' beads are drawn; −1 for all
   */
  function draw(context, layout, gradients, range, theme, still, focus) {
    const { edges, gaps } = layout;
    const least = threshold(edges, gradients, range);
    const largest = Math.max(
      2.4,
      Math.min(LARGEST_BEAD, layout.height / 80, 70 / Math.sqrt(edges.count)),
    );
    context.lineWidth = 1.2;
    context.strokeStyle = theme.panel;
    for (const sign of [-1, 1]) {
      context.fillStyle = theme.gradient.at(sign);
      context.beginPath();
      gaps.forEach((gap, index) => {
        const phase = phases[index] ?? 0;
        for (let k = gap.start; k < gap.end; k++) {
          const size = (gradients[edges.parameter[k]] / range) * sign;
          if (!(size > least)) continue;
          if (focus >= 0 && edges.source[k] !== focus && edges.target[k] !== focus) continue;
          const way = still ? 0.5 : 1 - ((phase + k * GOLDEN) % 1);
          const edge = Math.min(1, 10 * way, 10 * (1 - way));
          const radius = largest * Math.sqrt(Math.min(1, size)) * edge;
          const t = 0.04 + 0.92 * way;
          const x = curveX(edges.x1[k], edges.x2[k], t);
          const y = curveY(edges.y1[k], edges.y2[k], t);
          context.moveTo(x + radius, y);
          context.arc(x, y, radius, 0, 2 * Math.PI);
        }
      });
      context.stroke();
      context.fill();
    }
  }

  /** The share of `range` below which beads are left out, so that at most MOST_BEADS are drawn. */
  /** @param {Edges} edges @param {Float32Array} gradients @param {number} range */
  function threshold(edges, gradients, range) {
    const least = 0.008;
    if (edges.count <= MOST_BEADS) return least;
    tally.fill(0);
    for (let k = 0; k < edges.count; k++) {
      const share = Math.abs(gradients[edges.parameter[k]] / range);
      if (share > least) tally[Math.min(63, Math.floor(share * LEVELS))]++;
    }
    let level = 64;
    for (let count = 0; level > 0 && count + tally[level - 1] <= MOST_BEADS; level--) {
      count += tally[level - 1];
    }
    return Math.max(least, level / LEVELS);
  }

  return { advance, draw };
}

/**
 * @param {number} size root mean square of a layer's weight gradients
 * @returns {number} crossings per second: 0.35 at 10⁻², a quarter of that per factor 1000 less
 */
export function flowSpeed(size) {
  if (!(size > 0)) return 0;
  return 0.35 * Math.max(0.04, Math.min(1.6, 1 + Math.log10(size / 1e-2) / 4));
}
