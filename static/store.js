/** What the page knows: the server's messages as they came, and how this viewer looks at them. */

/** @typedef {import("./views/types.js").State} ViewedState */
/** @typedef {import("./views/types.js").ViewState} ViewState */
/** @typedef {import("./protocol.js").Message} Message */
/** @typedef {import("./protocol.js").Frame} Frame */

/**
 * @typedef {ViewedState & {
 *   session: string | null,
 *   retryAt: number | null,
 *   silent: number,
 *   notice: {text: string, trouble: boolean} | null,
 * }} State
 */

/**
 * @typedef {Message | {type: "frame", frame: Frame} | {type: "view", patch: Partial<ViewState>}
 *   | {type: "connection", connection: State["connection"], retryAt?: number | null}
 *   | {type: "silent", seconds: number}
 *   | {type: "notice", text: string, trouble?: boolean} | {type: "restart"}} Action
 */

/** @returns {State} */
export function initialState() {
  return {
    connection: "connecting",
    session: null,
    retryAt: null,
    silent: 0, // seconds
    topology: null,
    dataset: null,
    frame: null,
    notice: null,
    view: {
      show: "weights",
      hover: null,
      pinned: null,
      theme: "light",
      showTest: true,
      logLoss: true,
      logStep: false,
      discretize: false,
      slow: null,
    },
  };
}

/**
 * The state after something happened; the old one is left as it was.
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case "welcome":
      return { ...state, session: action.session };
    case "dataset":
      return { ...state, dataset: action };
    case "topology":
      return { ...state, topology: action };
    case "frame":
      return { ...state, frame: action.frame };
    case "view":
      return { ...state, view: { ...state.view, ...action.patch } };
    case "connection": {
      const { connection, retryAt = null } = action;
      const lost = connection === "reconnecting";
      const found = connection === "open" && state.connection === "reconnecting";
      const text = lost ? "Not connected to the server." : "Connected again.";
      const notice = lost || found ? { text, trouble: lost } : state.notice;
      return { ...state, connection, retryAt, silent: 0, notice };
    }
    case "silent":
      return { ...state, silent: action.seconds };
    case "reply":
      // Where one looks is seen, and changes too often to be read out.
      return ["focus", "select_example"].includes(action.command)
        ? state
        : { ...state, notice: { text: action.message, trouble: false } };
    case "event":
      return {
        ...state,
        notice: { text: action.message, trouble: ["divergence", "ended"].includes(action.kind) },
      };
    case "refused":
      return { ...state, notice: { text: action.message, trouble: true } };
    case "restart": {
      const view = { ...state.view, hover: null, pinned: null, slow: null };
      return { ...initialState(), view };
    }
    case "notice":
      return { ...state, notice: { text: action.text, trouble: action.trouble ?? false } };
    default:
      return state;
  }
}

/** @typedef {ReturnType<typeof createStore>} Store */

export function createStore() {
  let state = initialState();
  /** @type {((state: State, before: State) => void)[]} */
  const listeners = [];
  return {
    get state() {
      return state;
    },
    /** @param {Action} action */
    dispatch(action) {
      const before = state;
      state = reduce(state, action);
      if (state !== before) for (const listener of listeners) listener(state, before);
    },
    /** @param {(state: State, before: State) => void} listener */
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
