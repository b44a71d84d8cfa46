/** The network's lines: colour and thickness are a value per edge. */

/** @typedef {import("./network-layout.js").Layout} Layout */
/** @typedef {import("./network-layout.js").Edges} Edges */
/** @typedef {import("../colour.js").Scale} Scale */
/** @typedef {import("../colour.js").Theme} Theme */

/** Magnitudes are drawn in this many steps of colour and width, so that each step is one stroke. */
const LEVELS = 12;
const BUCKETS = 2 * LEVELS + 2;
const ZERO = 0;
const BROKEN = BUCKETS - 1;
const THINNEST = 0.7;
/** More lines than this say nothing, and cost: the weakest are left out, but for a unit in focus. */
const MOST_LINES = 2000;

/**
 * Sorts edges into buckets by magnitude and sign: counting sort, weakest first so that strong edges
 * lie on top.
 */
export function createEdges() {
  let bucket = new Uint8Array(0);
  let order = new Int32Array(0);
  const starts = new Int32Array(BUCKETS + 1);

  /**
   * @param {Edges} edges
   * @param {Float32Array} values by parameter
   * @param {number} range the magnitude of the last level
   */
  function sort(edges, values, range) {
    if (bucket.length !== edges.count) {
      bucket = new Uint8Array(edges.count);
      order = new Int32Array(edges.count);
    }
    starts.fill(0);
    for (let k = 0; k < edges.count; k++) {
      const value = values[edges.parameter[k]] / range;
      const level = Math.min(LEVELS - 1, Math.floor(Math.abs(value) * LEVELS));
      bucket[k] = value === 0 ? ZERO : level >= 0 ? 2 * level + (value > 0 ? 2 : 1) : BROKEN;
      starts[bucket[k] + 1]++;
    }
    for (let b = 0; b < BUCKETS; b++) starts[b + 1] += starts[b];
    const next = starts.slice();
    for (let k = 0; k < edges.count; k++) order[next[bucket[k]]++] = k;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Layout} layout
   * @param {Float32Array} values by parameter
   * @param {number} range
   * @param {Scale} scale
   * @param {Theme} theme
   * @param {number} focus index in `units` of the unit whose edges stand out, or −1
   */
  function draw(context, layout, values, range, scale, theme, focus) {
    const { edges } = layout;
    sort(edges, values, range);
    const crowd = Math.max(1, ...layout.gaps.map((gap) => gap.end - gap.start));
    const widest = Math.max(
      1,
      Math.min(6.5, layout.height / 75, layout.pitch / 14, 28 / Math.sqrt(crowd)),
    );
    // Among hundreds of lines only the strong ones may speak; among few, each must be seen.
    const [faintest, power] = crowd > 150 ? [0.06, 1.6] : [0.28, 1];
    const weakest = firstShown(edges.count);
    if (focus >= 0) {
      context.globalAlpha = 0.16;
      stroke(weakest, () => true);
      context.globalAlpha = 1;
      stroke(0, (k) => edges.source[k] === focus || edges.target[k] === focus);
    } else {
      stroke(weakest, () => true);
    }

    /** @param {number} from the first bucket @param {(k: number) => boolean} chosen */
    function stroke(from, chosen) {
      for (let b = from; b < BUCKETS; b++) {
        if (starts[b] === starts[b + 1]) continue;
        const share = (((b - 1) >> 1) + 0.5) / LEVELS;
        const strength = (b & 1 ? -1 : 1) * (faintest + (1 - faintest) * share ** power);
        context.lineWidth =
          b === BROKEN ? 1.5 : b === ZERO ? 1 : THINNEST + (widest - THINNEST) * share;
        // A line of zero would be the ground's colour: it is there, and on neither side.
        const neutral = b === ZERO ? theme.line : theme.ink;
        context.strokeStyle = b === ZERO || b === BROKEN ? neutral : scale.at(strength);
        context.setLineDash(b === BROKEN ? [2, 4] : []);
        context.beginPath();
        for (let n = starts[b]; n < starts[b + 1]; n++) {
          if (chosen(order[n])) trace(context, edges, order[n]);
        }
        context.stroke();
      }
      context.setLineDash([]);
    }
  }

  /** @param {number} count @returns {number} the first bucket from which on MOST_LINES are enough */
  function firstShown(count) {
    let b = ZERO;
    while (count - starts[b] > MOST_LINES && b < BROKEN - 2) b += b === ZERO ? 1 : 2;
    return b;
  }

  return { draw };
}

/** @param {CanvasRenderingContext2D} context @param {Edges} edges @param {number} k */
export function trace(context, edges, k) {
  const x1 = edges.x1[k];
  const x2 = edges.x2[k];
  const y1 = edges.y1[k];
  const y2 = edges.y2[k];
  const middle = (x1 + x2) / 2;
  context.moveTo(x1, y1);
  context.bezierCurveTo(middle, y1, middle, y2, x2, y2);
}

/**
 * Draws one edge on top of all, edged in ink.
 * @param {CanvasRenderingContext2D} context
 * @param {Edges} edges
 * @param {number} k
 * @param {Theme} theme
 * @param {string} colour
 */
export function markEdge(context, edges, k, theme, colour) {
  for (const [width, style] of /** @type {[number, string][]} */ ([
    [9, theme.panel],
    [6.5, theme.ink],
    [3.5, colour],
  ])) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    trace(context, edges, k);
    context.stroke();
  }
}
