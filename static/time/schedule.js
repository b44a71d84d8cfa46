/** The schedule's menu beside the learning rate, and the rate in force where it differs. */

import { bindNumber, bindSelect, find, make, sentWhole, submit } from "../controls/fields.js";
import { mark, write } from "../dom.js";
import { significant } from "../views/format.js";
import { createCurveEditor } from "./curve-editor.js";
import { firstCurve, SCHEDULES, stretched } from "./schedules.js";

/** @typedef {import("../controls/fields.js").Page} Page */
/** @typedef {import("./schedules.js").Schedule} Schedule */

/** @param {Page} whole */
export function createSchedule(whole) {
  const { latest, page } = sentWhole(whole, "schedule");
  const menu = find("#schedule");
  const body = find(".popover-body", menu);
  const name = find("#schedule-name");
  const rate = find("#rate-in-force");
  /** @type {HTMLSelectElement} */
  const kind = make("select", { id: "schedule-kind" });
  kind.append(...SCHEDULES.map((one) => make("option", { value: one.name }, one.title)));
  const steps = field("schedule-steps", "steps");
  const final = field("schedule-final", "final factor");
  const room = make("div", { className: "field" });
  const note = make("p", { className: "note" });
  const label = make("label", { htmlFor: kind.id }, "schedule");
  const began = make("span");
  const anew = make("button", { type: "button", className: "chip small" }, "begin anew");
  const since = make("div", { className: "field row" }, began, anew);
  body.append(make("div", { className: "field row" }, label, kind));
  body.append(steps.element, final.element, room, since, note);

  const inForce = () => page.store.state.topology?.recipe.schedule;
  /** @param {Partial<Schedule>} patch @returns {Record<string, any>} */
  const changed = (patch) => {
    const schedule = { ...latest(), ...patch };
    if (schedule.kind !== "curve") schedule.points = [];
    else if (!schedule.points?.length) schedule.points = firstCurve(schedule.steps ?? 2000);
    return { type: "set", schedule };
  };
  bindSelect(
    page,
    kind,
    () => inForce()?.kind,
    (value) => changed({ kind: /** @type {Schedule["kind"]} */ (value) }),
  );
  bindNumber(
    page,
    steps.input,
    () => inForce()?.steps,
    (value) => {
      const now = latest();
      const points = stretched(now?.points ?? [], now?.steps ?? 1, value ?? 1);
      return changed({ steps: value ?? 1, points });
    },
  );
  bindNumber(
    page,
    final.input,
    () => inForce()?.final,
    (value) => changed({ final: value ?? 0 }),
  );
  anew.addEventListener("click", () => {
    const begin = page.store.state.frame?.meta.step;
    if (begin !== undefined) submit(page, anew, changed({ begin }));
  });
  const editor = createCurveEditor(room, (points) => submit(page, room, changed({ points })));

  /** @type {unknown} */
  let told = null;
  page.store.subscribe(({ topology, frame }) => {
    const schedule = topology?.recipe.schedule;
    if (!schedule) return;
    if (topology !== told) {
      told = topology;
      const words = SCHEDULES.find((one) => one.name === schedule.kind) ?? SCHEDULES[0];
      name.textContent = words.short ?? words.title;
      steps.say(words.steps);
      final.say(words.final);
      room.hidden = schedule.kind !== "curve";
      since.hidden = schedule.kind === "constant";
      began.textContent = `since step ${(schedule.begin ?? 0).toLocaleString("en")}`;
      note.textContent = words.note;
    }
    if (!frame) return;
    const { rate_in_force, learning_rate, step } = frame.meta;
    const differs = rate_in_force !== learning_rate;
    const text = differs ? significant(rate_in_force) : "";
    write(rate, text);
    mark(rate, "title", differs ? "The learning rate in force now" : "");
    if (menu.open && schedule.kind === "curve") {
      editor.show(schedule, step - (schedule.begin ?? 0), learning_rate);
    }
  });
  menu.addEventListener("toggle", () => {
    const { topology, frame } = page.store.state;
    if (!menu.open || !topology || !frame) return;
    const { schedule } = topology.recipe;
    if (schedule.kind === "curve") {
      editor.show(schedule, frame.meta.step - (schedule.begin ?? 0), frame.meta.learning_rate);
    }
  });
}

/**
 * A row with a number, hidden where the schedule has none.
 * @param {string} id
 * @param {string} name until the kind of schedule has a better one
 */
function field(id, name) {
  const label = make("label", { htmlFor: id }, name);
  const input = make("input", { id, type: "text", inputMode: "decimal", autocomplete: "off" });
  input.size = 7;
  const element = make("div", { className: "field row" }, label, input);
  return {
    element,
    input,
    /** @param {string | undefined} words */
    say(words) {
      element.hidden = !words;
      if (words) label.textContent = words;
    },
  };
}
