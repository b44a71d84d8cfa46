/** Slow motion: one training step under the microscope, phase by phase, with all its numbers. */

import { find, make } from "../controls/fields.js";
import { FINGERS } from "../dom.js";
import { createDrill } from "./drill.js";
import { createPanel } from "./panel.js";
import { createPlayer } from "./player.js";
import { createScene } from "./scene.js";
import { createSpace } from "./space.js";

/** @typedef {import("../controls/fields.js").Page} Page */

const HINT = `${FINGERS ? "Tap" : "Click"} a neuron or a line for its equation, with the numbers of this step in it.`;

/**
 * @param {Page} page
 * @param {(patch: Partial<import("../views/types.js").ViewState>) => void} setView
 * @param {(mark: import("../views/types.js").Mark, x: number, y: number) => void} edit
 * @returns {import("../views/types.js").View[]}
 */
export function createMicroscope(page, setView, edit) {
  const player = createPlayer(page, setView);
  const legend = make("div", { id: "slow-legend" });
  const hint = make("p", { id: "slow-hint", className: "note" }, HINT);
  find(".stage-foot").append(legend, hint);
  find("#slow").addEventListener("click", () => player.toggle());
  const network = find("#network");
  listenKeys(page, player);
  keepKeys(page, network);
  return [
    createScene(network, legend, page.layout),
    createPanel(page, player),
    createDrill(page, setView, player, edit),
    createSpace(page),
  ];
}

/** @param {Page} page @param {import("./player.js").Player} player */
function listenKeys(page, player) {
  /** @type {Record<string, () => unknown>} */
  const keys = { " ": player.play, ArrowRight: player.forward, ArrowLeft: player.back };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const slides = event.key === " " && target.matches("[type=range]");
    if (target.matches("select, textarea, input") && event.key !== "m" && !slides) return;
    if (target.matches("select, textarea, input[type=text]")) return;
    const own = event.key === " " && target.matches("button, summary, a");
    const action =
      event.key === "m" ? player.toggle : page.store.state.view.slow && keys[event.key];
    if (!action || own) return;
    event.preventDefault();
    action();
  });
}

/**
 * In slow motion the arrows belong to the phases. The network has them only when it was reached by
 * keyboard: a click on a neuron must not take them away.
 * @param {Page} page @param {HTMLElement} network
 */
function keepKeys({ store }, network) {
  network.addEventListener("mousedown", (event) => {
    const { activeElement: held } = document;
    if (network.contains(held)) return;
    if (!store.state.view.slow) {
      network.setAttribute("data-clicked", "");
      return;
    }
    event.preventDefault();
    if (held instanceof HTMLElement) held.blur();
  });
  network.addEventListener("focusout", () => network.removeAttribute("data-clicked"));
}
