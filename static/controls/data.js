/** The data: which set, how noisy, how much of it is kept for testing, and the input features. */

import { count } from "../views/format.js";
import { find, make, sentWhole, showError, submit } from "./fields.js";
import { bindSlider } from "./slider.js";

/** @typedef {import("./fields.js").Page} Page */

/** @param {Page} page */
export function createData(page) {
  /** @type {HTMLInputElement[]} */
  const shapes = [...find("#shapes").querySelectorAll("input")];
  /** @type {HTMLSelectElement} */
  const tables = find("#table");
  for (const control of [...shapes, tables]) {
    control.addEventListener("change", async () => {
      if (!(await submit(page, control, { type: "data", dataset: control.value }))) showChoice();
    });
  }

  /** Which data set is in force. */
  function showChoice() {
    const name = page.store.state.dataset?.name;
    for (const input of shapes) input.checked = input.value === name;
    tables.value = shapes.some((input) => input.checked) ? "" : (name ?? "");
  }

  const percent = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
  const two = (/** @type {number} */ value) => value.toFixed(2);
  /** @type {[string, (value: number) => string][]} */
  const numbers = [
    ["noise", two],
    ["test_share", percent],
    ["samples", String],
    ["arms", String],
  ];
  for (const [name, show] of numbers) {
    bindSlider(
      page,
      find(`#${name}`),
      ({ topology }) => topology?.recipe[/** @type {"noise"} */ (name)],
      (value) => ({ type: "data", [name]: value }),
      show,
    );
  }
  createFeatures(page);

  page.store.subscribe(({ dataset }, before) => {
    if (!dataset || dataset === before.dataset) return;
    showChoice();
    const drawn = ["plane", "curve"].includes(dataset.kind);
    find("#show-test").hidden = !drawn;
    find("#discretize").hidden = dataset.kind !== "plane";
    find("#discretize").textContent = dataset.task === "regression" ? "steps" : "decision";
    const info = page.catalog.datasets.find(({ name }) => name === dataset.name);
    for (const name of ["noise", "samples", "arms"]) {
      find(`#${name}`).closest(".field").hidden = !info?.options.includes(name);
    }
    const counts = `${count(dataset.train.count)} to train on, ${count(dataset.test.count)} to test`;
    find("#data-note").textContent = `${dataset.note} ${counts}.`;
    find("#data-source").textContent = `Source: ${dataset.source} (${dataset.licence}).`;
  });
}

/** @param {Page} whole */
function createFeatures(whole) {
  const { latest, page } = sentWhole(whole, "features");
  const place = find("#features");
  const buttons = page.catalog.features.map(({ name, title }) => {
    const button = make("button", { type: "button", className: "chip", dataset: { name } }, title);
    button.addEventListener("click", () => {
      const chosen = latest() ?? [];
      const without = chosen.filter((/** @type {string} */ feature) => feature !== name);
      const features = without.length < chosen.length ? without : [...chosen, name];
      if (features.length) submit(page, button, { type: "features", features });
      else showError(button, "At least one input must stay on.");
    });
    return button;
  });
  place.append(...buttons);
  page.store.subscribe(({ topology, dataset }, before) => {
    if (!topology || !dataset || (topology === before.topology && dataset === before.dataset))
      return;
    const plane = dataset.kind === "plane";
    place.hidden = !plane;
    for (const button of buttons) {
      const on = topology.recipe.features.includes(button.dataset.name);
      button.setAttribute("aria-pressed", String(on));
    }
    const columns = find("#columns");
    columns.hidden = plane;
    columns.textContent = dataset.image_shape
      ? `${dataset.image_shape.join(" × ")} pixels`
      : dataset.columns.join(", ");
    columns.title = columns.textContent;
  });
}
