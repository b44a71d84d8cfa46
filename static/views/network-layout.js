/**
 * Where everything of the network stands: a pure function of its topology and the room there is.
 * Drawing and hit-testing both read what it returns. All lengths are CSS pixels.
 */

/** @typedef {import("./types.js").Topology} Topology */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").DatasetKind} DatasetKind */

/** What a unit's square shows. @typedef {"field" | "curve" | "bars" | "picture"} Content */
/** @typedef {{layer: number, unit: number, row: number, x: number, y: number, size: number}} UnitBox */
/** @typedef {{layer: number, unit: number, x: number, y: number, radius: number, parameter: number}} BiasDisc */
/** @typedef {{layer: Layer, x: number, size: number, left: number, right: number, bottom: number, content: Content}} Column */
/** The edges that end in one layer are `start` … `end` − 1. @typedef {{layer: number, start: number, end: number}} Gap */

/**
 * All edges, column by column: parameter, source and target box, and the ends of the curve.
 * @typedef {object} Edges
 * @property {number} count
 * @property {Int32Array} parameter index in the flat vectors
 * @property {Int32Array} source index in `units`
 * @property {Int32Array} target index in `units`
 * @property {Float32Array} x1
 * @property {Float32Array} y1
 * @property {Float32Array} x2
 * @property {Float32Array} y2
 */

/** @typedef {ReturnType<typeof layoutNetwork>} Layout */

/** Room above the units for each column's controls, which are the page's own HTML. */
export const HEAD_HEIGHT = 64;
const FOOT = 10;
const BADGE_FOOT = 24;
/** A unit smaller than this is hard to read: its layer then stands in several staggered columns. */
const LEGIBLE = 22;
const MOST_COLUMNS = 4;

/**
 * @param {Topology} topology
 * @param {{width: number, height: number}} size of the canvas
 * @param {DatasetKind} kind of the data: an image is one picture, not a column of inputs
 * @param {number} [fontSize]
 */
export function layoutNetwork(topology, size, kind, fontSize = 14) {
  const layers = topology.layers;
  const badges = layers.some((layer) => layer.batch_norm || layer.dropout > 0);
  const top = HEAD_HEIGHT + 4;
  const room = Math.max(40, size.height - top - (badges ? BADGE_FOOT : FOOT));
  const label = labelRoom(layers, kind, size.width, fontSize);
  const share = (size.width - label.left - label.right) / layers.length;
  const wish = Math.max(size.width / 15, Math.min(44, share * 0.45));
  const largest = Math.max(22, Math.min(96, wish, room / 5.5));
  const picture = kind === "image" ? Math.min(room * 0.5, size.width * 0.17, 150, share * 1.6) : 0;
  const first = label.left + (picture || largest) / 2 + 8;
  const last = size.width - label.right - largest * 0.6 - 8;
  // A picture is wider than a unit: the layers after it move on by what it has more.
  const more = Math.max(0, picture - largest) / 2;
  const pitch = (last - first - more) / Math.max(1, layers.length - 1);

  /** @type {Column[]} */
  const columns = [];
  /** @type {UnitBox[]} */
  const units = [];
  /** @type {number[]} the index in `units` of each layer's first unit */
  const starts = [];
  for (const layer of layers) {
    const x = first + pitch * layer.index + (layer.index > 0 ? more : 0);
    const content = contentOf(layer, kind);
    starts.push(units.length);
    if (layer.kind === "input" && picture) {
      const half = picture / 2;
      const y = top + room / 2;
      columns.push({
        layer,
        x,
        size: picture,
        left: x - half,
        right: x + half,
        bottom: y + half,
        content,
      });
      continue;
    }
    const most = Math.min(layer.kind === "output" ? largest * 1.2 : largest, pitch * 0.66);
    const wide = layer.kind === "hidden" ? pitch * 0.56 : 0;
    const stand = arrange(layer.units, room, wide, most, content === "picture" ? 36 : LEGIBLE);
    const spread = ((stand.columns - 1) * stand.across) / 2;
    const height = stand.down * (layer.units - 1);
    for (let unit = 0; unit < layer.units; unit++) {
      units.push({
        layer: layer.index,
        unit,
        row: layer.row + unit,
        x: x - spread + (unit % stand.columns) * stand.across,
        y: top + room / 2 - height / 2 + unit * stand.down,
        size: stand.size,
      });
    }
    const half = spread + stand.size / 2;
    columns.push({
      layer,
      x,
      size: stand.size,
      left: x - half,
      right: x + half,
      bottom: top + (room + height + stand.size) / 2,
      content,
    });
  }
  return {
    ...size,
    columns,
    units,
    starts,
    pitch,
    label,
    /** As many as outputs, where these are classes. */
    classes: layers[layers.length - 1].names.length,
    ...connect(layers, units, starts),
    biases: placeBiases(layers, units, starts),
  };
}

/**
 * Where the page puts each column's controls.
 * @param {Layout} layout
 * @returns {{layer: number, x: number, width: number}[]} centre and the width that is free
 */
export function columnCentres(layout) {
  return layout.columns.map(({ layer, x }) => ({ layer: layer.index, x, width: layout.pitch }));
}

/**
 * Stands `count` units into a column, or into several staggered ones when one would be illegible:
 * unit k moves one column to the right and 1/columns of a row down, so that order reads downward.
 * @param {number} count
 * @param {number} height
 * @param {number} width the most that the columns together may take; 0: one column only
 * @param {number} most the largest size of a unit
 * @param {number} legible the size from which on another column is not worth its room
 */
function arrange(count, height, width, most, legible) {
  let best = { columns: 1, size: 0, down: 0, across: 0 };
  for (let columns = 1; columns <= (width ? MOST_COLUMNS : 1); columns++) {
    const down = Math.min(height / count, (most * 1.8) / columns);
    const tall = Math.min(down * columns * (count > 8 ? 0.86 : 0.74), height / (1 + count / 12));
    const wide = columns === 1 ? width || most : width / columns - 3;
    const size = Math.max(4, Math.min(most, tall, wide));
    if (size > best.size * 1.15) best = { columns, size, down, across: size + 3 };
    if (best.size >= legible) break;
  }
  // The outermost squares stay inside: their centres are half a square away from the ends.
  if (count > 1) best.down = Math.min(best.down, (height - best.size) / (count - 1));
  return best;
}

/** @param {Layer} layer @param {DatasetKind} kind @returns {Content} */
function contentOf(layer, kind) {
  if (kind === "plane") return "field";
  if (kind === "curve") return "curve";
  return kind === "image" && layer.index <= 1 ? "picture" : "bars";
}

/**
 * @param {Layer[]} layers
 * @param {DatasetKind} kind
 * @param {number} width
 * @param {number} fontSize
 */
function labelRoom(layers, kind, width, fontSize) {
  // Short names are set large and bold: each of their letters takes more.
  const widest = (/** @type {string[]} */ names) =>
    Math.max(1, ...names.map((name) => name.length * (name.length < 7 ? 0.68 : 0.49))) * fontSize;
  const most = width * (width < 500 ? 0.24 : 0.21);
  const inputs = kind === "image" ? 0 : widest(layers[0].names) + 14;
  const last = layers[layers.length - 1];
  const dot = last.names.length > 2 ? fontSize * 1.2 : 0;
  const outputs = widest(outputNames(last)) + dot + 14;
  return {
    left: Math.min(inputs, most),
    right: Math.min(outputs, most * (width < 500 ? 0.9 : 0.8)),
  };
}

/**
 * @param {Layer} layer the output layer
 * @returns {string[]} one name per unit; a single output is called ŷ
 */
export function outputNames(layer) {
  return layer.units === 1 ? ["ŷ"] : layer.names;
}

/**
 * @param {Layer[]} layers
 * @param {UnitBox[]} units
 * @param {number[]} starts
 * @returns {{edges: Edges, gaps: Gap[]}}
 */
function connect(layers, units, starts) {
  // An image's pixels have no boxes of their own, hence no edges: the weights are shown as pictures.
  const joined = layers.filter((layer) => layer.index > 0 && drawn(layer.index - 1) > 0);
  const count = joined.reduce((sum, layer) => sum + layer.units * layer.fan_in, 0);
  const edges = {
    count,
    parameter: new Int32Array(count),
    source: new Int32Array(count),
    target: new Int32Array(count),
    x1: new Float32Array(count),
    y1: new Float32Array(count),
    x2: new Float32Array(count),
    y2: new Float32Array(count),
  };
  /** @type {Gap[]} */
  const gaps = [];
  let k = 0;
  for (const layer of joined) {
    const start = k;
    for (let unit = 0; unit < layer.units; unit++) {
      for (let input = 0; input < layer.fan_in; input++, k++) {
        const from = units[starts[layer.index - 1] + input];
        const to = units[starts[layer.index] + unit];
        edges.parameter[k] = (layer.offset ?? 0) + unit * (layer.fan_in + 1) + input;
        edges.source[k] = starts[layer.index - 1] + input;
        edges.target[k] = starts[layer.index] + unit;
        edges.x1[k] = from.x + from.size / 2;
        edges.y1[k] = from.y;
        edges.x2[k] = to.x - to.size / 2;
        edges.y2[k] = to.y;
      }
    }
    gaps.push({ layer: layer.index, start, end: k });
  }
  return { edges, gaps };

  /** @param {number} index */
  function drawn(index) {
    return (starts[index + 1] ?? units.length) - starts[index];
  }
}

/**
 * @param {Layer[]} layers
 * @param {UnitBox[]} units
 * @param {number[]} starts
 * @returns {BiasDisc[]}
 */
function placeBiases(layers, units, starts) {
  return layers.slice(1).flatMap((layer) =>
    units.slice(starts[layer.index], starts[layer.index] + layer.units).map((box) => ({
      layer: layer.index,
      unit: box.unit,
      x: box.x - box.size / 2 + 1,
      y: box.y + box.size / 2 - 1,
      radius: Math.max(Math.min(2, box.size * 0.14), Math.min(7, box.size * 0.11)),
      parameter: (layer.offset ?? 0) + box.unit * (layer.fan_in + 1) + layer.fan_in,
    })),
  );
}
