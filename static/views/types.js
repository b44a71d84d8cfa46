/**
 * What every view reads: the server's messages as they arrive, and the page's own state.
 * Types alone; nothing here runs.
 */

/** @typedef {import("../protocol.js").TopologyMessage} Topology */
/** @typedef {import("../protocol.js").LayerInfo} Layer */
/** @typedef {import("../protocol.js").DatasetMessage} Dataset */
/** @typedef {Dataset["kind"]} DatasetKind */
/** @typedef {import("../protocol.js").DataPart} Part */
/** @typedef {import("../protocol.js").FrameMeta} Meta */

/** @typedef {import("../protocol.js").Frame} Frame */

/** @typedef {{kind: "unit", layer: number, unit: number}} UnitMark */
/** @typedef {{kind: "weight", layer: number, unit: number, input: number}} WeightMark */
/** @typedef {{kind: "bias", layer: number, unit: number}} BiasMark */
/** Something in the network that can be pointed at. @typedef {UnitMark | WeightMark | BiasMark} Mark */

/** @typedef {"weights" | "gradients" | "updates"} Show */

/**
 * What this viewer looks at and how; never sent to the server.
 * @typedef {object} ViewState
 * @property {Show} show
 * @property {Mark | null} hover
 * @property {Mark | null} pinned
 * @property {"light" | "dark" | "projector"} theme
 * @property {boolean} showTest
 * @property {boolean} logLoss
 * @property {boolean} logStep
 * @property {boolean} discretize
 * @property {import("../microscope/player.js").Slow | null} slow
 */

/**
 * @typedef {object} State
 * @property {"connecting" | "open" | "reconnecting" | "closed"} connection
 * @property {Topology | null} topology
 * @property {Dataset | null} dataset
 * @property {Frame | null} frame
 * @property {ViewState} view
 */

/** @typedef {{state: State}} Store */

/**
 * @typedef {object} Actions
 * @property {(command: Record<string, unknown>) => void} send
 * @property {(patch: Partial<ViewState>) => void} setView
 * @property {(mark: Mark, clientX: number, clientY: number, atOnce?: boolean) => void} edit opens the
 *   number editor; in slow motion the equation first, unless it is to be at once
 * @property {(text: string) => void} announce
 */

/**
 * A drawing. `draw` answers true while it wants to be drawn again although nothing new arrived.
 * @typedef {object} View
 * @property {(state: State, now: number) => boolean | void} draw
 */

export {};
