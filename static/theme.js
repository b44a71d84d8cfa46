/** The theme that was chosen on this machine: loading this applies it, on every page. */

const KEY = "backprop-live theme";
const THEMES = /** @type {const} */ (["light", "dark", "projector"]);

/** @typedef {typeof THEMES[number]} ThemeName */

/** @returns {ThemeName} the one chosen here before, or what the system asks for */
export function preferredTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return THEMES.find((name) => name === stored()) ?? (dark ? "dark" : "light");
}

/** @param {ThemeName} theme */
export function rememberTheme(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

document.documentElement.dataset.theme = preferredTheme();
