/** A figure of the lab: a title, a drawing that fills its room, a summary in words, two files. */

import { scheduler } from "../canvas.js";
import { linesOf } from "../caption.js";
import { make } from "../controls/fields.js";
import { downloadBlob, downloadText, pngOfSvg } from "../export.js";
import { svg, text } from "../svg.js";
import { letterOf } from "./axes.js";

/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {ReturnType<typeof createFigure>} Figure */

const TITLE = 30;

/**
 * @param {HTMLElement} place
 * @param {string} title
 * @param {string} name of the files
 */
export function createFigure(place, title, name) {
  const drawing = svg("svg", { role: "img", "aria-label": title });
  const room = make("div", { className: "lab-room" }, drawing);
  const files = make("span", { className: "lab-files" });
  const note = make("span", { className: "note" });
  const caption = make("figcaption", {}, make("span", {}, title, " ", note), files);
  const whole = make("figure", { className: "lab-figure" }, caption, room);
  place.append(whole);
  /** @type {Theme | null} */
  let drawnIn = null;
  let drawn = { width: 0, height: 0 };
  const figure = {
    element: whole,
    drawing,
    files,
    /** Beside the title. */
    note,
    width: 0,
    height: 0,
    version: 0,
    /** What a file says beneath the drawing. */
    made: /** @type {string[]} */ ([]),
    /**
     * @param {Theme} theme
     * @param {Node[]} nodes
     * @param {string} summary
     * @param {{width: number, height: number}} [size] of what is drawn, where it leaves room
     */
    show(theme, nodes, summary, size) {
      drawnIn = theme;
      drawn = size ?? { width: figure.width, height: figure.height };
      drawing.setAttribute("viewBox", `0 0 ${figure.width} ${figure.height}`);
      drawing.setAttribute("font-size", String(letterOf(theme)));
      drawing.setAttribute("font-family", theme.font);
      drawing.setAttribute("aria-label", `${title}. ${summary}`);
      drawing.replaceChildren(...nodes);
    },
  };
  new ResizeObserver(() => {
    figure.width = room.clientWidth;
    figure.height = room.clientHeight;
    figure.version++;
    scheduler.markDirty();
  }).observe(room);

  const file = () => (drawnIn ? fileOf(drawing, drawn, drawnIn, title, figure.made) : "");
  files.append(...saveDrawing(title, name, file));
  return figure;
}

/**
 * Two buttons.
 * @param {string} title
 * @param {string} name of the files
 * @param {() => string} file an SVG file as it is now
 */
export function saveDrawing(title, name, file) {
  return [
    save("SVG", `${title} as a drawing`, () =>
      downloadText(`${name}.svg`, "image/svg+xml", file()),
    ),
    save("PNG", `${title} as a picture`, async () =>
      downloadBlob(`${name}.png`, await pngOfSvg(file())),
    ),
  ];
}

/**
 * @param {string} words
 * @param {string} label
 * @param {() => unknown} act
 */
export function save(words, label, act) {
  const button = make("button", { type: "button", className: "lab-file", title: label }, words);
  button.setAttribute("aria-label", `${words}: ${label}`);
  button.addEventListener("click", act);
  return button;
}

/**
 * @param {SVGElement} drawing
 * @param {{width: number, height: number}} size
 * @param {Theme} theme
 * @param {string} title
 * @param {string[]} [made] of what: small lines beneath
 * @returns {string} a whole SVG file: the drawing under its title, on its own ground
 */
export function fileOf(drawing, { width, height }, theme, title, made = []) {
  const copy = /** @type {SVGElement} */ (drawing.cloneNode(true));
  for (const node of copy.querySelectorAll("[class]")) node.removeAttribute("class");
  const letter = letterOf(theme) * 0.85;
  const lines = linesOf(made, width, letter, theme.font);
  const below = lines.length ? (lines.length + 0.4) * letter * 1.35 : 0;
  const frame = { x: -10, y: -TITLE, width: width + 20, height: height + TITLE + 10 + below };
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `${frame.x} ${frame.y} ${frame.width} ${frame.height}`);
  copy.setAttribute("width", String(frame.width));
  copy.setAttribute("height", String(frame.height));
  copy.prepend(
    svg("title", {}, drawing.getAttribute("aria-label") ?? title),
    svg("rect", { ...frame, fill: theme.paper }),
    text(0, -10, title, theme.ink, "start", { "font-weight": 600 }),
  );
  lines.forEach((line, k) => {
    const y = height + (k + 1) * letter * 1.35;
    copy.append(text(0, y, line, theme.muted, "start", { "font-size": letter }));
  });
  return new XMLSerializer().serializeToString(copy);
}
