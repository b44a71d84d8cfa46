/** What a figure in a file was made of: it is seen without the page. */

import { widthOf } from "./svg.js";
import { count } from "./views/format.js";

/**
 * @param {import("./controls/fields.js").Page} page
 * @returns {string[]} data set, network and optimizer of now, in parts
 */
export function madeOf({ store, catalog }) {
  const { dataset, topology } = store.state;
  if (!dataset || !topology) return [];
  const { recipe, layers } = topology;
  const hidden = layers.filter(({ kind }) => kind === "hidden");
  const kinds = [...new Set(hidden.map(kindOf))].join(", ");
  const optimizer = catalog.optimizers.find(({ name }) => name === recipe.optimizer);
  const drawn = catalog.initializers.find(({ name }) => name === recipe.initializer);
  const extras = /** @type {const} */ ([
    ["L1", recipe.l1],
    ["L2", recipe.l2],
    ["clipped at", recipe.clip_norm],
  ]);
  return [
    `${dataset.title}, ${count(dataset.train.count)} training examples`,
    `network ${layers.map(({ units }) => units).join("–")} ${kinds}`.trim(),
    `${optimizer?.title ?? recipe.optimizer}, minibatch ${count(recipe.batch_size)}`,
    ...extras.filter(([, value]) => value).map(([name, value]) => `${name} ${value}`),
    `${drawn?.title ?? recipe.initializer}, seed ${recipe.seed}`,
  ];
}

/** @param {{activation: string | null, batch_norm: boolean, dropout: number}} layer */
function kindOf({ activation, batch_norm, dropout }) {
  const norm = batch_norm ? " with batch normalisation" : "";
  return `${activation}${norm}${dropout ? ` and dropout ${dropout}` : ""}`;
}

/**
 * @param {string[]} parts
 * @param {number} room
 * @param {number} letter
 * @param {string} font
 * @returns {string[]} lines that fit, the parts in a row
 */
export function linesOf(parts, room, letter, font) {
  /** @type {string[]} */
  const lines = [];
  for (const part of parts) {
    const longer = `${lines.at(-1)} · ${part}`;
    if (lines.length && widthOf(longer, letter, font) <= room) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}
