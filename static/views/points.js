/** Training and test points: small sprites, drawn once per look and stamped. */

import { css, mix } from "../colour.js";

/** @typedef {{x: number, y: number, colour: number, test: boolean, wrong: boolean}} Dot */

/**
 * Training points are filled and ringed in white; test points are hollow; a misclassified one wears
 * a ring of ink. They have a canvas of their own above the plot: most frames leave all points as
 * they were, and then nothing is drawn.
 * @param {import("../canvas.js").Surface} surface
 */
export function createDots(surface) {
  const sheet = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  let made = "";
  let cell = 0;
  /** @type {Dot[]} */
  let shown = [];
  /** @type {Dot | undefined} */
  let ringed;

  /** @param {string[]} colours @param {number} radius @param {number} ratio */
  function prepare(colours, radius, ratio) {
    cell = Math.ceil(radius * 2 + 8);
    sheet.width = cell * 4 * ratio;
    sheet.height = cell * colours.length * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    colours.forEach((colour, row) => {
      for (let look = 0; look < 4; look++) {
        const x = (look + 0.5) * cell;
        const y = (row + 0.5) * cell;
        const wrong = look >= 2;
        if (wrong) {
          ring(x, y, radius + 2.1, "white");
          ring(x, y, radius + 1.3, "black");
        }
        ring(x, y, radius, look % 2 ? colour : "white");
        ring(x, y, radius - (look % 2 ? 1.5 : 1.1), look % 2 ? "white" : colour);
      }
    });
  }

  /** @param {number} x @param {number} y @param {number} radius @param {string} colour */
  function ring(x, y, radius, colour) {
    pen.beginPath();
    pen.arc(x, y, Math.max(0.5, radius), 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
  }

  return {
    /**
     * @param {Dot[]} dots
     * @param {string[]} colours by a dot's `colour`
     * @param {number} radius
     * @param {Dot | undefined} selected wears a wide ring
     */
    draw(dots, colours, radius, selected) {
      const { context, width, height, ratio, version } = surface;
      const wanted = [...colours, radius, ratio, version].join();
      if (wanted === made && sameDot(selected, ringed) && sameDots(dots, shown)) return;
      if (wanted !== made) prepare(colours, radius, ratio);
      made = wanted;
      shown = dots;
      ringed = selected;
      context.clearRect(0, 0, width, height);
      const side = cell * ratio;
      for (const wrong of [false, true]) {
        for (const dot of dots) {
          if (dot.wrong !== wrong) continue;
          const look = (wrong ? 2 : 0) + (dot.test ? 1 : 0);
          const x = dot.x - cell / 2;
          const y = dot.y - cell / 2;
          context.drawImage(sheet, look * side, dot.colour * side, side, side, x, y, cell, cell);
        }
      }
      if (selected) drawSelected(context, selected.x, selected.y, radius);
    },
    /** Show none. */
    clear() {
      if (shown.length === 0) return;
      shown = [];
      ringed = undefined;
      surface.context.clearRect(0, 0, surface.width, surface.height);
    },
  };
}

/** @typedef {ReturnType<typeof createDots>} Dots */

/**
 * The colours of dots upon a surface of the same colours: darker, and much so where the page is
 * dark, whose colours are light and would not stand out from a dot's white.
 * @param {import("../colour.js").Rgb[]} colours
 * @param {import("../colour.js").Theme} theme
 */
export function dotColours(colours, theme) {
  const share = theme.rgb.paper[0] < 128 ? 0.6 : 0.3;
  return colours.map((colour) => css(mix(colour, [0, 0, 0], share)));
}

/** @param {Dot | undefined} one @param {Dot | undefined} other */
function sameDot(one, other) {
  if (!one || !other) return one === other;
  return (
    one.wrong === other.wrong &&
    one.x === other.x &&
    one.y === other.y &&
    one.colour === other.colour &&
    one.test === other.test
  );
}

/** @param {Dot[]} some @param {Dot[]} others */
function sameDots(some, others) {
  return some.length === others.length && some.every((dot, k) => sameDot(dot, others[k]));
}

/**
 * The ring around the selected example.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function drawSelected(context, x, y, radius) {
  for (const [width, colour] of /** @type {[number, string][]} */ ([
    [5, "white"],
    [2.5, "black"],
  ])) {
    context.beginPath();
    context.arc(x, y, radius + 5, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/**
 * @param {{x: number, y: number}[]} dots
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {number} index of the nearest one, or −1 when none is within reach
 */
export function nearest(dots, x, y, reach) {
  let found = -1;
  let least = reach;
  dots.forEach((dot, index) => {
    const distance = Math.hypot(dot.x - x, dot.y - y);
    if (distance < least) {
      least = distance;
      found = index;
    }
  });
  return found;
}
