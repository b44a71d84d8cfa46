/** The landscape: a map of the loss around the weights, and a cut along the gradient. */

import { madeOf } from "../caption.js";
import { themeOf } from "../colour.js";
import { find, submit } from "../controls/fields.js";
import { write } from "../dom.js";
import { ask } from "./ask.js";
import { drawCut, explained } from "./cut.js";
import { createFigure } from "./figure.js";
import { drawMap } from "./map.js";
import { elsewhere } from "./standing.js";

/** @param {import("../controls/fields.js").Page} page */
export function createLandscape(page) {
  const panel = find("#lab-landscape");
  const teach = find(".lab-teach", panel);
  const results = find(".lab-results", panel);
  const readout = find(".lab-readout", panel);
  const why = find(".lab-why", panel);
  const [plane, size, start, close] = ["plane", "size", "start", "close"].map((id) =>
    find(`#map-${id}`),
  );
  const place = find("[data-place=figures]", panel);
  const map = createFigure(place, "Loss around the weights", "loss-map");
  const cut = createFigure(place, "Loss along the gradient", "loss-cut");
  /** @type {unknown[]} */
  let drawnFor = [];
  let playing = false;
  /** What map and cut were computed of. */
  let described = madeOf(page);

  async function compute() {
    const command = { type: "map_loss", plane: plane.value, size: Number(size.value) };
    const made = madeOf(page);
    if (!(await ask(page, command, { plane, size }, start))) return;
    described = made;
    await submit(page, start, { type: "cut_loss" });
  }
  find("#map-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    compute();
  });
  close.addEventListener("click", async () => {
    await submit(page, close, { type: "close", what: "map" });
    await submit(page, close, { type: "close", what: "cut" });
  });

  /** @param {import("../views/types.js").State} state */
  function draw({ frame, view, topology }) {
    if (!frame) return false;
    const { meta } = frame;
    const { map: mapped, cut: along } = meta.lab;
    const there = mapped !== null || along !== null;
    teach.hidden = there;
    results.hidden = close.hidden = !there;
    write(start, there ? "Compute anew" : "Compute here");
    if (!there) {
      drawnFor = [];
      return false;
    }
    // Where training comes to rest, one looks around.
    const rested = playing && !meta.playing && !meta.timeline.looking_back;
    playing = meta.playing;
    if (rested && mapped && mapped.standing !== "here") compute();
    const rate = meta.rate_in_force;
    const either = mapped ?? along;
    if (either) {
      const layers = elsewhere(either.standing) ? [] : (topology?.layers ?? []);
      write(readout, `${told(either, mapped, meta.step)}${sampled(mapped, layers)}`);
    }
    write(why, along ? explained(along, rate) : "Following the gradient downhill …");
    /** @type {unknown[]} */
    const wanted = [mapped?.rows, mapped?.step, mapped?.plane, mapped?.size, along?.step];
    wanted.push(along?.edge, rate, view.theme, map.version, cut.version, frame.map?.[0]);
    if (wanted.every((part, k) => part === drawnFor[k])) return false;
    drawnFor = wanted;
    const theme = themeOf(view.theme);
    if (described.length === 0) described = madeOf(page);
    const at = `step ${(either?.step ?? 0).toLocaleString("en")}`;
    map.made = [...described, at, ...of(mapped)];
    cut.made = [...described, at, ...of(along)];
    if (map.width > 80) {
      const drawn = drawMap(map, frame, theme);
      map.show(theme, drawn?.nodes ?? [], drawn?.summary ?? "Under way.", drawn?.size);
    }
    if (cut.width > 80) {
      const drawn = along && frame.cut ? drawCut(cut, along, frame.cut, rate, theme) : null;
      cut.show(theme, drawn?.nodes ?? [], drawn?.summary ?? "Under way.");
    }
    return false;
  }

  return { draw };
}

/**
 * @param {{step: number, standing: import("./standing.js").Standing}} info
 * @param {import("../protocol.js").MapInfo | null} map
 * @param {number} now the step that is shown
 */
function told({ step, standing }, map, now) {
  const share = map && map.rows < map.size ? `, ${map.rows} of ${map.size} rows so far` : "";
  const at = `As it was at step ${step.toLocaleString("en")}${share}.`;
  const other = elsewhere(standing);
  if (other) return `${at} ${other} Compute anew to see where that is.`;
  if (standing === "here") return `${at} The network stands there.`;
  const steps = Math.abs(now - step).toLocaleString("en");
  const moved =
    now > step
      ? `The network has moved on by ${steps} steps`
      : now < step
        ? `What is shown is ${steps} steps earlier`
        : "The weights are others now";
  return `${at} ${moved}: compute anew to see where it is.`;
}

/** @param {{examples: number} | null} info @returns {string[]} for a file */
function of(info) {
  return info ? [`computed on ${info.examples.toLocaleString("en")} of them`] : [];
}

/**
 * What the map leaves out, and what a layer does in it that is not the same in use.
 * @param {import("../protocol.js").MapInfo | null} map
 * @param {import("../views/types.js").Layer[]} layers
 */
function sampled(map, layers) {
  const few =
    map && map.examples < map.available
      ? ` The map is of ${map.examples.toLocaleString("en")} of the ${map.available.toLocaleString("en")} training examples.`
      : "";
  const norm = layers.some((layer) => layer.batch_norm)
    ? " Batch normalisation has the statistics of these examples, as in training."
    : "";
  const dropout = layers.some((layer) => layer.dropout)
    ? " Dropout is left out: each step drops other units, and there would be no one loss."
    : "";
  return `${few}${norm}${dropout}`;
}
