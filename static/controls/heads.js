/** Above each layer of the network: how many neurons, which activation, what else it does. */

import { find, keepWithin, make, numberIn, showError, submit } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */
/** @typedef {import("../protocol.js").LayerInfo} Layer */

/**
 * A view among the others: it follows where the network has been laid out.
 * @param {Page} page
 */
export function createHeads(page) {
  const place = find("#heads");
  /** @type {unknown[]} */
  let seen = [];
  let builtFor = "";
  /** @type {unknown} */
  let placedFor = null;
  /** @type {HTMLElement[]} */
  let heads = [];

  /** @param {Layer[]} layers @param {{layer: number, unit: number} | null} pinned @param {boolean} dense */
  function rebuild(layers, pinned, dense) {
    const before = heads.length;
    const open = heads.findIndex((head) => head.querySelector("details[open]"));
    const active = document.activeElement;
    const key = active instanceof HTMLElement && place.contains(active) ? active.dataset.key : null;
    placedFor = null;
    heads = build(page, layers, pinned, dense);
    place.replaceChildren(...heads);
    const same = heads.length === before; // else it would be another layer's
    if (open >= 0 && same) heads[open].querySelector("details")?.setAttribute("open", "");
    if (key) place.querySelector(`[data-key="${key}"]`)?.focus();
  }

  function draw() {
    const { topology, view } = page.store.state;
    const layout = page.layout();
    if (!topology || !layout || layout.columns.length !== topology.layers.length) return;
    const pinned = view.pinned?.kind === "unit" ? view.pinned : null;
    if (layout !== placedFor) {
      const em = Number.parseFloat(getComputedStyle(place).fontSize);
      place.dataset.density = densityOf(layout.pitch / em);
      place.style.setProperty("--pitch", `${layout.pitch}px`);
    }
    const dense = place.dataset.density === "dense";
    if (topology !== seen[0] || view.pinned !== seen[1] || dense !== seen[2]) {
      seen = [topology, view.pinned, dense];
      // Most changes, those of the learning rate first of all, leave the layers as they are.
      const { loss } = topology.recipe;
      const wanted = JSON.stringify([topology.layers, pinned, dense, loss]);
      if (wanted !== builtFor) rebuild(topology.layers, pinned, dense);
      builtFor = wanted;
    }
    if (layout === placedFor) return;
    placedFor = layout;
    const { columns } = layout;
    let column = 0;
    for (const head of heads) {
      if (head.dataset.between !== undefined) {
        head.style.left = `${(columns[column - 1].x + columns[column].x) / 2}px`;
      } else {
        head.style.left = `${columns[column].x}px`;
        column += 1;
      }
    }
  }
  document.addEventListener("pointerdown", ({ target }) => {
    for (const open of place.querySelectorAll("details[open]")) {
      if (!(target instanceof Node && open.contains(target))) open.open = false;
    }
  });
  return { draw };
}

/**
 * @param {number} room from column to column, in heights of type
 * @returns {"dense" | "tight" | "snug" | "close" | "wide"} how much of a head is written out
 */
function densityOf(room) {
  if (room < 4.6) return "dense";
  if (room < 10.4) return "tight";
  return room < 12 ? "snug" : room < 15.5 ? "close" : "wide";
}

/**
 * @param {Page} page @param {Layer[]} layers
 * @param {{layer: number, unit: number} | null} pinned
 * @param {boolean} dense
 * @returns {HTMLElement[]} columns' heads in order, “+ layer” between them
 */
function build(page, layers, pinned, dense) {
  const hidden = layers.length - 2;
  return layers.flatMap((layer, k) => {
    const head = headOf(page, layer, pinned?.layer === k ? pinned.unit : null, dense);
    const between = make("button", {
      type: "button",
      className: "add-layer",
      title: `Add a layer before ${layer.kind === "output" ? "the output" : `layer ${k}`}`,
      dataset: { key: `add-${k}`, between: "" },
      disabled: hidden >= 8,
    });
    between.append(make("span", {}, "+"), make("span", { className: "word" }, " layer"));
    between.setAttribute("aria-label", between.title);
    between.addEventListener("click", () =>
      edit(page, between, { type: "add_layer", position: k }),
    );
    return k === 0 ? [head] : [between, head];
  });
}

/**
 * Where columns stand close, a head is one button: a count, and behind it all that it stands for.
 * @param {Page} page @param {Layer} layer @param {number | null} pinned @param {boolean} dense
 */
function headOf(page, layer, pinned, dense) {
  const k = layer.index;
  if (layer.kind === "input") {
    const name = make("span", { className: "head-name" }, dense ? "in" : "inputs");
    return make("div", { className: "head" }, name);
  }
  const line = make("div", { className: "head-line" });
  if (layer.kind === "hidden") {
    const unit = pinned ?? layer.units - 1;
    const less = button("−", `Remove neuron ${unit + 1} of layer ${k}`, `less-${k}`);
    less.disabled = layer.units === 1;
    less.addEventListener("click", () =>
      edit(page, less, { type: "remove_neuron", layer: k, unit }),
    );
    const more = button("+", `Add a neuron to layer ${k}`, `more-${k}`);
    more.disabled = layer.units >= 32;
    more.addEventListener("click", () => edit(page, more, { type: "add_neuron", layer: k }));
    const count = make("span", { className: "count" }, `${layer.units}`);
    count.append(make("span", { className: "word" }, layer.units === 1 ? " neuron" : " neurons"));
    line.append(less, count, more);
  } else line.append(make("span", { className: "head-name" }, "output"));
  const second = make("div", { className: "head-line second" }, activationMenu(page, layer));
  const rare = layer.kind === "hidden" ? more(page, layer) : [];
  if (dense) {
    const short = layer.kind === "hidden" ? `${layer.units}` : "out";
    const summary = make("span", { className: "count" }, short);
    const activation = make("span", { className: "head-activation" }, layer.activation ?? "");
    return make(
      "div",
      { className: "head" },
      popover(k, [summary, activation], [line, second, ...rare]),
    );
  }
  if (rare.length > 0) second.append(popover(k, ["⋯"], rare));
  return make("div", { className: "head field" }, line, second);
}

/** @param {Page} page @param {Layer} layer */
function activationMenu(page, layer) {
  const output = layer.kind === "output";
  const name = output ? "Output activation" : `Activation of layer ${layer.index}`;
  const menu = make("select", {
    "aria-label": name,
    dataset: { key: `activation-${layer.index}` },
  });
  const loss = output ? lossOf(page) : undefined;
  for (const { name: value, title, formula } of page.catalog.activations) {
    const disabled = loss !== undefined && !loss.outputs.includes(value);
    const why = disabled ? `${formula}\nNot with ${loss.title}` : formula;
    menu.append(make("option", { value, title: why, disabled }, title));
  }
  menu.value = layer.activation;
  const some = [...menu.options].some((option) => option.disabled);
  menu.title = some ? `${name}: ${loss?.title} goes with ${loss?.outputs.join(", ")} only` : name;
  menu.addEventListener("change", async () => {
    const activation = menu.value;
    const command = { type: "set_layer", layer: layer.index, activation };
    if (!(await edit(page, menu, command))) menu.value = layer.activation;
  });
  return menu;
}

/** @param {Page} page @returns {import("./fields.js").Loss | undefined} the one in force */
function lossOf({ store, catalog }) {
  const name = store.state.topology?.recipe.loss;
  return catalog.losses.find((loss) => loss.name === name);
}

/**
 * Batch normalisation, dropout and removal: rarer, so behind a small “⋯”.
 * @param {Page} page @param {Layer} layer
 * @returns {HTMLElement[]}
 */
function more(page, layer) {
  const k = layer.index;
  const norm = make("input", {
    type: "checkbox",
    checked: layer.batch_norm,
    dataset: { key: `norm-${k}` },
  });
  norm.addEventListener("change", async () => {
    const command = { type: "set_layer", layer: k, batch_norm: norm.checked };
    if (!(await edit(page, norm, command))) norm.checked = layer.batch_norm;
  });
  const dropout = make("input", {
    type: "text",
    inputMode: "decimal",
    value: String(layer.dropout),
    size: 4,
    dataset: { key: `dropout-${k}` },
  });
  dropout.addEventListener("change", async () => {
    const share = numberIn(dropout.value);
    if (Number.isNaN(share)) {
      showError(dropout, `Dropout: got “${dropout.value}”, expected 0 to 0.9.`);
    } else if (await edit(page, dropout, { type: "set_layer", layer: k, dropout: share })) return;
    dropout.value = String(layer.dropout);
  });
  const remove = make("button", { type: "button" }, "Remove this layer");
  remove.addEventListener("click", async () => {
    remove.disabled = true; // a second click would mean the layer that is then in this place
    const gone = await edit(page, remove, { type: "remove_layer", layer: k });
    remove.disabled = gone;
    // Where the focus was is no more: on to the layer before, or the first.
    if (gone)
      find("#heads")
        .querySelector(`[data-key="more-of-${Math.max(1, k - 1)}"]`)
        ?.focus();
  });
  const check = make("label", { className: "check" }, norm, "Batch normalisation");
  const row = make("label", { className: "row" }, "Dropout", dropout);
  return [check, row, remove].map((control) => make("div", { className: "field" }, control));
}

/**
 * @param {number} layer
 * @param {(HTMLElement | string)[]} shown on the button
 * @param {HTMLElement[]} parts of what unfolds
 */
function popover(layer, shown, parts) {
  const summary = make("summary", {
    title: `More about layer ${layer}`,
    dataset: { key: `more-of-${layer}` },
  });
  summary.append(...shown);
  summary.setAttribute("aria-label", summary.title);
  const fields = parts.map((part) =>
    part.classList.contains("field") ? part : make("div", { className: "field" }, part),
  );
  const body = make("div", { className: "popover-body" }, ...fields);
  const details = make("details", { className: "popover", name: "layer-options" }, summary, body);
  details.addEventListener("toggle", () => {
    keepWithin(body);
  });
  return details;
}

/** @param {string} text @param {string} title @param {string} key */
function button(text, title, key) {
  const element = make(
    "button",
    { type: "button", className: "round", title, dataset: { key } },
    text,
  );
  element.setAttribute("aria-label", title);
  return element;
}

/**
 * @param {Page} page @param {HTMLElement} control @param {Record<string, unknown>} command
 */
function edit(page, control, command) {
  return submit(page, control, command);
}
