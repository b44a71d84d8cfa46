/** The strip of phases, its controls, and what is said about the phase: below the network. */

import { find, make } from "../controls/fields.js";
import { svg } from "../svg.js";
import { count as grouped } from "../views/format.js";
import { captionOf } from "./captions.js";
import { stepOf } from "./numbers.js";
import { NAMES, phasesOf } from "./phases.js";
import { canGoBack } from "./player.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("./player.js").Player} Player */
/** @typedef {import("./phases.js").Phase} Phase */

const SPEEDS = [0.5, 1, 2, 4];
/** Sizes of type, the largest first: what is said is as large as its room allows. */
const SIZES = ["", "dense", "denser", "densest"];
const ICONS = {
  back: "M17 5v14l-9-7zM5 5h2.500v14H5z",
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zM14 5h4v14h-4z",
  forward: "M7 5v14l9-7zM16.500 5H19v14h-2.500z",
};

/** @param {Page} page @param {Player} player */
export function createPanel(page, player) {
  const element = find("#microscope");
  const back = button("back", "slow-back", "Back to the phase before (←)", player.back);
  const play = button("play", "slow-play", "Play the phases (space)", player.play);
  const forward = button("forward", "slow-forward", "On to the next phase (→)", player.forward);
  const strip = make("ol", { className: "slow-strip", "aria-label": "Phases" });
  const speed = make(
    "select",
    {
      id: "slow-speed",
      "aria-label": "speed of the phases",
      title: "How fast the phases follow one another",
    },
    ...SPEEDS.map((value) => make("option", { value: String(value) }, `${value}×`)),
  );
  speed.addEventListener("change", () => player.set({ speed: Number(speed.value) }));
  const example = make("select", { id: "slow-example", "aria-label": "example shown" });
  example.addEventListener("change", () =>
    player.show(example.value === "" ? null : Number(example.value)),
  );
  const leave = make(
    "button",
    {
      type: "button",
      id: "slow-leave",
      title: "Back to training at speed (m)",
      "aria-label": "leave slow motion",
    },
    "leave",
    make("span", { className: "slow-wide" }, " slow motion"),
  );
  leave.addEventListener("click", () => player.toggle());
  const title = make("h3");
  const words = make("p", { className: "slow-words" });
  const formula = make("p", { className: "slow-formula" });
  const about = make("div", { className: "slow-said" }, title, words);
  const room = make("div", { className: "slow-caption" }, about, formula);
  const live = make("p", { className: "hidden", "aria-live": "polite" });
  element.append(
    make(
      "div",
      { className: "slow-line" },
      make("div", { className: "field slow-buttons" }, back, play, forward),
      strip,
      make(
        "label",
        { className: "pair" },
        make("span", { className: "slow-wide" }, "speed"),
        speed,
      ),
      make(
        "label",
        { className: "pair" },
        make("span", { className: "slow-wide" }, "example"),
        example,
      ),
      leave,
    ),
    room,
    live,
  );
  let said = "";
  /** @type {HTMLElement | null} the chip that the strip was moved to */
  let current = null;
  /** @type {unknown[]} */
  let drawnFor = [];
  /** Whose phases the strip has. @type {import("../views/types.js").Topology | null} */
  let filledFor = null;

  /** @param {import("../views/types.js").State} state */
  function draw(state) {
    const step = stepOf(state);
    const { slow } = state.view;
    const on = slow !== null && step !== null;
    const { pinned, theme } = state.view;
    const screen = [theme, innerWidth, innerHeight];
    const wanted = [on, slow, state.frame, state.topology, pinned, ...screen];
    if (wanted.every((part, k) => part === drawnFor[k])) return;
    drawnFor = wanted;
    show(on);
    if (!on || !slow || !step) return;
    const phases = phasesOf(step.topology);
    if (step.topology !== filledFor) fill(phases);
    filledFor = step.topology;
    mark(Math.min(slow.phase, phases.length - 1));
    back.disabled = !canGoBack(page.store.state);
    setIcon(play, slow.playing ? "pause" : "play");
    play.setAttribute("aria-label", slow.playing ? "Pause the phases" : "Play the phases");
    speed.value = String(slow.speed);
    if (example.childElementCount !== step.count + 1) listExamples(step.count);
    example.value = step.example === null ? "" : String(step.example);
    const phase = phases[Math.min(slow.phase, phases.length - 1)];
    const caption = captionOf(phase, step, state, page.catalog);
    title.textContent = caption.title;
    words.textContent = caption.words;
    formula.replaceChildren(...caption.formula);
    fit();
    const spoken = `${caption.title}. ${caption.words} ${formula.textContent}`;
    if (spoken !== said) live.textContent = spoken;
    said = spoken;
  }

  function fit() {
    // In one column the room grows, if it must; what it has at least is enough for most.
    const limit = Number.parseFloat(getComputedStyle(room).minHeight) || room.clientHeight;
    for (const place of [words, formula]) place.dataset.size = SIZES[SIZES.length - 1];
    for (const place of [words, formula]) {
      for (const size of SIZES) {
        place.dataset.size = size;
        if (room.scrollHeight <= limit) break;
      }
    }
  }

  /** @param {boolean} on */
  function show(on) {
    if (element.hidden === !on) return;
    const { activeElement: held } = document;
    if (!on && element.contains(held)) find("#slow").focus({ preventScroll: true });
    element.hidden = !on;
    // The keys go to the phases, unless they walk the network: a click there is no walk.
    const walks = held?.matches("#network:not([data-clicked]) canvas");
    if (on && !walks) play.focus({ preventScroll: true });
    document.documentElement.toggleAttribute("data-slow", on);
    if (on) bringIntoView();
    find("#slow").setAttribute("aria-pressed", String(on));
  }

  /** @param {Phase[]} phases */
  function fill(phases) {
    strip.replaceChildren(
      ...phases.map((phase, k) => {
        const first = phases[k - 1]?.kind !== phase.kind;
        const { layer } = phase;
        const last = phases.filter(({ kind }) => kind === "forward").length;
        const name = NAMES[phase.kind];
        const short = layer === 0 ? name : layer === last ? "out" : String(layer);
        const whole =
          layer === 0 ? name : `${name}, ${layer === last ? "output" : `layer ${layer}`}`;
        const chip = make("button", { type: "button", "aria-label": whole }, short);
        chip.addEventListener("click", () => jump(k, phase));
        const item = make("li", { dataset: { kind: phase.kind } }, chip);
        if (first && layer) item.prepend(make("span", { className: "slow-kind" }, name));
        return item;
      }),
    );
  }

  /** The step is made where it follows from the update, never by a jump. */
  /** @param {number} k @param {Phase} phase */
  function jump(k, phase) {
    const { slow } = page.store.state.view;
    if (phase.kind !== "iteration") player.set({ phase: k, playing: false });
    else if (slow?.phase === k - 1) player.forward();
    else player.set({ phase: k - 1, playing: false });
  }

  /** @param {number} now */
  function mark(now) {
    [...strip.children].forEach((item, k) => {
      item.dataset.done = String(k < now);
      const chip = item.lastElementChild;
      if (k === now) chip?.setAttribute("aria-current", "step");
      else chip?.removeAttribute("aria-current");
    });
    const here = /** @type {HTMLElement | undefined} */ (strip.children[now]);
    if (!here || here === current) return;
    current = here;
    const { offsetLeft, offsetWidth } = here;
    strip.scrollLeft = offsetLeft - strip.offsetLeft - (strip.clientWidth - offsetWidth) / 2;
  }

  /** @param {number} count */
  function listExamples(count) {
    const ones = Array.from({ length: count }, (_, k) =>
      make("option", { value: String(k) }, `${grouped(k + 1)} of ${grouped(count)}`),
    );
    example.replaceChildren(...ones, make("option", { value: "" }, `all ${grouped(count)}`));
  }

  return { draw };
}

/** In one column what belongs together is brought on the screen: the network, what is said below. */
export function bringIntoView() {
  if (matchMedia("(max-width: 1000px)").matches) find("#stage").scrollIntoView();
}

/** @param {keyof typeof ICONS} icon @param {string} id @param {string} title @param {() => unknown} act */
function button(icon, id, title, act) {
  const label = title.replace(/ \(.*/, "");
  const place = make("button", { type: "button", id, title, "aria-label": label });
  setIcon(place, icon);
  place.addEventListener("click", act);
  return place;
}

/** @param {HTMLElement} place @param {keyof typeof ICONS} icon */
function setIcon(place, icon) {
  if (place.dataset.icon === icon) return;
  place.dataset.icon = icon;
  const look = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" };
  place.replaceChildren(svg("svg", look, svg("path", { class: "fill", d: ICONS[icon] })));
}
