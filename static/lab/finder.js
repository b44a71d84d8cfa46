/** The learning-rate finder: loss against a rate that grows with each step, and what follows. */

import { madeOf } from "../caption.js";
import { themeOf } from "../colour.js";
import { find, submit } from "../controls/fields.js";
import { write } from "../dom.js";
import { lineThrough, stroke, svg, text, widthOf } from "../svg.js";
import { significant } from "../views/format.js";
import { ask, numberFrom } from "./ask.js";
import { createAxes, logRange } from "./axes.js";
import { createFigure } from "./figure.js";
import { elsewhere } from "./standing.js";

/** @typedef {import("../protocol.js").FinderInfo} FinderInfo */
/** @typedef {import("../colour.js").Theme} Theme */

const MULTIPLIED = " A schedule is in force: it multiplies the rate that you use.";

/** @param {import("../controls/fields.js").Page} page */
export function createFinder(page) {
  const panel = find("#lab-finder");
  const teach = find(".lab-teach", panel);
  const results = find(".lab-results", panel);
  const readout = find(".lab-readout", panel);
  const [low, high, steps] = ["low", "high", "steps"].map((id) => find(`#finder-${id}`));
  const [start, close, use] = ["start", "close", "use"].map((id) => find(`#finder-${id}`));
  const place = find("[data-place=figures]", panel);
  const figure = createFigure(place, "Loss while the learning rate grows", "finder");
  /** @type {unknown[]} */
  let drawnFor = [];
  /** What the ramp was made of. @type {string[]} */
  let described = [];

  find("#finder-form").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const [from, to, count] = [low, high, steps].map(numberFrom);
    if (![from, to, count].every(Number.isFinite)) return;
    const command = { type: "find_rate", low: from, high: to, steps: count };
    const made = madeOf(page);
    if (await ask(page, command, { low, high, steps }, start)) described = made;
  });
  close.addEventListener("click", () => submit(page, close, { type: "close", what: "finder" }));
  use.addEventListener("click", () => {
    const rate = page.store.state.frame?.meta.lab.finder?.rate;
    if (rate) submit(page, use, { type: "set", learning_rate: rounded(rate) });
  });

  /** @param {import("../views/types.js").State} state */
  function draw({ frame, view, topology }) {
    if (!frame) return false;
    const info = frame.meta.lab.finder;
    const { finder: rows } = frame;
    const there = info !== null && rows !== undefined;
    teach.hidden = there;
    results.hidden = close.hidden = !there;
    if (!there) return false;
    const { learning_rate: chosen, rate_in_force: rate } = frame.meta;
    const inForce = info.rate !== null && rounded(info.rate) === chosen;
    const offer = info.rate === null ? "" : `Use ${significant(rounded(info.rate))}`;
    use.hidden = info.rate === null;
    use.disabled = inForce;
    const scheduled = topology !== null && topology.recipe.schedule.kind !== "constant";
    const words = inForce ? `${offer}: ${scheduled ? "set" : "in force"}` : offer;
    write(use, words);
    const said = info.done
      ? `${info.message}${scheduled && info.rate !== null ? MULTIPLIED : ""}`
      : "Under way: the rate of the copy grows with each step.";
    write(readout, `${elsewhere(info.standing)} ${said}`.trim());
    write(figure.note, `from step ${info.step.toLocaleString("en")}`);
    const again = "Start anew";
    write(start, again);
    const count = frame.shapes.finder[1];
    /** @type {unknown[]} */
    const wanted = [
      count,
      rows[0],
      rows[count - 1],
      rows[2 * count - 1],
      info.done,
      significant(rate),
    ];
    wanted.push(view.theme, figure.version, info.step);
    if (wanted.every((part, k) => part === drawnFor[k]) || count < 2) return false;
    drawnFor = wanted;
    const theme = themeOf(view.theme);
    if (described.length === 0) described = madeOf(page);
    figure.made = [...described, `step ${info.step.toLocaleString("en")}`];
    const row = (/** @type {number} */ k) => rows.subarray(k * count, (k + 1) * count);
    const summary = `${count} rates from ${significant(rows[0])} to ${significant(rows[count - 1])}. ${said}`;
    figure.show(theme, drawFinder(figure, row(0), row(1), row(2), info, rate, theme), summary);
    return false;
  }

  return { draw };
}

/** @param {number} rate */
function rounded(rate) {
  return Number(rate.toPrecision(3));
}

/**
 * @param {{width: number, height: number}} size
 * @param {Float64Array} rates
 * @param {Float64Array} raw losses of minibatches
 * @param {Float64Array} smooth those of the same examples after each step
 * @param {FinderInfo} info
 * @param {number} rate in force
 * @param {Theme} theme
 */
function drawFinder(size, rates, raw, smooth, info, rate, theme) {
  const first = rates[0];
  const last = Math.max(rates[rates.length - 1], first * 1.01);
  // Those of single minibatches leap: it is the smoothed one that is to be seen.
  const [low, high] = logRange(smooth);
  const axes = createAxes(
    size,
    theme,
    { name: "learning rate", range: [first, last], log: true },
    { name: "loss", range: [low / 2, high * 2], log: true },
  );
  const { top, bottom, letter, left, right } = axes;
  const nodes = [];
  /** @type {Node[]} */
  const above = [];
  if (info.low !== null && info.high !== null && info.rate !== null) {
    const [from, to, best] = [info.low, info.high, info.rate].map(axes.x);
    const start = Math.max(left, from);
    const width = Math.max(1, to - start);
    const band = { x: start, y: top, width, height: bottom - top };
    nodes.push(svg("rect", { ...band, fill: theme.gradient.at(-1), opacity: 0.2 }));
    const ends = { stroke: theme.gradient.at(-1), "stroke-width": 1.5 };
    nodes.push(stroke(start, top, start, bottom, theme.muted, ends));
    nodes.push(stroke(to, top, to, bottom, theme.muted, ends));
    nodes.push(stroke(best, top, best, bottom, theme.ink, { "stroke-width": 2 }));
    const words = ["suggested", `${significant(info.low)} to ${significant(info.high)}`];
    words.push(`middle: ${significant(info.rate)}`);
    const beside = from > (left + right) / 2 ? [start - 6, "end"] : [to + 6, "start"];
    words.forEach((line, k) => {
      const y = top + letter * (1.2 + 1.3 * k);
      const [x, anchor] = /** @type {[number, "start" | "end"]} */ (beside);
      const halo = { "paint-order": "stroke", stroke: theme.panel, "stroke-width": 4 };
      const look = { ...halo, "font-weight": k ? null : 600 };
      above.push(text(x, y, line, theme.ink, anchor, look));
    });
  }
  const curves = svg("g", { "clip-path": `url(#${axes.clip})`, fill: "none" });
  const path = (/** @type {Float64Array} */ losses) =>
    lineThrough(Array.from(losses, (loss, k) => ({ x: axes.x(rates[k]), y: axes.y(loss) })));
  curves.append(
    svg("path", { d: path(raw), stroke: theme.muted, "stroke-width": 0.8, class: "raw" }),
    svg("path", { d: path(smooth), stroke: theme.ink, "stroke-width": 2.8, class: "smooth" }),
  );
  nodes.push(curves, legend(axes, `${info.examples} training examples`));
  if (rate >= first && rate <= last) nodes.push(...present(rate, axes));
  return [axes.ground, ...nodes, ...above];
}

/**
 * Where the rate in force is.
 * @param {number} rate
 * @param {import("./axes.js").Axes} axes
 */
function present(rate, { x, top, bottom, right, letter, theme }) {
  const at = x(rate);
  const dash = { "stroke-dasharray": "2 3", "stroke-width": 1.5 };
  const words = `now ${significant(rate)}`;
  const beyond = at + 4 + widthOf(words, letter, theme.font) > right;
  const place = beyond ? at - 4 : at + 4;
  return [
    stroke(at, top, at, bottom, theme.ink, dash),
    text(place, bottom - letter * 0.5, words, theme.ink, beyond ? "end" : "start"),
  ];
}

/**
 * @param {import("./axes.js").Axes} axes
 * @param {string} measured what the thick line is of
 */
function legend({ right, letter, theme }, measured) {
  const group = svg("g");
  const y = letter * 1.05;
  let end = right;
  for (const [words, colour, width] of /** @type {[string, string, number][]} */ ([
    [measured, theme.ink, 2.8],
    ["each minibatch", theme.muted, 1],
  ])) {
    group.append(text(end, y, words, colour, "end"));
    end -= widthOf(words, letter, theme.font) * 1.03 + letter * 0.5;
    group.append(stroke(end - letter * 1.4, y - 4, end, y - 4, colour, { "stroke-width": width }));
    end -= letter * 2.3;
  }
  return group;
}
