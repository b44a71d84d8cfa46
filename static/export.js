/** Figures and numbers as files: CSV, SVG with real lines, PNG. */

import { linesOf } from "./caption.js";
import { tickText } from "./views/plot.js";

/**
 * @typedef {object} Axis
 * @property {string} label
 * @property {readonly [number, number]} range
 * @property {boolean} [log]
 * @property {readonly number[]} ticks
 * @property {(value: number) => string} [text] how a tick is written
 */

/**
 * @typedef {object} Curve
 * @property {string} name said in the legend; a curve without a name is not in it
 * @property {ArrayLike<number | null>} x
 * @property {ArrayLike<number | null>} y what is null, not finite or has no place is a gap
 * @property {string} colour
 * @property {number} [width]
 * @property {string} [dash] as of SVG's stroke-dasharray
 * @property {boolean} [dots] points instead of a line
 */

/** A line across a figure at some x, with words. @typedef {{x: number, text: string, colour: string}} Rule */

/** Diagrams one below the other, on one horizontal axis.
 * @typedef {{y: Axis, height: number, curves: Curve[], rules?: Rule[]}} Panel
 */

/**
 * @typedef {object} Figure
 * @property {string} title
 * @property {string[]} made of what: small lines beneath
 * @property {number} width of the whole
 * @property {Axis} x
 * @property {Panel[]} panels
 * @property {{paper: string, ink: string, muted: string, line: string, font: string}} theme
 */

const LEFT = 62;
const RIGHT = 18;
const TOP = 46;
const GAP = 16;
const BOTTOM = 44;
/** Letters of what stands beneath. */
const SMALL = 11;

/** @param {string} name of the file @param {Blob} blob */
export function downloadBlob(name, blob) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {string} name of the file @param {string} mime @param {string} text */
export function downloadText(name, mime, text) {
  downloadBlob(name, new Blob([text], { type: `${mime};charset=utf-8` }));
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function pngOfCanvas(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture was made."))));
  });
}

/**
 * @param {string} svg as of `svgOfCurves`
 * @param {number} [scale] pixels for each unit of the drawing
 * @returns {Promise<Blob>}
 */
export async function pngOfSvg(svg, scale = 2) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await pngOfCanvas(canvas);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * A table as comma-separated values; what is not finite stays empty.
 * @param {string[]} names of the columns
 * @param {Iterable<readonly (number | string | null)[]>} rows
 */
export function csvOf(names, rows) {
  const lines = [names.map(cell).join(",")];
  for (const row of rows) lines.push(row.map(cell).join(","));
  return `${lines.join("\n")}\n`;
}

/** @param {number | string | null} value */
function cell(value) {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {Figure} figure @returns {string} a whole SVG file */
export function svgOfCurves(figure) {
  const { title, made, width, x, panels, theme } = figure;
  const inner = panels.reduce((sum, panel) => sum + panel.height + GAP, -GAP);
  const lines = linesOf(made, width - LEFT - RIGHT, SMALL, theme.font);
  const foot = TOP + inner + BOTTOM;
  const height = foot + lines.length * 1.35 * SMALL;
  const across = place(x, LEFT, width - RIGHT);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    ` viewBox="0 0 ${width} ${height}" font-family="${escaped(theme.font)}" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${theme.paper}"/>`,
    text(LEFT, 18, title, theme.ink, "start", ' font-weight="600" font-size="14"'),
    legend(panels, theme),
  ];
  let top = TOP;
  for (const panel of panels) {
    parts.push(...drawn(panel, top, across, figure));
    top += panel.height + GAP;
  }
  const below = TOP + inner + 16;
  for (const value of x.ticks) {
    parts.push(text(across(value), below, (x.text ?? tickText)(value), theme.muted, "middle"));
  }
  parts.push(text((LEFT + width - RIGHT) / 2, below + 18, x.label, theme.ink, "middle"));
  lines.forEach((line, k) => {
    const y = foot + k * 1.35 * SMALL;
    parts.push(text(LEFT, y, line, theme.muted, "start", ` font-size="${SMALL}"`));
  });
  parts.push("</svg>");
  return parts.join("\n");
}

/**
 * @param {Panel} panel
 * @param {number} top
 * @param {(value: number) => number} across
 * @param {Figure} figure
 */
function drawn({ y, height, curves, rules = [] }, top, across, { width, theme }) {
  const bottom = top + height;
  const up = place(y, bottom, top);
  const parts = y.ticks.flatMap((value) => [
    line(LEFT, up(value), width - RIGHT, up(value), theme.line),
    text(LEFT - 6, up(value) + 4, (y.text ?? tickText)(value), theme.muted, "end"),
  ]);
  const middle = top + height / 2;
  const turned = ` transform="rotate(-90 14 ${middle})"`;
  parts.push(text(14, middle, y.label, theme.ink, "middle", turned));
  for (const rule of rules) {
    const at = across(rule.x);
    parts.push(line(at, top, at, bottom, rule.colour, ' stroke-dasharray="2 3"'));
    const end = at > width * 0.7;
    const beside = at + (end ? -4 : 4);
    parts.push(text(beside, top + 11, rule.text, rule.colour, end ? "end" : "start"));
  }
  for (const curve of curves) parts.push(strokes(curve, across, up));
  return parts;
}

/**
 * @param {Curve} curve
 * @param {(value: number) => number} across
 * @param {(value: number) => number} up
 */
function strokes(curve, across, up) {
  const { name, x, y, colour, width = 1.5, dash, dots } = curve;
  /** @type {string[]} */
  const parts = [];
  let open = false;
  for (let k = 0; k < x.length; k++) {
    const left = across(x[k] ?? Number.NaN);
    const height = up(y[k] ?? Number.NaN);
    const there = Number.isFinite(left) && Number.isFinite(height);
    if (there && dots) {
      parts.push(`<circle cx="${short(left)}" cy="${short(height)}" r="${width}"/>`);
    } else if (there) parts.push(`${open ? "L" : "M"}${short(left)} ${short(height)}`);
    open = there;
  }
  const label = name ? `<title>${escaped(name)}</title>` : "";
  if (dots) return `<g fill="${colour}">${label}${parts.join("")}</g>`;
  const dashed = dash ? ` stroke-dasharray="${dash}"` : "";
  return (
    `<path d="${parts.join("")}" fill="none" stroke="${colour}" stroke-width="${width}"` +
    `${dashed} stroke-linejoin="round">${label}</path>`
  );
}

/** @param {Panel[]} panels @param {Figure["theme"]} theme names in one line */
function legend(panels, theme) {
  const named = new Map();
  for (const curve of panels.flatMap((panel) => panel.curves)) {
    if (curve.name && !named.has(curve.name)) named.set(curve.name, curve);
  }
  let left = LEFT;
  const parts = [];
  for (const [name, { colour, width = 1.5, dash = "" }] of named) {
    const dashed = dash ? ` stroke-dasharray="${dash}"` : "";
    parts.push(line(left, 32, left + 18, 32, colour, ` stroke-width="${width}"${dashed}`));
    parts.push(text(left + 23, 36, name, theme.ink, "start"));
    left += 41 + 6.6 * name.length;
  }
  return parts.join("\n");
}

/**
 * @param {Axis} axis
 * @param {number} from where the lower end stands
 * @param {number} to
 * @returns {(value: number) => number}
 */
function place({ range, log }, from, to) {
  const scale = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
  const low = scale(range[0]);
  const share = (to - from) / (scale(range[1]) - low || 1);
  return (value) => from + (scale(value) - low) * share;
}

/**
 * @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2
 * @param {string} colour
 * @param {string} [more] attributes
 */
function line(x1, y1, x2, y2, colour, more = "") {
  const [a, b, c, d] = [x1, y1, x2, y2].map(short);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="${colour}"${more}/>`;
}

/**
 * @param {number} x @param {number} y
 * @param {string} words
 * @param {string} colour
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} [more] attributes
 */
function text(x, y, words, colour, anchor, more = "") {
  const [left, height] = [x, y].map(short);
  return `<text x="${left}" y="${height}" fill="${colour}" text-anchor="${anchor}"${more}>${escaped(words)}</text>`;
}

/** @param {number} value in the drawing's units */
function short(value) {
  return Number(value.toFixed(2));
}

/** @param {string} words */
function escaped(words) {
  const names = /** @type {Record<string, string>} */ ({
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  });
  return words.replace(/[&<>"]/g, (mark) => names[mark]);
}
