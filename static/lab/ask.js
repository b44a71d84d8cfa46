/** A command from a form: where the server refuses, the reason stands beside the field it names. */

import { carriedOut, labelOf, numberIn, showError } from "../controls/fields.js";

/** @typedef {import("../controls/fields.js").Page} Page */

/**
 * @param {Page} page
 * @param {Record<string, any>} command
 * @param {Record<string, HTMLElement>} fields by the name that the server has for them
 * @param {HTMLElement} otherwise
 * @returns {Promise<boolean>} whether it was carried out
 */
export async function ask(page, command, fields, otherwise) {
  const places = [...Object.values(fields), otherwise];
  for (const place of places) showError(place, "");
  const answer = await page.send(command);
  if (answer.type !== "refused") return true;
  const name = answer.field.split(/[.[]/).find((part) => part in fields) ?? "";
  const place = fields[name] ?? otherwise;
  return carriedOut(answer, place);
}

/**
 * The number in a field; where there is none, that is said beside it.
 * @param {HTMLInputElement} input
 * @returns {number} NaN where it is none
 */
export function numberFrom(input) {
  const value = numberIn(input.value);
  const wrong = Number.isNaN(value);
  showError(input, wrong ? `${labelOf(input)}: got “${input.value}”, expected a number.` : "");
  return value;
}
