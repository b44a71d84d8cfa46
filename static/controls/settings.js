/** Loss, optimizer, minibatch, regularisation, initial weights: what rules the training. */

import { bindNumber, bindSelect, find, make, submit } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */

/** @param {Page} page */
export function createSettings(page) {
  for (const [id, name] of /** @type {const} */ ([
    ["optimizer", "optimizer"],
    ["loss-function", "loss"],
  ])) {
    bindSelect(
      page,
      find(`#${id}`),
      ({ topology }) => topology?.recipe[name],
      (value) => ({ type: "set", [name]: value }),
    );
  }
  for (const name of /** @type {const} */ (["batch_size", "l1", "l2", "clip_norm"])) {
    bindNumber(
      page,
      find(`#${name}`),
      ({ topology }) => topology?.recipe[name],
      (value) => ({ type: "set", [name]: value }),
    );
  }
  bindSelect(
    page,
    find("#initializer"),
    ({ topology }) => topology?.recipe.initializer,
    (value) => ({ type: "reset", initializer: value }),
  );
  for (const name of /** @type {const} */ (["std", "seed"])) {
    bindNumber(
      page,
      find(`#${name}`),
      ({ topology }) => topology?.recipe[name],
      (value) => ({ type: "reset", [name]: value }),
    );
  }
  const fresh = find("#new-seed");
  fresh.addEventListener("click", () => {
    const seed = Math.floor(Math.random() * 10000);
    submit(page, fresh, { type: "reset", seed });
  });
  createOptions(page);
  page.store.subscribe(({ topology, dataset }, before) => {
    if (!topology || topology === before.topology) return;
    const { recipe } = topology;
    find("#std").closest(".field").hidden = recipe.initializer !== "normal";
    explain("optimizer", page.catalog.optimizers, recipe.optimizer);
    explain("loss-function", page.catalog.losses, recipe.loss);
    explain("initializer", page.catalog.initializers, recipe.initializer);
    const classes = dataset?.task !== "regression";
    for (const option of find("#loss-function").options) {
      option.disabled = !classes && option.dataset.classifies === "true";
    }
  });
}

/**
 * The formula and a sentence on what is chosen, as the menu's tooltip and beneath it.
 * @param {string} id
 * @param {import("./fields.js").Kind[]} kinds
 * @param {string} name
 */
function explain(id, kinds, name) {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) return;
  find(`#${id}`).title = `${kind.formula}\n${kind.note}`;
  const place = document.getElementById(`${id}-note`);
  if (place) place.textContent = `${kind.formula}. ${kind.note}`;
}

/**
 * The numbers that an optimizer has: momentum, β₁ … Those of the one in force are shown.
 * @param {Page} page
 */
function createOptions(page) {
  const groups = page.catalog.optimizers.map(({ name, options }) => {
    const group = make("div", { dataset: { optimizer: name }, hidden: true });
    for (const [key, option] of Object.entries(options)) {
      const id = `${name}-${key}`;
      const input = make("input", { id, type: "text", inputMode: "decimal", autocomplete: "off" });
      const label = make("label", { htmlFor: id }, option.title);
      group.append(make("div", { className: "field row" }, label, input));
      bindNumber(
        page,
        input,
        ({ topology }) => {
          if (topology?.recipe.optimizer !== name) return undefined;
          return numbersOf(topology.recipe)[key] ?? option.default;
        },
        (value) => {
          const { topology } = page.store.state;
          const others = topology ? numbersOf(topology.recipe) : {};
          return { type: "set", optimizer_options: { ...others, [key]: value } };
        },
      );
    }
    return group;
  });
  find("#optimizer-options").append(...groups);
  page.store.subscribe(({ topology }, before) => {
    const name = topology?.recipe.optimizer;
    if (!name || name === before.topology?.recipe.optimizer) return;
    for (const group of groups) group.hidden = group.dataset.optimizer !== name;
  });
}

/**
 * @param {import("../protocol.js").Recipe} recipe
 * @returns {Record<string, number>} the optimizer's options that differ from their defaults
 */
function numbersOf(recipe) {
  return recipe.optimizer_options;
}
