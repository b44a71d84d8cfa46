/**
 * The recipe in the address, readable: #dataset=spiral&seed=5&layers=8tanh,4relu.bn&rate=0.1
 * The data set and the seed are always there; of the rest, what differs from the defaults.
 */

import { fromPart, IN_ADDRESS, toParts } from "./time/schedules.js";

/** @typedef {Record<string, any>} Recipe */

/** What a field is called in the address, where that is not its own name. */
const SHORT = /** @type {Record<string, string>} */ ({
  test_share: "test",
  learning_rate: "rate",
  batch_size: "batch",
  clip_norm: "clip",
  output_activation: "output",
  initializer: "init",
});
const NUMBERS = ["samples", "noise", "test_share", "arms", "learning_rate", "batch_size"].concat([
  "l1",
  "l2",
  "clip_norm",
  "std",
  "seed",
]);
const WHOLE = ["samples", "arms", "batch_size", "seed"];
const WORDS = /** @type {Record<string, string>} */ ({
  dataset: "datasets",
  output_activation: "activations",
  loss: "losses",
  optimizer: "optimizers",
  initializer: "initializers",
});
const FIELDS = new Map([...Object.keys(WORDS), ...NUMBERS].map((name) => [shortOf(name), name]));

/** What the server calls the parts of a schedule. */
const SCHEDULE = ["kind", "steps", "final", "begin", "points"];
const KEYS = [...FIELDS.keys(), "features", "layers", "paused", ...IN_ADDRESS];

/** @param {string} name */
function shortOf(name) {
  return SHORT[name] ?? name;
}

/**
 * @param {Recipe} recipe in force
 * @param {Recipe} defaults
 * @returns {string} without the #
 */
export function toHash(recipe, defaults) {
  const { dataset, seed } = recipe;
  const parts = [`dataset=${dataset}`, `seed=${seed}`];
  for (const name of FIELDS.values()) {
    const value = recipe[name];
    if (name === "dataset" || name === "seed" || value === null) continue;
    // The server chooses loss and output to suit the data set, unless both are named.
    const follows = ["loss", "output_activation"].includes(name) && dataset !== defaults.dataset;
    if (follows || value !== defaults[name]) parts.push(`${shortOf(name)}=${value}`);
  }
  const features = recipe.features.join(",");
  if (features !== defaults.features.join(",")) parts.push(`features=${features}`);
  const layers = recipe.layers.map(layerToText).join(",");
  if (layers !== defaults.layers.map(layerToText).join(",")) {
    parts.push(`layers=${layers || "none"}`);
  }
  for (const [key, value] of Object.entries(recipe.optimizer_options)) {
    parts.push(`${key}=${value}`);
  }
  parts.push(...toParts(recipe.schedule, defaults.schedule));
  return parts.join("&");
}

/** @param {Recipe} layer */
function layerToText(layer) {
  const norm = layer.batch_norm ? ".bn" : "";
  const dropout = layer.dropout ? `.drop${layer.dropout}` : "";
  return `${layer.units}${layer.activation}${norm}${dropout}`;
}

/**
 * The partial recipe that an address asks for, and what in it was left out, in words.
 * @param {string} hash with or without the #
 * @param {import("./controls/fields.js").Catalog} catalog
 * @returns {{recipe: Recipe, mistakes: string[], paused: boolean}}
 */
export function fromHash(hash, catalog) {
  /** @type {Recipe} */
  const recipe = {};
  /** @type {string[]} */
  const mistakes = [];
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const optimizer = asked.get("optimizer") ?? "sgd";
  const options = catalog.optimizers.find(({ name }) => name === optimizer)?.options ?? {};
  const known = catalog.optimizers.flatMap((kind) => Object.keys(kind.options));
  let paused = false;
  for (const [key, text] of asked) {
    const name = FIELDS.get(key);
    try {
      if (key === "paused") paused = true;
      else if (key === "features") recipe.features = readFeatures(text, catalog);
      else if (key === "layers") recipe.layers = readLayers(text, catalog);
      else if (IN_ADDRESS.some((part) => part === key)) {
        const part = fromPart(key, text, readNumber, catalog.bounds);
        recipe.schedule = { ...recipe.schedule, ...part };
      } else if (known.includes(key)) {
        if (!options[key]) throw new Error(`${optimizer} has no such option`);
        const value = readNumber(text, [options[key].low, options[key].high]);
        recipe.optimizer_options = { ...recipe.optimizer_options, [key]: value };
      } else if (!name) throw new Error(`expected one of ${KEYS.join(", ")}`);
      else if (name in WORDS) recipe[name] = readName(text, namesOf(catalog, WORDS[name]));
      else recipe[name] = readNumber(text, catalog.bounds[name], WHOLE.includes(name));
    } catch (error) {
      const what = `${key}=${text}`;
      mistakes.push(
        `In the address, “${what}” was left out: ${/** @type {Error} */ (error).message}.`,
      );
    }
  }
  return { recipe, mistakes, paused };
}

/**
 * A recipe without the field that the server refused, and the mistake in words.
 * @param {{field: string, message: string}} refusal
 * @param {Recipe} recipe
 * @returns {{recipe: Recipe, mistake: string} | null} null where no field of it is to blame
 */
export function withoutRefused({ field, message }, recipe) {
  const [, part] = /^(?:recipe\.)?(\w+)/.exec(field) ?? [];
  const name = recipe.schedule && SCHEDULE.includes(part) ? "schedule" : part;
  if (!(name in recipe)) return null;
  const { [name]: _, ...rest } = recipe;
  const why = message.replace(`${field}: `, "");
  return { recipe: rest, mistake: `In the address, “${shortOf(name)}” was left out: ${why}.` };
}

/**
 * @param {import("./controls/fields.js").Catalog} catalog
 * @param {string} registry
 * @returns {string[]}
 */
function namesOf(catalog, registry) {
  const kinds = /** @type {Record<string, any>} */ (catalog)[registry];
  return kinds.map((/** @type {{name: string}} */ kind) => kind.name);
}

/** @param {string} text @param {string[]} names */
function readName(text, names) {
  if (!names.includes(text)) throw new Error(`expected one of ${names.join(", ")}`);
  return text;
}

/** @param {string} text @param {[number, number]} [bounds] @param {boolean} [whole] */
function readNumber(text, bounds, whole = false) {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (!Number.isFinite(value)) throw new Error("expected a number");
  if (whole && !Number.isInteger(value))
    throw new Error(`expected a whole number, ${low} to ${high}`);
  if (value < low || value > high) throw new Error(`expected ${low} to ${high}`);
  return value;
}

/** @param {string} text @param {import("./controls/fields.js").Catalog} catalog */
function readFeatures(text, catalog) {
  const names = namesOf(catalog, "features");
  const read = text.split(",").map((name) => readName(name, names));
  const twice = read.find((name, k) => read.indexOf(name) < k);
  if (twice) throw new Error(`expected each once, got ${twice} twice`);
  return read;
}

/** @param {string} text @param {import("./controls/fields.js").Catalog} catalog */
function readLayers(text, catalog) {
  if (text === "none") return [];
  const most = catalog.bounds.position[1] - 1;
  const count = text.split(",").length;
  if (count > most) throw new Error(`expected at most ${most} layers, got ${count}`);
  return text.split(",").map((part) => {
    const match = /^(\d+)([a-z_]+?)(\.bn)?(?:\.drop(\d*\.?\d+(?:e-\d+)?))?$/.exec(part);
    if (!match) throw new Error("expected a form such as 4tanh,8relu.bn,8relu.drop0.2");
    const [, units, activation, norm, dropout] = match;
    return {
      units: readNumber(units, catalog.bounds.units),
      activation: readName(activation, namesOf(catalog, "activations")),
      batch_norm: norm !== undefined,
      dropout: readNumber(dropout ?? "0", catalog.bounds.dropout),
    };
  });
}
