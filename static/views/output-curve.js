/** One input, one output: the fitted curve through the points, or one unit's curve. */

import { significant } from "./format.js";
import { existing, markOf, unitName } from "./marks.js";
import { createPlot, drawAxes, drawCaption } from "./plot.js";

/** @typedef {import("./ready.js").Whole} Whole */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("./output-plane.js").Target} Target */

/**
 * @param {import("./points.js").Dots} dots
 * @param {import("../canvas.js").Surface} top above the dots, which are many: there is the curve
 */
export function createCurve(dots, top) {
  /**
   * @param {import("../canvas.js").Surface} surface
   * @param {Whole} state
   * @param {import("../colour.js").Theme} theme
   * @returns {Target[]}
   */
  function draw(surface, state, theme) {
    const { context, width, height } = surface;
    const { dataset, frame, topology, view } = state;
    const left = theme.fontSize * 2.4;
    const box = {
      left,
      top: 3,
      width: width - left - 3,
      height: height - theme.fontSize * 1.5 - 3,
    };
    const range = /** @type {[number, number]} */ (dataset.range);
    const mark = existing(markOf(view), topology);
    if (mark?.kind === "unit" && frame.fields && frame.field_scales) {
      const row = topology.layers[mark.layer].row + mark.unit;
      const scale = frame.field_scales[row];
      const count = frame.shapes.fields[2];
      const bytes = frame.fields.subarray(row * count, (row + 1) * count);
      const values = Array.from(bytes, (byte) => ((byte - 128) / 127) * scale);
      const plot = createPlot(box, range, [-1.1 * (scale || 1), 1.1 * (scale || 1)]);
      drawAxes(context, plot, theme, { x: "x", grid: true });
      trace(
        context,
        plot,
        (k) => range[0] + ((range[1] - range[0]) * k) / (count - 1),
        values,
        theme,
      );
      const name = unitName(topology, mark.layer, mark.unit);
      drawCaption(context, box, `${name} · ±${significant(scale)}`, theme);
      dots.clear();
      return [];
    }
    const plot = createPlot(box, range, spread(dataset));
    drawAxes(context, plot, theme, { x: "x", y: "y", grid: true });
    /** @type {Target[]} */
    const targets = [];
    for (const part of /** @type {const} */ (["train", "test"])) {
      if (part === "test" && !view.showTest) continue;
      dataset[part].points.forEach(([x], index) => {
        const y = plot.y(dataset[part].targets[index]);
        targets.push({ part, index, x: plot.x(x), y });
      });
    }
    const radius = Math.max(2.6, Math.min(5, width / 80));
    const zero = plot.y(0);
    const looks = targets.map(({ part, x, y }) => {
      return { x, y, colour: y > zero ? 0 : 1, test: part === "test", wrong: false };
    });
    const { example } = frame.meta;
    const chosen = targets.findIndex((t) => t.part === example.part && t.index === example.index);
    dots.draw(looks, [theme.value.at(-1), theme.value.at(1)], radius, looks[chosen]);
    const { fit } = frame;
    if (fit) {
      const count = frame.shapes.fit[1];
      trace(top.context, plot, (k) => fit[k], fit.subarray(count), theme);
    }
    return targets;
  }

  return { draw };
}

/**
 * A line of ink, haloed so that it stands out from the points, which wear the colours of values.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./plot.js").Plot} plot
 * @param {(k: number) => number} at
 * @param {ArrayLike<number>} values
 * @param {import("../colour.js").Theme} theme
 */
function trace(context, plot, at, values, theme) {
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.width, plot.height);
  context.clip();
  context.beginPath();
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) context.lineTo(plot.x(at(k)), plot.y(values[k]));
  }
  context.lineJoin = "round";
  for (const [width, colour] of /** @type {[number, string][]} */ ([
    [7, theme.panel],
    [3.5, theme.ink],
  ])) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
  context.restore();
}

/** @param {Dataset} dataset @returns {[number, number]} all targets, and some air */
function spread(dataset) {
  const values = [...dataset.train.targets, ...dataset.test.targets];
  const low = Math.min(...values, 0);
  const high = Math.max(...values, 0);
  const air = (high - low || 1) * 0.12;
  return [low - air, high + air];
}
