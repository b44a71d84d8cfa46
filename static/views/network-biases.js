/** The small discs at the units' corners: their biases. */

/** @typedef {import("./network-layout.js").BiasDisc} BiasDisc */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("../colour.js").Theme} Theme */

/** Values are drawn in this many shades on either side of zero, one path each. */
const SHADES = 16;
const RING = 0.8;
const HALO = 2.6;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {BiasDisc[]} discs
 * @param {Float32Array} values by parameter
 * @param {number} range
 * @param {import("../colour.js").Scale} scale
 * @param {Theme} theme
 * @param {Mark | null} mark the one that is pointed at stands out
 */
export function drawBiases(context, discs, values, range, scale, theme, mark) {
  if (mark?.kind === "bias") {
    const marked = discs.filter((disc) => disc.layer === mark.layer && disc.unit === mark.unit);
    trace(context, marked, 4);
    context.fillStyle = theme.accent;
    context.fill();
  }
  // A halo and a ring, one disc upon the other: to fill hundreds is cheaper than to stroke them.
  for (const [grow, colour] of rims(theme)) {
    trace(context, discs, grow);
    context.fillStyle = colour;
    context.fill();
  }

  /** @type {Map<number, BiasDisc[]>} NaN has a shade of its own: ink */
  const shades = new Map();
  for (const disc of discs) {
    const share = Math.max(-1, Math.min(1, values[disc.parameter] / range));
    const shade = Math.sign(share) * Math.ceil(Math.abs(share) * SHADES);
    const alike = shades.get(shade);
    if (alike) alike.push(disc);
    else shades.set(shade, [disc]);
  }
  for (const [shade, alike] of shades) {
    trace(context, alike, -RING / 2);
    const share = shade && Math.sign(shade) * (0.2 + (0.8 * Math.abs(shade)) / SHADES);
    context.fillStyle = Number.isFinite(shade) ? scale.at(share) : theme.ink;
    context.fill();
  }
}

/** @param {Theme} theme @returns {[number, string][]} how far they reach beyond the disc */
function rims(theme) {
  return [
    [HALO / 2, theme.panel],
    [RING / 2, theme.ink],
  ];
}

/** @param {CanvasRenderingContext2D} context @param {BiasDisc[]} discs @param {number} grow */
function trace(context, discs, grow) {
  context.beginPath();
  for (const { x, y, radius } of discs) {
    context.moveTo(x + radius + grow, y);
    context.arc(x, y, radius + grow, 0, 2 * Math.PI);
  }
}
