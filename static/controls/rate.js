/** The learning rate: the page's main control. A logarithmic slider and the number itself. */

import { significant } from "../views/format.js";
import { bindNumber, find, submit } from "./fields.js";
import { grip, newest } from "./slider.js";

/** @typedef {import("./fields.js").Page} Page */

/** The ends of the slider; higher rates are typed, or reached with the arrow keys. */
const LOW = 1e-5;
const HIGH = 10;
/** Letters that fit the field in its large type: 0.0300, but not 3.00·10⁻⁴. */
const SHORT = 7;
const FINE = 1.1;
const COARSE = 10;

/** @param {Page} page */
export function createRate(page) {
  /** @type {HTMLInputElement} */
  const slider = find("#rate-slider");
  /** @type {HTMLInputElement} */
  const number = find("#rate");
  /** What was asked for last and has not been answered. @type {number | null} */
  let wanted = null;

  const sender = newest(
    (rate) => submit(page, number, { type: "set", learning_rate: rate }),
    refresh,
  );

  const [, highest] = page.catalog.bounds.learning_rate;

  /** @param {number} rate */
  function offer(rate) {
    wanted = Number(Math.min(Math.max(rate, LOW), highest).toPrecision(3));
    number.value = significant(wanted);
    describe(wanted);
    sender.offer(wanted);
  }

  /** @param {number} rate */
  function describe(rate) {
    const place = String(Math.log10(Math.min(Math.max(rate, LOW), HIGH)));
    if (!hand.held) slider.value = place;
    slider.setAttribute("aria-valuetext", `learning rate ${significant(rate)}`);
    number.classList.toggle("long", significant(rate).length > SHORT);
  }

  function refresh() {
    const rate = page.store.state.topology?.recipe.learning_rate;
    if (sender.busy || rate === undefined) return;
    wanted = null;
    describe(rate);
    refreshNumber();
  }

  const hand = grip(slider, refresh);
  slider.addEventListener("input", () => offer(10 ** Number(slider.value)));
  for (const input of [slider, number]) {
    input.addEventListener("keydown", (event) => {
      const up = event.key === "ArrowUp" || (input === slider && event.key === "ArrowRight");
      const down = event.key === "ArrowDown" || (input === slider && event.key === "ArrowLeft");
      if (!up && !down) return;
      event.preventDefault();
      const factor = event.shiftKey ? COARSE : FINE;
      const current = wanted ?? page.store.state.topology?.recipe.learning_rate ?? 0;
      offer(up ? (current || LOW / factor) * factor : current / factor);
    });
  }
  const refreshNumber = bindNumber(
    page,
    number,
    ({ topology }) => (sender.busy ? undefined : topology?.recipe.learning_rate),
    (value) => ({ type: "set", learning_rate: value }),
    significant,
  );
  page.store.subscribe(({ topology }, before) => {
    if (topology !== before.topology) refresh();
  });
}
