/** The lesson on the page: one step at a time, its question, its goal, its explanation. */

import { find, make } from "../controls/fields.js";
import { write } from "../dom.js";

/** @typedef {import("./goals.js").Goal} Goal */
/** @typedef {import("./goals.js").Standing} Standing */
/** @typedef {{question: string, choices: {text: string, right: boolean}[]}} Prediction */
/**
 * @typedef {object} Step
 * @property {string} title
 * @property {Record<string, any> | null} recipe with which the network starts anew
 * @property {Record<string, any>[]} commands
 * @property {Record<string, any>[]} catch_up commands for who has not done the steps before
 * @property {number | "max" | null} speed
 * @property {string[]} reveal
 * @property {string[]} conceal until there is a prediction
 * @property {Goal[]} goal
 * @property {Prediction | null} predict
 * @property {string} text HTML, as are `do` and `why`
 * @property {string} do
 * @property {string} why
 */
/** @typedef {{name: string, title: string, reveal: string[], steps: Step[]}} Lesson */
/**
 * What the student has done of a step.
 * @typedef {object} Progress
 * @property {number | null} chosen
 * @property {boolean} reached
 * @property {boolean} stale it was reached, but the network has begun anew since
 * @property {boolean} paused training has been paused, since the goal was reached
 */

/**
 * @param {{go: (index: number) => void, choose: (choice: number) => void}} does
 */
export function createPanel(does) {
  const place = find("#lesson");
  const body = find("#lesson-body");
  const goals = make("ul", { className: "lesson-goals" });

  /** @param {Step} step @param {Progress} progress @param {(Node | string)[]} parts */
  function fill(step, progress, parts) {
    const held = body.contains(document.activeElement);
    body.replaceChildren(
      make("h3", { tabIndex: -1 }, step.title),
      html("lesson-text", step.text),
      ...parts,
    );
    // Whoever is here by keyboard is not thrown out of the lesson.
    if (held) find("h3", body).focus({ preventScroll: true });
    if (progress.chosen === null && step.predict) return;
    const { paused } = progress;
    const note = paused ? [make("p", { className: "lesson-note" }, PAUSED)] : [];
    if (step.do) body.append(section("do", "Do", html("", step.do), goals, ...note));
    if (progress.reached) body.append(explanation(step, progress));
  }

  return {
    /** @param {Lesson} lesson @param {number} index @param {Progress[]} done */
    show(lesson, index, done) {
      const step = lesson.steps[index];
      const progress = done[index];
      const count = lesson.steps.length;
      place.hidden = false;
      find("#lesson-place").textContent = `Lesson · step ${index + 1} of ${count}`;
      find("#lesson-title").textContent = lesson.title;
      find("#lesson-steps").replaceChildren(
        ...lesson.steps.map((one, k) => {
          const reached = done[k].reached ? ", done" : "";
          const go = make("button", { type: "button", title: one.title }, String(k + 1));
          go.setAttribute("aria-label", `Step ${k + 1}: ${one.title}${reached}`);
          if (k === index) go.setAttribute("aria-current", "step");
          go.dataset.reached = String(done[k].reached);
          go.addEventListener("click", () => does.go(k));
          return make("li", {}, go);
        }),
      );
      fill(step, progress, step.predict ? [question(step.predict, progress, does.choose)] : []);
      find("#lesson-back").disabled = index === 0;
      const next = find("#lesson-next");
      const waiting = step.predict && progress.chosen === null;
      next.textContent = waiting ? "Skip" : index + 1 < count ? "Next" : "Finish";
      next.classList.toggle("strong", progress.reached);
    },
    /** @param {Standing[]} standings how the goals stand at this moment */
    stand(standings) {
      standings.forEach(({ reached, words }, k) => {
        const item = goals.children[k] ?? goals.appendChild(make("li"));
        write(item, words);
        item.dataset.reached = String(reached);
      });
      while (goals.children.length > standings.length) goals.lastChild?.remove();
    },
    /** Above the step, until something else is shown. @param {string} words */
    remark(words) {
      body.prepend(make("p", { className: "lesson-note", role: "status" }, words));
    },
    /**
     * What the student looks at next, and goes on from by keyboard if that is `here`.
     * @param {"top" | "do" | "why"} part @param {boolean} [here]
     */
    look(part, here = false) {
      if (part === "top") {
        find("h3", body).focus({ preventScroll: true });
        body.scrollTop = 0;
        return;
      }
      const section = find(`.lesson-${part}`, body);
      section.scrollIntoView({ block: "nearest" });
      if (here) find("h4", section).focus({ preventScroll: true });
    },
    hide() {
      place.hidden = true;
      body.replaceChildren();
    },
  };
}

/** @param {Prediction} predict @param {Progress} progress @param {(choice: number) => void} choose */
function question({ question: words, choices }, { chosen, reached }, choose) {
  const settled = make("button", { type: "button", className: "strong" }, "This is my prediction");
  settled.disabled = true;
  const radios = choices.map(({ text, right }, k) => {
    const radio = make("input", { type: "radio", name: "prediction", value: String(k) });
    radio.checked = k === chosen;
    radio.disabled = chosen !== null;
    radio.addEventListener("change", () => {
      settled.disabled = false;
    });
    const mark = reached && (right || k === chosen) ? (right ? "✓ " : "✗ ") : "";
    const label = make("label", {}, radio, make("span", { innerHTML: mark + text }));
    if (mark) label.dataset.right = String(right);
    return label;
  });
  settled.addEventListener("click", () => choose(radios.findIndex((one) => one.control.checked)));
  const group = make("fieldset", {}, make("legend", { className: "label" }, "Predict"));
  group.append(html("", words), ...radios);
  if (chosen === null) group.append(settled);
  return make("div", { className: "lesson-predict" }, group);
}

/** @param {Step} step @param {Progress} progress */
function explanation(step, { chosen, stale }) {
  const right = step.predict?.choices[chosen ?? -1]?.right;
  const verdict =
    right === undefined ? [] : [make("p", { className: "lesson-verdict" }, right ? RIGHT : WRONG)];
  const note = stale ? [make("p", { className: "lesson-note" }, STALE)] : [];
  return section("why", "Why", ...verdict, ...note, html("", step.why));
}

const PAUSED =
  "Reached. Training is paused a few steps later, so that the numbers stand; Play goes on.";
const STALE =
  "This is what you have seen. The network stands again where the step begins: you can do it once more.";
const RIGHT = "As you predicted.";
const WRONG = "Not as you predicted: that is how one learns most.";

/** @param {string} name @param {string} title @param {...Node} children */
function section(name, title, ...children) {
  const head = make("h4", { className: "label", tabIndex: -1 }, title);
  const role = name === "why" ? { role: "status" } : {};
  return make("div", { className: `lesson-${name}`, ...role }, head, ...children);
}

/** @param {string} className @param {string} text rendered by the server, which lets no HTML in */
function html(className, text) {
  return make("div", { className, innerHTML: text });
}
