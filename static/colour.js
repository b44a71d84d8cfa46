/**
 * Colours: two diverging scales (values and gradients), the classes' palette, and the page's theme
 * read from its CSS custom properties.
 */

/** @typedef {[number, number, number]} Rgb */

/**
 * @param {string} text `#rgb`, `#rrggbb` or `rgb(r g b)`
 * @returns {Rgb}
 * @throws {TypeError} when it is none of these
 */
export function parseColour(text) {
  const hex = text.trim().match(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i)?.[1];
  if (hex) {
    const pairs = hex.length === 3 ? [...hex].map((digit) => digit + digit) : hex.match(/../g);
    const [red, green, blue] = (pairs ?? []).map((pair) => Number.parseInt(pair, 16));
    return [red, green, blue];
  }
  const parts = text.match(/^\s*rgba?\(([^)]*)\)/i)?.[1].match(/[\d.]+/g);
  if (parts && parts.length >= 3) return [Number(parts[0]), Number(parts[1]), Number(parts[2])];
  throw new TypeError(`colour: got "${text}", expected #rgb, #rrggbb or rgb(r, g, b)`);
}

/**
 * @param {Rgb} from
 * @param {Rgb} to
 * @param {number} share 0 gives `from`, 1 gives `to`
 * @returns {Rgb}
 */
export function mix(from, to, share) {
  const at = (/** @type {number} */ k) => from[k] + (to[k] - from[k]) * share;
  return [at(0), at(1), at(2)];
}

/** @param {Rgb} colour */
export function css(colour) {
  return `rgb(${colour.map(Math.round).join(",")})`;
}

/** @param {Rgb} colour one opaque pixel, as ImageData's bytes read as one number */
function pixel(colour) {
  const [red, green, blue] = colour.map(Math.round);
  const bytes = new Uint8Array([red, green, blue, 255]);
  return new Uint32Array(bytes.buffer)[0];
}

/**
 * A diverging scale in 256 entries, the same coding as the fields in a frame: entry 128 is zero,
 * 1 (and 0) is −1, 255 is +1.
 * @param {Rgb} negative
 * @param {Rgb} zero
 * @param {Rgb} positive
 */
export function divergingScale(negative, zero, positive) {
  const pixels = new Uint32Array(256);
  /** @type {string[]} */
  const names = [];
  for (let byte = 0; byte < 256; byte++) {
    const value = Math.max(-1, (byte - 128) / 127);
    const colour = mix(zero, value < 0 ? negative : positive, Math.abs(value));
    pixels[byte] = pixel(colour);
    names.push(css(colour));
  }
  return {
    pixels,
    negative,
    zero,
    positive,
    /** @param {number} value in −1…1, what lies outside is held at the end */
    at: (value) => names[byteOf(value)],
  };
}

/** @typedef {ReturnType<typeof divergingScale>} Scale */

/**
 * @param {number} value in −1…1
 * @returns {number} its entry in a 256-entry scale
 */
export function byteOf(value) {
  return Math.round(Math.max(-1, Math.min(1, value)) * 127) + 128;
}

/**
 * A table that cuts a scale into flat steps, for a discretised surface.
 * @param {Uint32Array} pixels
 * @param {number} steps on each side of zero
 */
export function posterize(pixels, steps) {
  return pixels.map((_, byte) => {
    const value = (byte - 128) / 127;
    const level = (Math.floor(Math.abs(value) * steps * 0.9999) + 1) / steps;
    return pixels[byteOf(Math.sign(value || 1) * level)];
  });
}

/** @type {Map<string, Theme>} */
const themes = new Map();

/**
 * The colours in force, read once per theme.
 * @param {string} name of the theme, the key under which they are kept
 * @returns {Theme}
 */
export function themeOf(name) {
  const known = themes.get(name);
  if (known) return known;
  const theme = readTheme(getComputedStyle(document.documentElement));
  themes.set(name, theme);
  return theme;
}

/** Forget what was read: the style sheet changed. */
export function forgetThemes() {
  themes.clear();
}

/** @param {CSSStyleDeclaration} style */
function readTheme(style) {
  const colour = (/** @type {string} */ property) => parseColour(style.getPropertyValue(property));
  const zero = colour("--zero");
  const panel = colour("--panel");
  /** @type {Rgb[]} */
  const classes = [];
  for (let k = 0; k < 10; k++) classes.push(colour(`--class-${k}`));
  const values = [colour("--negative"), colour("--positive")];
  const gradients = [colour("--gradient-negative"), colour("--gradient-positive")];
  return {
    paper: css(colour("--paper")),
    panel: css(panel),
    ink: css(colour("--ink")),
    muted: css(colour("--muted")),
    line: css(colour("--line")),
    accent: css(colour("--accent")),
    trouble: css(colour("--trouble")),
    rgb: { paper: colour("--paper"), panel, ink: colour("--ink") },
    value: divergingScale(values[0], zero, values[1]),
    gradient: divergingScale(gradients[0], zero, gradients[1]),
    // A line's zero is the ground it is drawn on, or weak lines would glare in the dark theme.
    valueLine: divergingScale(values[0], panel, values[1]),
    gradientLine: divergingScale(gradients[0], panel, gradients[1]),
    classes,
    fontSize: Number.parseFloat(style.getPropertyValue("--font-size-base")) || 14,
    font: getComputedStyle(document.body).fontFamily || "system-ui, sans-serif",
  };
}

/** @typedef {ReturnType<typeof readTheme>} Theme */

/**
 * The colours of a data set's classes: two classes wear the value colours, so that a point and the
 * surface under it match; more wear the palette.
 * @param {Theme} theme
 * @param {number} count
 * @returns {Rgb[]}
 */
export function classColours(theme, count) {
  if (count <= 2) return [theme.value.negative, theme.value.positive];
  return theme.classes.slice(0, count);
}

/**
 * A class's colour, as deep as the network is sure of it: the ground's near-white where no class is
 * likelier than another.
 * @param {Theme} theme
 * @param {Rgb} colour
 * @param {number} byte the probability, 255 being 1
 * @param {number} count of classes
 * @returns {Rgb}
 */
export function shade(theme, colour, byte, count) {
  const sure = Math.max(0, (byte / 255 - 1 / count) / (1 - 1 / count));
  return mix(theme.value.zero, colour, sure);
}
