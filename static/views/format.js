/** Numbers as the page writes them: three significant digits, a true minus sign. */

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {number | null | undefined} value
 * @returns {string} three significant digits: 0.0305, −1.20, 4.10·10⁻⁶; ∞ and "not a number" in words
 */
export function significant(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const [digits, exponent] = size.toExponential(2).split("e");
  const power = Number(exponent);
  const sign = value < 0 ? "−" : "";
  if (power >= -3 && power < 4) return sign + (power > 2 ? size.toFixed(0) : size.toPrecision(3));
  return `${sign}${digits}·10${superscript(power)}`;
}

/**
 * A loss or the like, which frames give as null where it is not a finite number.
 * @param {number | null} value
 * @param {boolean} judged whether there are examples that it is of
 */
export function measured(value, judged) {
  if (!judged) return "–";
  return value === null || Number.isNaN(value) ? "not finite" : significant(value);
}

/** @param {number} number a whole one @returns {string} 96,517 */
export function count(number) {
  return number.toLocaleString("en");
}

/** @param {number} share 0…1 @returns {string} an accuracy, to a tenth of a per cent */
export function accuracy(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** @param {number} power a whole number */
export function superscript(power) {
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return (power < 0 ? "⁻" : "") + digits;
}

/** @param {string} power as `superscript` writes it @returns {string} −4 as people type it: -4 */
export function lowered(power) {
  return [...power].map((sign) => (sign === "⁻" ? "-" : SUPERSCRIPTS.indexOf(sign))).join("");
}

/** @param {number | null | undefined} value every digit that it has, for a title */
export function exact(value) {
  return value === null || value === undefined ? "not a number" : String(value);
}

/** @param {number} share 0…1 @returns {string} a whole percentage, one decimal where it matters */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  return `${value > 0 && value < 10 && value % 1 !== 0 ? value.toFixed(1) : value.toFixed(0)} %`;
}
