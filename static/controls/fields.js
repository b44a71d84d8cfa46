/**
 * A form control and a value on the server: what the user chooses is sent, what is in force is
 * shown, and where the server refuses, the reason stands beside the control.
 */

import { lowered } from "../views/format.js";

/** @typedef {import("../store.js").State} State */
/** @typedef {import("../connection.js").Answer} Answer */
/** @typedef {Record<string, any>} Command */

/**
 * What every control is given.
 * @typedef {object} Page
 * @property {import("../store.js").Store} store
 * @property {(command: Command) => Promise<Answer>} send
 * @property {(recipe?: Record<string, any>) => void} start a new session instead of this one;
 *   without a recipe, as was asked last
 * @property {() => string} link the address that opens the recipe in force
 * @property {Catalog} catalog
 * @property {() => import("../views/network-layout.js").Layout | null} layout
 */

/**
 * @typedef {{name: string, title: string, formula: string, note: string}} Kind
 * @typedef {{default: number, low: number, high: number, title: string}} Option
 * @typedef {Kind & {slope: string, outputs: string[]}} Loss `outputs`: activations it can follow
 * @typedef {object} Catalog
 * @property {Kind[]} activations
 * @property {Loss[]} losses
 * @property {Kind[]} initializers
 * @property {(Kind & {against: string, options: Record<string, Option>})[]} optimizers
 * @property {{name: string, title: string, kind: string, task: string, options: string[], classes: number | null, note: string}[]} datasets
 * @property {{name: string, title: string}[]} features
 * @property {Record<string, [number, number]>} bounds
 */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLButtonElement} Control */

let nextId = 0;

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {any} the element; the markup and this code belong together, so it must be there
 */
export function find(selector, within = document) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return element;
}

/**
 * An element with properties and children.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role") element.setAttribute(name, value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/** Long enough to be read twice; the control shows again what is in force. */
const ERROR_MS = 15_000;

/**
 * Say beside a control why it was refused; an empty text takes that back.
 * @param {HTMLElement} control
 * @param {string} text
 */
export function showError(control, text) {
  const field = control.closest(".field") ?? control.parentElement ?? control;
  field.querySelector(":scope > .error")?.remove();
  for (const described of field.querySelectorAll("[aria-invalid]")) {
    described.removeAttribute("aria-describedby");
    described.removeAttribute("aria-invalid");
  }
  if (!text) return;
  const place = make("p", { className: "error", role: "alert", id: `error-${++nextId}` }, text);
  field.append(place);
  keepWithin(place, place.closest("#stage"));
  control.setAttribute("aria-describedby", place.id);
  control.setAttribute("aria-invalid", "true");
  setTimeout(() => {
    if (place.isConnected) showError(control, "");
  }, ERROR_MS);
}

/** What hangs below a control stays this many pixels away from the sides. */
const MARGIN = 8;

/**
 * Move what hangs below a control, so that nothing of it is cut at the left or right.
 * @param {HTMLElement} hanging
 * @param {Element | null} [place] whose sides it keeps within; without one, those of the page
 */
export function keepWithin(hanging, place) {
  hanging.style.translate = "";
  const { left, right } = hanging.getBoundingClientRect();
  const sides = (place ?? document.documentElement).getBoundingClientRect();
  const beyond = Math.max(0, right + MARGIN - sides.right);
  hanging.style.translate = `${Math.max(0, sides.left + MARGIN - left) - beyond}px`;
}

/**
 * Send a command for a control; a refusal is shown beside it.
 * @param {Page} page
 * @param {HTMLElement} control
 * @param {Command} command
 * @returns {Promise<boolean>} whether it was carried out
 */
export async function submit(page, control, command) {
  return carriedOut(await page.send(command), control);
}

/**
 * Say beside a control why it was refused, if so. That there is no connection, or no answer, stands
 * above the page already.
 * @param {Answer} answer
 * @param {HTMLElement} control
 */
export function carriedOut(answer, control) {
  const refused = answer.type === "refused";
  const said = !refused || answer.field === "connection";
  showError(control, said ? "" : named(answer, control));
  return !refused;
}

/**
 * What was refused, under the name that the control has on the page.
 * @param {{field: string, message: string}} refusal
 * @param {HTMLElement} control
 */
export function named({ field, message }, control) {
  const typed = control instanceof HTMLInputElement || control instanceof HTMLSelectElement;
  const rest = message.slice(field.length);
  const theirs = message.startsWith(`${field}: `) && (typed || control.matches("[role=group]"));
  return theirs ? `${labelOf(control)}${rest}` : message;
}

/** @param {HTMLElement} control @returns {string} what it is called on the page */
export function labelOf(control) {
  const words = /** @type {HTMLInputElement} */ (control).labels?.[0]?.textContent?.trim();
  const name = words || control.ariaLabel || "This field";
  return name.replace(/^[a-z]/, (letter) => letter.toUpperCase()); // a capital β is no β
}

/**
 * @param {string} text as people type numbers, and as the page writes them: 1e-4, 1.00·10⁻⁴
 * @returns {number} NaN where it is none, or not a finite one
 */
export function numberIn(text) {
  const plain = text
    .trim()
    .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/, (power) => `^${lowered(power)}`)
    .replace(",", ".")
    .replaceAll("−", "-")
    .replace(/^10\^/, "1e")
    .replace(/\s*[·×*]\s*10\^/, "e");
  const value = plain === "" ? Number.NaN : Number(plain);
  return Number.isFinite(value) ? value : Number.NaN;
}

/**
 * A number that is typed. While the user is at it, it is left alone; Escape takes it back, and
 * where there is nothing to take back has its other uses.
 * @param {Page} page
 * @param {HTMLInputElement} input
 * @param {(state: State) => number | null | undefined} inForce
 * @param {(value: number | null) => Command} command `null` where the field may be empty
 * @param {(value: number) => string} [show]
 * @returns {() => void} shows again what is in force
 */
export function bindNumber(page, input, inForce, command, show = String) {
  let typing = false;
  const optional = input.dataset.optional !== undefined;

  function refresh() {
    const value = inForce(page.store.state);
    if (value === undefined || typing) return;
    const text = value === null ? "" : show(value);
    if (input.value !== text) input.value = text;
    input.title = value === null ? "" : String(value);
  }

  input.addEventListener("input", () => {
    typing = true;
  });
  input.addEventListener("change", async () => {
    const text = input.value.trim();
    const value = text === "" ? null : numberIn(text);
    if (value === null ? !optional : Number.isNaN(value)) {
      showError(input, `${labelOf(input)}: got “${text}”, expected a number.`);
    } else await submit(page, input, command(value));
    typing = false;
    refresh();
  });
  input.addEventListener("keydown", (event) => {
    const there = typing || input.hasAttribute("aria-invalid");
    if (event.key !== "Escape" || !there) return;
    event.stopPropagation();
    typing = false;
    showError(input, "");
    refresh();
  });
  page.store.subscribe(({ topology }, before) => {
    if (topology !== before.topology) refresh();
  });
  refresh();
  return refresh;
}

/**
 * A menu.
 * @param {Page} page
 * @param {HTMLSelectElement} select
 * @param {(state: State) => string | undefined} inForce
 * @param {(value: string) => Command} command
 */
export function bindSelect(page, select, inForce, command) {
  /** @param {State} state */
  function refresh(state) {
    const value = inForce(state);
    if (value !== undefined && select.value !== value) select.value = value;
  }
  select.addEventListener("change", async () => {
    await submit(page, select, command(select.value));
    refresh(page.store.state);
  });
  page.store.subscribe((state, before) => {
    if (state.topology !== before.topology) refresh(state);
  });
}

/**
 * A part of the recipe that is always sent as a whole: what is changed next builds on what is on
 * its way already, else it would take that back.
 * @param {Page} page
 * @param {"features" | "schedule"} name
 * @returns {{latest: () => any, page: Page}} the part as asked for last, and a page by which
 *   commands with it are sent
 */
export function sentWhole(page, name) {
  /** @type {unknown[]} */
  const asked = [];
  const latest = () => asked.at(-1) ?? page.store.state.topology?.recipe[name];
  /** @type {Page["send"]} */
  const send = (command) => {
    asked.push(command[name]);
    return page.send(command).finally(() => asked.splice(asked.indexOf(command[name]), 1));
  };
  return { latest, page: { ...page, send } };
}

/**
 * Three significant digits, as people write them.
 * @param {number | null | undefined} value
 */
export function brief(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1);
  if (size >= 1000) return String(Math.round(value));
  return value.toPrecision(3);
}
