/** What a race is to be like: the form above it, and the command that it says. */

import { find, numberIn, showError, submit } from "../controls/fields.js";
import { write } from "../dom.js";
import { ask, numberFrom } from "./ask.js";

/** @typedef {import("../controls/fields.js").Page} Page */

const MOST = 4;
/** What the weights were learned with cannot vary from them on. */
const AFRESH = ["activation", "initializer"];

/** @param {Page} page @param {() => void} onStarted */
export function createRaceForm(page, onStarted) {
  const form = find("#race-form");
  const [from, spacing, vary] = ["from", "spacing", "vary"].map((id) => find(`#race-${id}`));
  const [low, high, count, rates, steps, batches] = [
    "low",
    "high",
    "count",
    "rates",
    "steps",
    "batches",
  ].map((id) => find(`#race-${id}`));
  const start = find("#race-start");
  const stop = find("#race-stop");
  const values = find("#race-values");
  const groups = [...values.querySelectorAll("[data-vary]")];
  const fields = { low, high, replicas: count, count, rates, steps, variants: values };
  const varied = {
    optimizer: values,
    activation: values,
    initializer: values,
    batch_size: batches,
  };

  from.addEventListener("change", () => {
    const here = from.value === "here";
    for (const choice of vary.options) {
      choice.disabled = here && AFRESH.includes(choice.value);
      choice.title = choice.disabled ? "only from initial weights" : "";
    }
    if (!vary.selectedOptions[0].disabled) return;
    vary.value = "";
    vary.dispatchEvent(new Event("change"));
  });
  spacing.addEventListener("change", () => {
    for (const part of form.querySelectorAll("[data-spacing]")) {
      part.hidden = part.dataset.spacing !== spacing.value;
    }
  });
  vary.addEventListener("change", () => {
    values.hidden = !vary.value;
    for (const group of groups) group.hidden = group.dataset.vary !== vary.value;
    showError(values, "");
  });
  for (const chip of values.querySelectorAll("button")) {
    chip.addEventListener("click", () => {
      const chosen = chip.parentElement.querySelectorAll("[aria-pressed=true]").length;
      const more = chip.getAttribute("aria-pressed") !== "true";
      const full = more && chosen >= MOST;
      showError(
        values,
        full ? `At most ${MOST} can race side by side: let go of another first.` : "",
      );
      if (!full) chip.setAttribute("aria-pressed", String(more));
    });
  }

  /** @returns {Record<string, any>[] | null} null: said beside the field what is wrong */
  function variants() {
    const group = groups.find((one) => one.dataset.vary === vary.value);
    if (!group) return [{}];
    /** @type {(string | number)[]} */
    let chosen = [...group.querySelectorAll("[aria-pressed=true]")].map((one) => one.dataset.value);
    if (group.contains(batches)) chosen = numbersIn(batches.value);
    const numbers = !chosen.some(Number.isNaN);
    const fits = numbers && chosen.length >= 2 && chosen.length <= MOST;
    const wish = `two to ${MOST} ${group.contains(batches) ? "numbers" : "kinds"} to compare`;
    const got = numbers ? chosen.length : `“${batches.value}”`;
    showError(values, fits ? "" : `Choose ${wish}; got ${got}.`);
    return fits ? chosen.map((value) => ({ [vary.value]: value })) : null;
  }

  /** @returns {Record<string, any> | null} */
  function command() {
    const lanes = variants();
    const length = numberFrom(steps);
    /** @type {Record<string, any>} */
    const race = { type: "race", afresh: from.value === "afresh", variants: lanes, steps: length };
    let wrong = !lanes || Number.isNaN(length);
    if (spacing.value === "typed") {
      race.rates = numbersIn(rates.value);
      const bad = race.rates.length === 0 || race.rates.some(Number.isNaN);
      showError(rates, bad ? `Rates: got “${rates.value}”, expected numbers and spaces.` : "");
      wrong ||= bad;
    } else {
      Object.assign(race, { low: numberFrom(low), high: numberFrom(high) });
      race.replicas = numberFrom(count);
      wrong ||= [race.low, race.high, race.replicas].some(Number.isNaN);
    }
    return wrong ? null : race;
  }

  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const race = command();
    if (race && (await ask(page, race, { ...fields, ...varied }, start))) onStarted();
  });
  stop.addEventListener("click", () =>
    submit(page, stop, { type: "close", what: "race", keep: true }),
  );

  return {
    /** @param {import("../protocol.js").RaceInfo | null} info */
    show(info) {
      const running = info !== null && info.step < info.end;
      stop.hidden = !running;
      const words = info ? "Start anew" : "Start";
      write(start, words);
    },
  };
}

/** @param {string} text numbers, between them spaces, commas or semicolons */
function numbersIn(text) {
  return text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(numberIn);
}
