/** The race: its form, two figures and the pictures, one highlight in all of them. */

import { madeOf } from "../caption.js";
import { themeOf } from "../colour.js";
import { carriedOut, find } from "../controls/fields.js";
import { FINGERS, write } from "../dom.js";
import { csvOf, downloadText } from "../export.js";
import { significant } from "../views/format.js";
import { nearest } from "../views/points.js";
import { createFigure, fileOf, save, saveDrawing } from "./figure.js";
import { drawCurves } from "./race-curves.js";
import { raceOf, tableOf } from "./race-data.js";
import { drawFinals } from "./race-finals.js";
import { createRaceForm } from "./race-form.js";
import { drawPictures } from "./race-pictures.js";
import { createTiles } from "./race-tiles.js";
import { rampOf } from "./ramp.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("./race-data.js").Race} Race */
/** @typedef {import("./race-data.js").Runner} Runner */
/** @typedef {import("./race-curves.js").Drawn} Drawn */
/** @typedef {import("./figure.js").Figure} Figure */

/** Many curves are drawn anew at most this often. */
const PERIOD_MS = 120;
const REACH = 16;
const PICTURES = "Outputs of the race";
const HINT = FINGERS
  ? "Tap one to go on with its weights."
  : "Point at one for its numbers; click to go on with its weights.";
const MULTIPLIED = "A schedule is in force: it multiplies every rate.";

/** @param {Page} page */
export function createRace(page) {
  const panel = find("#lab-race");
  const teach = find(".lab-teach", panel);
  const results = find(".lab-results", panel);
  const readout = find(".lab-readout", panel);
  const memory = find("#race-memory");
  const other = find("#race-of");
  const lanes = find(".lab-lanes", panel);
  /** What the race was asked for on, until the race is here. @type {string[] | null} */
  let begun = null;
  const form = createRaceForm(page, () => {
    begun = madeOf(page);
  });
  const place = find("[data-place=figures]", panel);
  const curves = createFigure(place, "Loss over the race", "race-losses");
  const finals = createFigure(place, "Loss against learning rate", "race-rates");
  const tiles = createTiles(lanes, { point, adopt });
  curves.files.prepend(
    save("CSV", "The curves of the race as a table", () => {
      if (race) downloadText("race.csv", "text/csv", csvOf(...tableOf(race)));
    }),
  );
  const { optimizers, activations, initializers } = page.catalog;
  const titles = new Map(
    [...optimizers, ...activations, ...initializers].map(({ name, title }) => [name, title]),
  );
  const titleOf = (/** @type {string} */ name) => titles.get(name) ?? name;
  /** @type {Race | null} */
  let race = null;
  /** @type {string | null} */
  let pointed = null;
  let adopted = "";
  let captioned = "";
  let known = 0;
  /** @type {unknown[]} */
  let drawnFor = [];
  let time = 0;

  const pictures = find(".lab-foot .lab-files", panel);
  pictures.append(
    ...saveDrawing(PICTURES, "race-outputs", () => {
      if (!race) return "";
      const theme = themeOf(page.store.state.view.theme);
      const canvasOf = (/** @type {string} */ key) =>
        tiles.tile(key)?.querySelector("canvas") ?? null;
      const { drawing, ...size } = drawPictures(race, theme, rampOf("rate-ramp"), canvasOf);
      return fileOf(drawing, size, theme, PICTURES, curves.made);
    }),
  );
  /** Where the replicas stand in a figure. @type {Map<Figure, Drawn["places"]>} */
  const places = new Map();
  for (const figure of [curves, finals]) {
    const { drawing } = figure;
    const under = (/** @type {MouseEvent} */ event) => {
      const { left, top } = drawing.getBoundingClientRect();
      const there = places.get(figure) ?? [];
      const found = nearest(there, event.clientX - left, event.clientY - top, REACH);
      return there[found]?.runner ?? null;
    };
    drawing.addEventListener("pointermove", (event) => {
      const runner = under(event);
      drawing.style.cursor = runner ? "pointer" : "";
      point(runner?.key ?? null);
    });
    drawing.addEventListener("pointerleave", () => point(null));
    drawing.addEventListener("click", (event) => {
      const runner = under(event);
      if (runner) adopt(runner, tiles.tile(runner.key) ?? lanes);
    });
  }

  /** @param {string | null} key */
  function point(key) {
    if (key === pointed) return;
    pointed = key;
    highlight();
    say();
  }

  function highlight() {
    panel.classList.toggle("pointing", pointed !== null);
    for (const one of panel.querySelectorAll(".runner")) {
      const on = one.dataset.key === pointed;
      one.classList.toggle("on", on);
      if (on && one instanceof SVGElement) one.parentElement?.append(one);
    }
  }

  function say() {
    const runner = race?.lanes.flat().find(({ key }) => key === pointed);
    const hint = race?.info.scheduled ? `${HINT} ${MULTIPLIED}` : HINT;
    write(readout, runner && race ? described(runner, race) : adopted || hint);
  }

  /** @param {Runner} runner @param {HTMLElement} from */
  async function adopt({ lane, replica }, from) {
    const answer = await page.send({ type: "adopt", lane, replica });
    if (carriedOut(answer, from)) adopted = answer.message;
    say();
  }

  /** Files say of what the race was, where it was seen to begin. @param {Race} of */
  function caption({ info, names }) {
    const which = `${info.begin} ${info.rates} ${info.lanes}`;
    const goesOn = which === captioned && info.step >= known && !begun;
    known = info.step;
    if (goesOn) return;
    const made = begun ?? (info.step < info.end ? madeOf(page) : []);
    [captioned, begun] = [which, null];
    const from = info.begin ? `from the weights of step ${info.begin}` : "from initial weights";
    const varied = names.length > 1 ? [`compared: ${names.join(", ")}`] : [];
    curves.made = finals.made = made.length ? [...made, from, ...varied] : [];
  }

  /** @param {import("../views/types.js").State} state @param {number} now */
  function draw(state, now) {
    const { frame, view } = state;
    if (!frame) return false;
    race = raceOf(frame, titleOf);
    form.show(race?.info ?? null);
    write(memory, race ? `${significant(race.info.bytes / 1e6)} MB` : "");
    if (race) caption(race);
    write(other, race?.info.of ? `A race of ${race.info.of}` : "");
    teach.hidden = race !== null;
    results.hidden = race === null;
    pictures.hidden = !race?.info.surface;
    if (!race) {
      adopted = "";
      return false;
    }
    if (adopted && frame.meta.timeline.redo === "adopt") {
      adopted = "";
      say();
    }
    if (curves.width < 80 || finals.width < 80) return false;
    const rate = frame.meta.learning_rate;
    const wanted = [race.news, view.theme, rate, curves.version, finals.version];
    if (wanted.every((part, k) => part === drawnFor[k])) return false;
    if (now - time < PERIOD_MS && wanted[1] === drawnFor[1]) return true;
    time = now;
    drawnFor = wanted;
    const theme = themeOf(view.theme);
    const ramp = rampOf("rate-ramp");
    tiles.draw(race, state, theme, ramp, panel.clientHeight * (race.lanes.length > 1 ? 0.36 : 0.3));
    for (const [figure, drawn] of /** @type {const} */ ([
      [curves, drawCurves(curves, race, theme, ramp)],
      [finals, drawFinals(finals, race, theme, ramp, rate)],
    ])) {
      figure.show(theme, drawn.nodes, drawn.summary);
      places.set(figure, drawn.places);
    }
    highlight();
    say();
    return false;
  }

  return { draw };
}

/** @param {Runner} runner @param {Race} race */
function described(runner, race) {
  const lane = race.lanes.length > 1 ? `${race.names[runner.lane]} · ` : "";
  const test = runner.test[runner.test.length - 1];
  const losses = `loss ${significant(runner.loss)}, test ${significant(test)}`;
  const times = race.info.scheduled ? " × schedule" : "";
  return `${lane}rate ${significant(runner.rate)}${times} · ${runner.label} · ${losses}`;
}
