/** What a lesson asks of the running session, and how it stands: pure functions of the state. */

import { accuracy, count, significant } from "../views/format.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {{what: string, name: string, is: string, value: number | string | boolean}} Goal */
/** @typedef {{reached: boolean, words: string}} Standing */

const NOW = /** @type {Record<string, (state: Ready) => number | null>} */ ({
  steps: ({ frame }) => frame.meta.step,
  epochs: ({ frame }) => frame.meta.epoch,
  layers: ({ topology }) => topology.recipe.layers.length,
  neurons: ({ topology }) => topology.recipe.layers.reduce((sum, { units }) => sum + units, 0),
  output: ({ frame }) => frame.meta.example.chosen_output,
});
const IN_META = ["train_loss", "test_loss", "train_metric", "test_metric", "minibatch_loss"];
const COMPARE = /** @type {Record<string, (a: number, b: number) => boolean>} */ ({
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
});
const WORDS = /** @type {Record<string, string>} */ ({
  "<": "below",
  "<=": "at most",
  ">": "above",
  ">=": "at least",
  "=": "exactly",
});
const WHOLE = ["steps", "layers", "neurons", "batch_size"];
const SHARES = ["train_metric", "test_metric"];

/** @typedef {State & {topology: NonNullable<State["topology"]>, frame: NonNullable<State["frame"]>}} Ready */

/**
 * @param {Goal} goal
 * @param {State} state
 * @returns {Standing} whether it holds, and in words what is and what is asked for
 */
export function standing(goal, state) {
  if (!state.topology || !state.frame) return { reached: false, words: goal.name };
  const ready = /** @type {Ready} */ (state);
  if (typeof goal.value === "number") return ofNumber(goal, goal.value, numberNow(goal, ready));
  if (goal.what === "finding") return ofFinding(goal, ready);
  if (typeof goal.value === "boolean") return ofSwitch(goal, ready);
  const { recipe } = ready.topology;
  const names =
    goal.what === "activation"
      ? recipe.layers.map((layer) => layer.activation)
      : [/** @type {Record<string, any>} */ (recipe)[goal.what]];
  const reached = names.length > 0 && names.every((name) => name === goal.value);
  const now = [...new Set(names)].map(spoken).join(", ");
  return { reached, words: `${goal.name} ${now} → ${spoken(goal.value)}` };
}

/** @param {Goal} goal @param {Ready} state @returns {number | null} */
function numberNow({ what }, state) {
  if (what in NOW) return NOW[what](state);
  if (IN_META.includes(what)) return /** @type {any} */ (state.frame.meta)[what];
  return /** @type {Record<string, any>} */ (state.topology.recipe)[what] ?? null;
}

/** @param {Goal} goal @param {number} value @param {number | null} now @returns {Standing} */
function ofNumber(goal, value, now) {
  const reached = now !== null && COMPARE[goal.is](now, value);
  const shown = now === null ? "–" : told(goal, now, reached);
  const wanted = WHOLE.includes(goal.what)
    ? count(value)
    : SHARES.includes(goal.what)
      ? `${plain(Number((100 * value).toPrecision(6)))} %`
      : plain(value);
  // Steps are not taken back.
  const over = goal.what === "steps" && ["=", "<", "<="].includes(goal.is) && !reached;
  const hint = over && (now ?? 0) > value ? ": too many, start again" : "";
  return { reached, words: `${goal.name} ${shown} → ${WORDS[goal.is]} ${wanted}${hint}` };
}

/**
 * A number as the page writes it; with more digits where those would seem to say the contrary.
 * @param {Goal} goal @param {number} now @param {boolean} reached
 */
function told({ what, is, value }, now, reached) {
  if (WHOLE.includes(what)) return count(now);
  const share = SHARES.includes(what);
  const agrees = (/** @type {number} */ number) =>
    COMPARE[is](share ? number / 100 : number, Number(value)) === reached;
  const size = share ? 100 * now : now;
  if (agrees(Number(share ? size.toFixed(1) : size.toPrecision(3))))
    return share ? accuracy(now) : significant(now);
  for (let digits = 4; digits < 12; digits++) {
    const text = size.toPrecision(digits);
    if (agrees(Number(text))) return share ? `${text} %` : plain(Number(text));
  }
  return plain(size);
}

/** A number with all its digits. @param {number} number */
function plain(number) {
  const size = Math.abs(number);
  if (size > 0 && (size < 1e-3 || size >= 1e5)) return significant(number);
  return String(number).replace("-", "−");
}

/** @param {Goal} goal @param {Ready} state @returns {Standing} */
function ofFinding(goal, { frame }) {
  const found = frame.meta.findings.map((finding) => finding.name);
  const there = found.includes(String(goal.value));
  const reached = goal.is === "=" ? there : !there;
  const wish = goal.is === "=" ? `find “${goal.value}”` : `no “${goal.value}”`;
  return { reached, words: `diagnosis: ${found.join(", ") || "nothing wrong"} → ${wish}` };
}

/** @param {Goal} goal @param {Ready} state @returns {Standing} */
function ofSwitch(goal, { frame, topology }) {
  if (goal.what === "diverged") {
    const now = frame.meta.diverged !== null;
    const words = `training ${now ? "has diverged" : "goes on"} → ${goal.value ? "diverges" : "goes on"}`;
    return { reached: now === goal.value, words };
  }
  const on = topology.recipe.layers.filter((layer) => layer.batch_norm).length;
  const all = topology.recipe.layers.length;
  const wish = goal.value ? `${all}` : "0";
  const reached = goal.value ? on === all : on === 0;
  return { reached, words: `layers with ${goal.name} ${on} → ${wish}` };
}

/** @param {unknown} name */
function spoken(name) {
  return String(name).replaceAll("_", " ");
}
