const VIEWS = {
  F32: Float32Array,
  F64: Float64Array,
  U8: Uint8Array,
  I32: Int32Array,
};

/**
 * Reads a frame without copying: every tensor is a view into `buffer`.
 *
 * The safetensors format: the length of the header (8 bytes, little-endian), the header (JSON:
 * dtype, shape and place of each tensor), then the tensors. Where a view would not be aligned,
 * its bytes are copied.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const { __metadata__: metadata, ...tensors } = header;
  /** @type {Record<string, unknown>} */
  const frame = {};
  /** @type {Record<string, number[]>} */
  const shapes = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors)) {
    const View = VIEWS[/** @type {keyof typeof VIEWS} */ (dtype)];
    const begin = 8 + size + data_offsets[0];
    const end = 8 + size + data_offsets[1];
    const aligned = begin % View.BYTES_PER_ELEMENT === 0;
    shapes[name] = shape;
    frame[name] = aligned
      ? new View(buffer, begin, (end - begin) / View.BYTES_PER_ELEMENT)
      : new View(buffer.slice(begin, end));
  }
  const meta = JSON.parse(metadata.frame);
  return /** @type {Frame} */ (/** @type {unknown} */ ({ meta, shapes, ...frame }));
}
