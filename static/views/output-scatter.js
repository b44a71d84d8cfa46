/** Regression on a table: prediction against truth, the diagonal being perfection. */

import { significant } from "./format.js";
import { createPlot, drawAxes } from "./plot.js";

/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Dataset} Dataset */

/** @param {import("./points.js").Dots} dots */
export function createScatter(dots) {
  /**
   * @param {import("../canvas.js").Surface} surface
   * @param {{dataset: Dataset, frame: Frame}} state
   * @param {import("../colour.js").Theme} theme
   */
  function draw(surface, { dataset, frame }, theme) {
    const { context, width, height } = surface;
    const { predictions } = frame;
    if (!predictions) return [];
    const count = frame.shapes.predictions[1];
    const truth = predictions.subarray(0, count);
    const guess = predictions.subarray(count);
    const title = theme.fontSize * 1.5;
    const left = theme.fontSize * 2.4;
    const side = Math.min(width - left - 4, height - title - theme.fontSize * 1.5);
    const box = { left: left + (width - left - side) / 2, top: title, width: side, height: side };
    const range = spread(truth);
    const plot = createPlot(box, range, range);
    drawAxes(context, plot, theme, { grid: true });

    context.strokeStyle = theme.muted;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(plot.x(range[0]), plot.y(range[0]));
    context.lineTo(plot.x(range[1]), plot.y(range[1]));
    context.stroke();
    context.setLineDash([]);

    const radius = Math.max(2.8, Math.min(5, side / 70));
    const drawn = Array.from(truth, (value, k) => ({
      x: plot.x(value),
      // A prediction beyond the axes stands at their edge, in the ring of what is wrong.
      y: Math.max(box.top, Math.min(box.top + side, plot.y(guess[k]) || box.top)),
      colour: 0,
      test: false,
      wrong: !(guess[k] >= range[0] && guess[k] <= range[1]),
    }));
    const { example, test_metric: score } = frame.meta;
    const chosen = example.part === "test" ? drawn[example.index] : undefined;
    dots.draw(drawn, [theme.value.at(1)], radius, chosen);

    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillStyle = theme.ink;
    context.font = `600 ${Math.round(theme.fontSize * 0.86)}px ${theme.font}`;
    context.fillText(`test R² ${score === null ? "–" : significant(score)}`, 0, 0);
    context.textAlign = "right";
    context.font = `${Math.round(theme.fontSize * 0.8)}px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.fillText(`true → predicted ↑ ${dataset.target}`, width, 1);
    return drawn.map(({ x, y }, index) => ({ part: /** @type {const} */ ("test"), index, x, y }));
  }

  return { draw };
}

/** @param {Float32Array} values @returns {[number, number]} */
function spread(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(high > low)) return [-1, 1];
  const air = (high - low) * 0.08;
  return [low - air, high + air];
}
