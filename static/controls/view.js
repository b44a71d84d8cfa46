/** How this viewer looks at it: what the lines show, themes, charts, the link, the keys. */

import { forgetThemes } from "../colour.js";
import { preferredTheme, rememberTheme } from "../theme.js";
import { find, showError } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */
/** @typedef {import("../views/types.js").ViewState} ViewState */

/**
 * @param {Page} page
 * @param {(patch: Partial<ViewState>) => void} setView
 */
export function createViewControls(page, setView) {
  for (const input of document.querySelectorAll("input[name=show]")) {
    const { value } = /** @type {HTMLInputElement} */ (input);
    input.addEventListener("change", () =>
      setView({ show: /** @type {ViewState["show"]} */ (value) }),
    );
  }
  for (const [id, key] of /** @type {const} */ ([
    ["log-loss", "logLoss"],
    ["log-step", "logStep"],
    ["show-test", "showTest"],
    ["discretize", "discretize"],
  ])) {
    const button = find(`#${id}`);
    button.addEventListener("click", () => setView({ [key]: !page.store.state.view[key] }));
    page.store.subscribe(({ view }) => button.setAttribute("aria-pressed", String(view[key])));
  }
  createTheme(setView);

  const link = find("#copy-link");
  link.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(page.link());
      page.store.dispatch({
        type: "notice",
        text: "The link was copied: it opens the same data, network and initial weights.",
      });
    } catch {
      showError(link, "The browser does not allow copying here; copy the address bar instead.");
    }
  });
  const keys = find("#keys");
  find("#show-keys").addEventListener("click", () => keys.showModal());
  find("#close-keys").addEventListener("click", () => keys.close());
}

/** @param {(patch: Partial<ViewState>) => void} setView */
function createTheme(setView) {
  /** @type {HTMLSelectElement} */
  const menu = find("#theme");
  function apply() {
    const theme = /** @type {ViewState["theme"]} */ (menu.value);
    document.documentElement.dataset.theme = theme;
    forgetThemes();
    setView({ theme });
  }
  // Sizes of type follow the window: what was read of the theme is read anew.
  window.addEventListener("resize", apply);
  menu.value = preferredTheme();
  apply();
  menu.addEventListener("change", () => {
    apply();
    rememberTheme(/** @type {ViewState["theme"]} */ (menu.value));
  });
}
