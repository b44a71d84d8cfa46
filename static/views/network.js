/** The network: lines are weights, squares are units, beads are gradients on their way back. */

import { createSurface, prefersReducedMotion } from "../canvas.js";
import { themeOf } from "../colour.js";
import { createFocus } from "./focus.js";
import { createLegend } from "./legend.js";
import { existing, markOf, parameterOf } from "./marks.js";
import { createBeads } from "./network-beads.js";
import { drawBiases } from "./network-biases.js";
import { BARS_FROM } from "./network-cells.js";
import { createEdges, markEdge } from "./network-edges.js";
import { listenKeys } from "./network-keys.js";
import { layoutNetwork } from "./network-layout.js";
import { listen } from "./network-pointer.js";
import { createUnits, drawLabels, drawPicture, drawUnits, trace } from "./network-units.js";
import { createRange, robustMax } from "./ranges.js";
import { isReady } from "./ready.js";
import { createSilence } from "./silence.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("./types.js").Dataset} Dataset */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./network-layout.js").Layout} Layout */
/** @typedef {import("../colour.js").Theme} Theme */

/** What the lines show, by `view.show`: the tensor, its colours, its name in the legend. */
const SHOWN = {
  weights: /** @type {const} */ ({ tensor: "parameters", ramp: "value", title: "weight" }),
  gradients: /** @type {const} */ ({ tensor: "gradients", ramp: "gradient", title: "gradient" }),
  updates: /** @type {const} */ ({ tensor: "updates", ramp: "gradient", title: "next update" }),
};

/** Many lines are dear to draw and change slowly: this long per line until they are drawn anew. */
const LINE_MS = 0.12;
/** Gradients below this are to look small: beads vanish as the signal does. */
const FAINT = 1e-4;

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function createNetwork(element, store, actions) {
  const below = createSurface(element);
  const ground = createSurface(
    element,
    "The network: arrows walk from unit to unit; the table has all numbers",
  );
  const above = createSurface(element);
  above.canvas.style.pointerEvents = "none";
  const legend = createLegend(
    document.getElementById("legend-network"),
    document.getElementById("legend-bars"),
  );
  const focus = createFocus(actions);
  const edges = createEdges();
  const beads = createBeads();
  const units = createUnits();
  const silence = createSilence();
  const ranges = {
    weights: createRange(),
    gradients: createRange(FAINT),
    updates: createRange(),
    activations: createRange(),
    outputs: createRange(),
  };
  /** The same of an image's pixels: many, and their weights far smaller than those of units. */
  const pixels = { weights: createRange(), gradients: createRange(), updates: createRange() };
  /** @type {Layout | null} */
  let layout = null;
  /** @type {unknown[]} what the layout, and what the painting, was made for */
  let laidFor = [];
  /** @type {unknown[]} */
  let paintedFor = [];
  /** @type {unknown[]} */
  let linesFor = [];
  let linesTime = 0;
  let time = 0;
  listen(ground.canvas, () => layout, store, actions);
  listenKeys(ground.canvas, () => layout, store, actions);

  /** @param {State} state @param {number} now */
  function draw(state, now) {
    if (!isReady(state) || ground.width === 0) return false;
    const { topology, dataset, frame, view } = state;
    focus.follow(state);
    const theme = themeOf(view.theme);
    layout = place(topology, dataset, theme);
    const mark = existing(markOf(view), topology);
    const marked = mark?.kind === "unit" ? (layout.starts[mark.layer] ?? -1) + mark.unit : -1;
    const chosen = layout.units[marked]?.layer === mark?.layer ? marked : -1;

    if (frame !== paintedFor[0]) measure(topology, dataset, frame, now);
    const look = [layout, dataset, theme, view.show, mark];
    if (differs([frame, ...look], paintedFor)) {
      paintedFor = [frame, ...look];
      paint(layout, topology, dataset, frame, view.show, theme, mark, chosen);
    }
    const due = now - linesTime >= layout.edges.count * LINE_MS || differs(look, linesFor.slice(1));
    if (due && differs([frame, ...look], linesFor)) {
      linesFor = [frame, ...look];
      linesTime = now;
      paintLines(layout, topology, dataset, frame, view.show, theme, mark, chosen);
    }
    const still = prefersReducedMotion();
    const flows = frame.meta.playing && state.connection === "open" && !still;
    const seconds = flows ? Math.min(0.1, Math.max(0, (now - time) / 1000)) : 0;
    time = now;
    beads.advance(layout, frame.gradients, seconds);
    above.context.clearRect(0, 0, above.width, above.height);
    const { gradients } = ranges;
    beads.draw(above.context, layout, frame.gradients, gradients.value, theme, still, chosen);
    return flows || linesFor[0] !== frame;
  }

  /** @param {Topology} topology @param {Dataset} dataset @param {Theme} theme */
  function place(topology, dataset, theme) {
    const wanted = [topology, dataset.kind, ground.version, theme.fontSize];
    if (layout && !differs(wanted, laidFor)) return layout;
    if (laidFor[0] !== topology) {
      for (const range of [...Object.values(ranges), ...Object.values(pixels)]) range.reset();
    }
    laidFor = wanted;
    return layoutNetwork(topology, ground, dataset.kind, theme.fontSize);
  }

  /** @param {Topology} topology @param {Dataset} dataset @param {Frame} frame @param {number} now */
  function measure(topology, dataset, frame, now) {
    silence.listen(topology, frame);
    if (dataset.image_shape) {
      const first = topology.layers[1];
      const from = first.offset ?? 0;
      const to = from + first.units * (first.fan_in + 1);
      for (const [show, range] of Object.entries(pixels)) {
        const values = frame[SHOWN[/** @type {keyof typeof SHOWN} */ (show)].tensor];
        range.follow(robustMax(values.subarray(from, to)), now);
      }
    }
    ranges.weights.follow(robustMax(frame.parameters), now);
    ranges.gradients.follow(robustMax(frame.gradients, 0.95), now);
    ranges.updates.follow(robustMax(frame.updates, 0.95), now);
    // Half of the hidden units reach the scale's end: outliers must not bleach all others. What
    // comes out is of another size, and has a scale of its own.
    const [inputs, outputs] = [topology.layers[0].units, topology.layers.at(-1)?.row ?? 0];
    const { field_scales: scales, shapes, activations } = frame;
    const [sizes, width] = scales ? [scales, 1] : [activations, shapes.activations[1]];
    const hidden = sizes.subarray(inputs * width, outputs * width);
    ranges.activations.follow(robustMax(hidden, scales ? 0.5 : 0.95), now);
    // Never less than what the output's plot shows in full colour: the two pictures agree.
    const output = robustMax(sizes.subarray(outputs * width), scales ? 1 : 0.95);
    ranges.outputs.follow(Math.max(output, scales ? frame.meta.surface_scale : 0), now);
  }

  /**
   * @param {Layout} plan @param {Topology} topology @param {Dataset} dataset @param {Frame} frame
   * @param {keyof typeof SHOWN} show @param {Theme} theme @param {Mark | null} mark
   * @param {number} chosen index in `plan.units` of the marked unit, or −1
   */
  function paintLines(plan, topology, dataset, frame, show, theme, mark, chosen) {
    const { context } = below;
    const { tensor, ramp } = SHOWN[show];
    const values = frame[tensor];
    const range = ranges[show].value;
    const scale = ramp === "value" ? theme.valueLine : theme.gradientLine;
    context.clearRect(0, 0, below.width, below.height);
    if (dataset.image_shape) drawImageInput(context, plan, dataset.image_shape, frame, theme);
    edges.draw(context, plan, values, range, scale, theme, chosen);
    if (mark?.kind !== "weight") return;
    const parameter = parameterOf(topology, mark);
    const k = plan.edges.parameter.indexOf(parameter);
    if (k >= 0) markEdge(context, plan.edges, k, theme, scale.at(values[parameter] / range));
  }

  /**
   * @param {Layout} plan @param {Topology} topology @param {Dataset} dataset @param {Frame} frame
   * @param {keyof typeof SHOWN} show @param {Theme} theme @param {Mark | null} mark
   * @param {number} chosen
   */
  function paint(plan, topology, dataset, frame, show, theme, mark, chosen) {
    const { context } = ground;
    const { tensor, ramp, title } = SHOWN[show];
    const values = frame[tensor];
    const range = ranges[show].value;
    context.clearRect(0, 0, ground.width, ground.height);
    if (frame.fields && dataset.kind === "plane") {
      units.fillFields(plan, frame, rangeOf, theme);
    } else if (dataset.image_shape) {
      const layer = topology.layers[1];
      units.fillWeights(layer, values, pixels[show].value, theme[ramp], dataset.image_shape);
    }
    drawUnits(context, plan, frame, units, silence, rangeOf, theme);
    if (chosen >= 0) outline(context, plan.units[chosen], theme);
    drawBiases(context, plan.biases, values, range, theme[ramp], theme, mark);
    drawLabels(context, plan, theme);
    const scales = [scaleOf(title, ramp, range)];
    if (dataset.image_shape) scales.unshift(scaleOf("pixels", ramp, pixels[show].value));
    if (plan.columns.length > 2) scales.push(scaleOf("hidden", "value", ranges.activations.value));
    scales.push(scaleOf("output", "value", ranges.outputs.value));
    if (show !== "gradients") scales.push(scaleOf("gradient", "gradient", ranges.gradients.value));
    legend.show(scales);
    legend.bars(plan.columns.some(({ content, size }) => content === "bars" && size >= BARS_FROM));
    legend.hatch(plan.units.some((box) => silence.isDead(box.row)));
  }

  /** @param {import("./network-layout.js").UnitBox} box hidden, or an output */
  function rangeOf(box) {
    const last = (layout?.columns.length ?? 0) - 1;
    return box.layer === last ? ranges.outputs.value : ranges.activations.value;
  }

  return {
    draw,
    /** @returns {Layout | null} where everything stands now */
    layout: () => layout,
  };
}

/**
 * @param {string} title @param {import("./legend.js").Ramp} ramp @param {number} range
 * @returns {[string, import("./legend.js").Ramp, number]}
 */
function scaleOf(title, ramp, range) {
  return [title, ramp, range];
}

/** @param {unknown[]} parts @param {unknown[]} before */
function differs(parts, before) {
  return parts.some((part, k) => part !== before[k]);
}

/** @param {CanvasRenderingContext2D} context @param {import("./network-layout.js").UnitBox} box @param {Theme} theme */
function outline(context, box, theme) {
  context.beginPath();
  trace(context, box, 3.5);
  context.strokeStyle = theme.accent;
  context.lineWidth = 3;
  context.stroke();
}

/**
 * The selected example as one picture, and a plain line from it to each unit that looks at it.
 * @param {CanvasRenderingContext2D} context @param {Layout} plan @param {[number, number]} shape
 * @param {Frame} frame @param {Theme} theme
 */
function drawImageInput(context, plan, shape, frame, theme) {
  const input = plan.columns[0];
  const y = input.bottom - input.size / 2;
  context.strokeStyle = theme.line;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const box of plan.units.filter((unit) => unit.layer === 1)) {
    const end = box.x - box.size / 2;
    const middle = (input.right + end) / 2;
    context.moveTo(input.right, y);
    context.bezierCurveTo(middle, y, middle, box.y, end, box.y);
  }
  context.stroke();
  drawPicture(context, frame.example_input, shape, { x: input.x, y, size: input.size }, theme);
}
