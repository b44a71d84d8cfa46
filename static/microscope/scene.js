/** The network in slow motion: the active layer's true signals; the rest is dimmed. */

import { createSurface, prefersReducedMotion } from "../canvas.js";
import { themeOf } from "../colour.js";
import { significant } from "../views/format.js";
import { createLegend } from "../views/legend.js";
import { existing, markOf, parameterOf } from "../views/marks.js";
import { drawBiases } from "../views/network-biases.js";
import { markEdge } from "../views/network-edges.js";
import { drawLabels, drawPicture, trace } from "../views/network-units.js";
import { fill, paintBars, paintDropped, paintNumber, write } from "./cells.js";
import { drawMarkers, strokeDim, strokeValues } from "./edges.js";
import { stepOf } from "./numbers.js";
import { phaseAt, spokenOf } from "./phases.js";
import { isActive, LOOKS, measure, shownBy, unitLook, unitShows } from "./signals.js";

/** @typedef {import("../views/types.js").State} State */
/** @typedef {import("../views/network-layout.js").Layout} Layout */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("./numbers.js").Step} Step */
/** @typedef {import("./phases.js").Phase} Phase */
/** @typedef {import("./signals.js").Measured} Measured */

/** How long a signal takes from layer to layer at speed 1; a fifth of it stands at the end. */
const CROSSING_MS = 1900;
const DIM = 0.22;

/** @param {HTMLElement} element @param {HTMLElement} place of the legend @param {() => Layout | null} layout */
export function createScene(element, place, layout) {
  const still = createSurface(element);
  const moving = createSurface(element);
  for (const { canvas } of [still, moving]) {
    canvas.classList.add("slow-canvas");
    canvas.style.pointerEvents = "none";
  }
  const legend = createLegend(place);
  /** @type {unknown[]} */
  let drawnFor = [];
  /** @type {unknown[]} */
  let measuredFor = [];
  /** @type {Measured | null} */
  let measured = null;
  let began = 0;

  /** @param {State} state @param {number} now */
  function draw(state, now) {
    const { slow } = state.view;
    const step = slow && stepOf(state);
    const plan = step && layout();
    if (!slow || !step || !plan || still.width === 0) return false;
    if (plan.units.length === 0) return false;
    if ([step.key, plan].some((part, k) => part !== measuredFor[k])) {
      measuredFor = [step.key, plan];
      measured = measure(step, plan);
    }
    if (!measured) return false;
    const phase = phaseAt(step.topology, slow.phase);
    const { theme: name } = state.view;
    const mark = existing(markOf(state.view), step.topology);
    const wanted = [measured, slow.phase, mark, themeOf(name), still.version];
    if (wanted.some((part, k) => part !== drawnFor[k])) {
      if (slow.phase !== drawnFor[1] || measured !== drawnFor[0]) began = now;
      drawnFor = wanted;
      paint(step, plan, measured, phase, state, themeOf(name));
    }
    return run(plan, measured, phase, themeOf(name), (now - began) * slow.speed);
  }

  /**
   * @param {Step} step @param {Layout} plan @param {Measured} found @param {Phase} phase
   * @param {State} state @param {Theme} theme
   */
  function paint(step, plan, found, phase, state, theme) {
    const { context } = still;
    const { example } = step;
    context.clearRect(0, 0, still.width, still.height);
    const mark = existing(markOf(state.view), step.topology);
    const chosen = mark?.kind === "unit" ? (plan.starts[mark.layer] ?? -1) + mark.unit : -1;
    /** @type {Map<import("./signals.js").Look, number>} */
    const looks = new Map();
    const last = plan.columns.length - 1;
    // Both layers that are active have one scale, so that they can be compared.
    const deltas = [phase.layer, Math.min(phase.layer + 1, last)];
    const most = Math.max(...deltas.map((layer) => found.rangeOf("delta", layer)));
    for (const gap of plan.gaps) {
      const shown = shownBy(phase, gap.layer, example);
      if (!shown) {
        strokeDim(context, plan, gap, theme, chosen);
        continue;
      }
      const scale = LOOKS[shown].ramp === "value" ? theme.valueLine : theme.gradientLine;
      const range = found.rangeOf(shown, gap.layer);
      looks.set(shown, range);
      strokeValues(context, plan, gap, found.values[shown], range, scale, chosen);
    }
    paintImage(context, step, plan, phase, theme);
    for (const box of plan.units) {
      const what = unitShows(phase, box.layer);
      const active = isActive(phase, box.layer, last);
      const back = what === "deltas";
      const look = unitLook(step, what, box.layer);
      context.globalAlpha = 1;
      fill(context, box, theme.panel);
      context.globalAlpha = active && what ? 1 : DIM;
      const scale = back ? theme.gradient : theme.value;
      const range = back && active ? most : found.rangeOf(look, box.layer);
      if (what && active) looks.set(look, range);
      if (!what) fill(context, box, theme.paper);
      else if (example === null) {
        const values = step.row(what, box.layer, box.unit);
        paintBars(context, box, values, range, scale, theme);
      } else {
        const value = step.of(what, box.layer, box.unit);
        if (step.of("masks", box.layer, box.unit) === 0) paintDropped(context, box, value, theme);
        else paintNumber(context, box, value, range, scale, theme);
      }
      context.globalAlpha = active ? 1 : DIM;
      outline(context, box, theme.ink, Math.max(0.8, Math.min(2.4, box.size / 18)), 0);
    }
    context.globalAlpha = 1;
    paintBiasesOf(context, plan, found, phase, step, theme);
    if (phase.kind === "loss" && example !== null) paintTargets(context, step, plan, theme);
    drawLabels(context, plan, theme);
    const told = plan.units[(plan.starts[phase.layer] ?? 0) + spokenOf(phase, step, state)];
    if (phase.layer && told) outline(context, told, theme.accent, 2, 3.5, [5, 3]);
    if (chosen >= 0 && plan.units[chosen])
      outline(context, plan.units[chosen], theme.accent, 3, 3.5);
    if (mark?.kind === "weight") {
      const k = plan.edges.parameter.indexOf(parameterOf(step.topology, mark));
      const shown = shownBy(phase, mark.layer, example) ?? "weight";
      const scale = LOOKS[shown].ramp === "value" ? theme.valueLine : theme.gradientLine;
      const value = found.values[shown][k] / found.rangeOf(shown, mark.layer);
      if (k >= 0) markEdge(context, plan.edges, k, theme, scale.at(value));
    }
    legend.show([...looks].map(([look, range]) => [LOOKS[look].title, LOOKS[look].ramp, range]));
  }

  /** @param {Layout} plan @param {Measured} found @param {Phase} phase @param {Theme} theme @param {number} time */
  function run(plan, found, phase, theme, time) {
    const { context } = moving;
    context.clearRect(0, 0, moving.width, moving.height);
    const gap = plan.gaps.find(({ layer }) =>
      ["forward", "back"].includes(shownBy(phase, layer, null) ?? ""),
    );
    if (!gap) return false;
    const shown = /** @type {"forward" | "back"} */ (shownBy(phase, gap.layer, null));
    const motion = !prefersReducedMotion();
    const way = motion ? Math.min(1, ((time % CROSSING_MS) / CROSSING_MS) * 1.2) : 0.5;
    const scale = shown === "forward" ? theme.value : theme.gradient;
    drawMarkers(
      context,
      plan,
      gap,
      found.values[shown],
      found.rangeOf(shown, gap.layer),
      scale,
      theme,
      way,
      shown === "back",
    );
    return motion;
  }

  return { draw };
}

/** @param {CanvasRenderingContext2D} context @param {import("../views/network-layout.js").UnitBox} box @param {string} colour @param {number} width @param {number} grow @param {number[]} [dashes] */
function outline(context, box, colour, width, grow, dashes = []) {
  context.beginPath();
  trace(context, box, grow);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dashes);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Biases take part where their unit's sum does, and where they are changed.
 * @param {CanvasRenderingContext2D} context @param {Layout} plan @param {Measured} found
 * @param {Phase} phase @param {Step} step @param {Theme} theme
 */
function paintBiasesOf(context, plan, found, phase, step, theme) {
  const { frame, example } = step;
  for (const layer of step.topology.layers.slice(1)) {
    const shown = shownBy(phase, layer.index, example);
    if (!shown || shown === "back") continue;
    const discs = plan.biases.filter((disc) => disc.layer === layer.index);
    const values = {
      gradient: frame.backpropagated,
      share: frame.shares,
      update: frame.updates,
    }[String(shown)];
    const scale = values ? theme.gradient : theme.value;
    const range = found.rangeOf(values ? shown : "weight", layer.index);
    drawBiases(context, discs, values ?? frame.parameters, range, scale, theme, null);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Step} step @param {Layout} plan @param {Theme} theme */
function paintTargets(context, step, plan, theme) {
  const last = plan.columns.length - 1;
  const boxes = plan.units.filter(({ layer }) => layer === last);
  const room = boxes.length > 1 ? boxes[1].y - boxes[0].y - boxes[0].size : 99;
  if (room < theme.fontSize * 1.3) {
    // Too many for a number each: the true class wears a ring.
    for (const box of boxes) {
      if (step.target(box.unit) === 1) outline(context, box, theme.accent, 2.5, 3.5);
    }
    return;
  }
  for (const box of boxes) {
    context.fillStyle = theme.ink;
    const target = String(Number(step.target(box.unit).toPrecision(3))).replace("-", "−");
    // The unit's own number is a logit: what is compared is the probability that it stands for.
    const p = step.frame.probabilities?.[box.unit * step.count + (step.example ?? 0)];
    const words = p === undefined ? `target y = ${target}` : `p = ${significant(p)}, y = ${target}`;
    write(context, words, box.x, box.y + box.size / 2 + theme.fontSize * 0.85, box.size * 2, theme);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Step} step @param {Layout} plan @param {Phase} phase @param {Theme} theme */
function paintImage(context, step, plan, phase, theme) {
  const [input] = plan.columns;
  if (plan.starts[1] !== 0) return; // its units have boxes: it is no image
  const side = Math.sqrt(input.layer.units);
  const values = Float32Array.from({ length: input.layer.units }, (_, unit) =>
    step.of("activations", 0, unit),
  );
  const y = input.bottom - input.size / 2;
  context.globalAlpha = isActive(phase, 0, plan.columns.length - 1) ? 1 : DIM;
  drawPicture(context, values, [side, side], { x: input.x, y, size: input.size }, theme);
  context.globalAlpha = 1;
}
