/** A layer's view of space, in the place of the output: which layer, on which axes. */

import { createSurface } from "../canvas.js";
import { themeOf } from "../colour.js";
import { find, make, submit } from "../controls/fields.js";
import { mark } from "../dom.js";
import { createDots } from "../views/points.js";
import { isReady } from "../views/ready.js";
import { createMesh, NOT_FINITE } from "./mesh.js";
import { titleOf } from "./names.js";
import { createSpaceLegend, WORDS } from "./space-legend.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("../views/types.js").State} State */
/** @typedef {import("../views/types.js").Topology} Topology */

const COMPONENTS = "components";

/** @param {Page} page */
export function createSpace(page) {
  const { store } = page;
  const output = find("#output");
  const room = make("div", { className: "space-plot", hidden: true });
  const below = make("div", { className: "space-legend" });
  const surface = createSurface(room, WORDS.plane.picture);
  const mesh = createMesh(createDots(createSurface(room)));
  const legend = createSpaceLegend(below);
  const chip = make(
    "button",
    {
      type: "button",
      id: "space",
      className: "chip small",
      "aria-pressed": "false",
    },
    "space",
  );
  const layer = make("select", { id: "space-layer", "aria-label": "layer whose space is shown" });
  const first = make("select", { id: "space-x", "aria-label": "to the right" });
  const second = make("select", { id: "space-y", "aria-label": "upwards" });
  const choices = make("span", { className: "toggles field space-choices" }, layer, first, second);
  const toggles = find("#show-test").parentElement;
  toggles.append(chip);
  toggles.before(choices);
  let on = false;
  /** @type {unknown[]} */
  let drawnFor = [];

  chip.addEventListener("click", () => {
    const { topology } = store.state;
    if (!topology) return;
    if (on) ask(null);
    else ask(Math.max(0, topology.layers.length - 2));
  });
  layer.addEventListener("change", () => ask(Number(layer.value)));
  first.addEventListener("change", () => askUnits(Number(first.value), other(Number(first.value))));
  second.addEventListener("change", () => askUnits(Number(first.value), Number(second.value)));

  /** Another unit than this one. @param {number} unit */
  function other(unit) {
    const now = Number(second.value);
    return second.value !== "" && now !== unit ? now : unit === 0 ? 1 : 0;
  }

  /** @param {number} x @param {number} y */
  function askUnits(x, y) {
    const plain = first.value === COMPONENTS;
    ask(Number(layer.value), plain ? undefined : [x, y]);
  }

  /** @param {number | null} index @param {number[]} [units] */
  async function ask(index, units) {
    const command = { type: "represent", layer: index, ...(units ? { units } : {}) };
    if (await submit(page, index === null ? chip : layer, command)) show(index !== null);
  }

  /** @param {boolean} shown */
  function show(shown) {
    on = shown;
    // Behind the output's own picture, which is made later than this.
    if (!room.isConnected) output.append(room, below);
    room.hidden = !shown;
    output.toggleAttribute("data-space", shown);
    output.previousElementSibling?.toggleAttribute("data-space", shown);
    chip.setAttribute("aria-pressed", String(shown));
    drawnFor = [];
  }

  /** @param {State} state */
  function draw(state) {
    if (!isReady(state)) return;
    const { topology, frame, dataset, view } = state;
    const { offer, picture } = WORDS[dataset.kind];
    mark(chip, "title", offer);
    if (!on) return;
    const wanted = [topology, frame, view.theme, surface.version];
    if (wanted.every((part, k) => part === drawnFor[k])) return;
    const info = frame.meta.microscope.represent;
    // Its answer comes before its frame; a layer that an edit took away is no longer shown.
    if (!info) {
      if (drawnFor.length && drawnFor[4]) show(false);
      return;
    }
    drawnFor = [...wanted, true];
    choose(topology, info);
    legend.show(dataset, info.ends);
    const seen = mesh.draw(surface, state, themeOf(view.theme));
    const [right, up] = info.names;
    const where = `${layerName(topology, info.layer)}, ${right} across, ${up} up`;
    mark(surface.canvas, "aria-label", `${picture}: ${seen ? where : NOT_FINITE}`);
  }

  /** @param {Topology} topology @param {import("../protocol.js").RepresentInfo} info */
  function choose(topology, info) {
    list(
      layer,
      topology.layers.map(({ index }) => [String(index), layerName(topology, index)]),
    );
    layer.value = String(info.layer);
    const { units, names: own } = topology.layers[info.layer];
    const names = Array.from({ length: units }, (_, k) => [String(k), own[k] ?? `unit ${k + 1}`]);
    list(first, [[COMPONENTS, COMPONENTS], ...names]);
    list(second, names);
    first.value = info.units ? String(info.units[0]) : COMPONENTS;
    second.value = info.units ? String(info.units[1]) : "";
    first.hidden = units < 2;
    second.hidden = !info.units;
  }

  return { draw };
}

/** @param {Topology} topology @param {number} index */
function layerName(topology, index) {
  return index === 0 ? "inputs" : titleOf(topology, index).replace("output layer", "output");
}

/** @param {HTMLSelectElement} menu @param {string[][]} options value and name */
function list(menu, options) {
  const now = JSON.stringify(options);
  if (menu.dataset.listed === now) return;
  menu.dataset.listed = now;
  menu.replaceChildren(...options.map(([value, name]) => make("option", { value }, name)));
}
