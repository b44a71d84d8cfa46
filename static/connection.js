/**
 * The WebSocket: opens a session or joins it again, answers every command, acknowledges frames.
 */

import { decodeFrame, FOR_GOOD } from "./protocol.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./protocol.js").ReplyMessage | import("./protocol.js").RefusedMessage} Answer */
/** @typedef {import("./protocol.js").RefusedMessage} Refusal */
/** @typedef {Record<string, unknown>} Command */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
/** Between frames, on average: above 30 a second they would take the cores from training. */
const FRAME_MS = 32;
/** After so many seconds the page says that a session owes it an answer or a frame. */
const SILENCE = 5;

/**
 * @param {Store} store
 * @param {(send: (command: Command) => Promise<Answer>) => void} onCreated
 * @param {(refusal: Refusal, recipe: Command) => Command | null} onRefused what to start with
 *   where a recipe was refused, if there is anything
 */
export function createConnection(store, onCreated, onRefused) {
  /** @type {WebSocket | null} */
  let socket = null;
  /** What a new session starts with. @type {Record<string, unknown>} */
  let recipe = {};
  /** @type {Map<number, (answer: Answer) => void>} */
  const waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let lastId = 0;
  let wait = FIRST_WAIT;
  let ended = false;
  /** @type {number[]} frames received and not yet painted */
  let unpainted = [];
  /** @type {number[]} frames painted whose acknowledgement is still held back */
  let painted = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pacing;
  let due = 0;
  /** Seconds since the session was last heard of, while it owes something. */
  let quiet = 0;
  setInterval(() => listen(quiet + 1), 1000);

  /** @param {number} seconds counted, not measured: a machine that slept has missed nothing */
  function listen(seconds) {
    const { connection, frame, silent } = store.state;
    const painting = unpainted.length + painted.length > 0;
    const owes = waiting.size > 0 || ((!frame || frame.meta.playing) && !painting);
    quiet = connection === "open" && owes ? seconds : 0;
    const now = quiet < SILENCE ? 0 : quiet;
    if (now !== silent) store.dispatch({ type: "silent", seconds: now });
  }

  function open() {
    const address = new URL("/ws", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const opened = new WebSocket(address);
    opened.binaryType = "arraybuffer";
    socket = opened;
    unpainted = [];
    painted = [];
    opened.onopen = () => {
      const { session } = store.state;
      transmit(session ? { type: "join", session } : { type: "create", recipe });
    };
    opened.onmessage = ({ data }) => {
      if (socket !== opened) return;
      listen(0);
      if (typeof data === "string") receive(JSON.parse(data));
      else {
        const frame = decodeFrame(data);
        unpainted.push(frame.meta.frame);
        store.dispatch({ type: "frame", frame });
      }
    };
    opened.onclose = () => {
      if (socket !== opened) return;
      leave("The connection was lost before the server answered.");
      if (ended) store.dispatch({ type: "connection", connection: "closed" });
      else retry();
    };
  }

  /** @param {string} reason told to whoever waits for an answer */
  function leave(reason) {
    const left = socket;
    socket = null;
    // One that is still being opened is closed then: before, browsers complain.
    if (left?.readyState === WebSocket.CONNECTING) left.onopen = () => left.close(FOR_GOOD);
    else left?.close(FOR_GOOD);
    for (const [id, answer] of waiting) answer(unanswered(id, reason));
    waiting.clear();
  }

  function retry() {
    // Not all viewers of a class at the same moment.
    const pause = wait * (0.75 + 0.5 * Math.random());
    wait = Math.min(2 * wait, LONGEST_WAIT);
    const retryAt = Date.now() + pause;
    store.dispatch({ type: "connection", connection: "reconnecting", retryAt });
    timer = setTimeout(open, pause);
  }

  /** @param {import("./protocol.js").Message} message */
  function receive(message) {
    if (message.type === "welcome") {
      const created = store.state.session === null;
      wait = FIRST_WAIT;
      store.dispatch(message);
      store.dispatch({ type: "connection", connection: "open" });
      if (created) onCreated(send);
      return;
    }
    if (message.type === "event" && message.kind === "ended") ended = true;
    if (message.type === "refused" && store.state.connection !== "open") {
      const rest = store.state.session === null && onRefused(message, recipe);
      if (rest) {
        leave("It is started with what can be.");
        recipe = rest;
        open();
        return;
      }
      // Not even joining worked: the session has gone, or the recipe is not one.
      ended = true;
      store.dispatch(message);
      socket?.close();
      return;
    }
    if ((message.type === "reply" || message.type === "refused") && message.id !== null) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
      if (message.type === "refused") return; // said beside the control that caused it
    }
    store.dispatch(message);
  }

  /** @param {Record<string, unknown>} message */
  function transmit(message) {
    socket?.send(JSON.stringify(message));
  }

  /** One acknowledgement at a time, evenly: each asks for one frame. */
  function pace() {
    clearTimeout(pacing);
    const now = performance.now();
    if (painted.length > 0 && now >= due) {
      transmit({ type: "ack", frame: painted.shift() });
      // Timers are late; what one loses the next makes up for.
      due = Math.max(due, now - FRAME_MS) + FRAME_MS;
    }
    if (painted.length > 0) pacing = setTimeout(pace, due - now);
  }

  /**
   * Send a command; the promise is kept with the server's answer, also where it refuses.
   * @param {Command} command
   * @returns {Promise<Answer>}
   */
  function send(command) {
    const id = ++lastId;
    if (socket?.readyState !== WebSocket.OPEN || store.state.connection !== "open") {
      return Promise.resolve(unanswered(id, "Not connected: nothing was changed."));
    }
    // What it has been asked already it may still do; to ask for more would be in the dark.
    if (store.state.silent) {
      return Promise.resolve(unanswered(id, "No answer: nothing was changed."));
    }
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      transmit({ ...command, id });
    });
  }

  return {
    send,
    /**
     * Leave the session there may be and create one.
     * @param {Record<string, unknown>} asked its recipe; the server completes it
     */
    start(asked) {
      clearTimeout(timer);
      leave("Another session was started.");
      recipe = asked;
      ended = false;
      store.dispatch({ type: "restart" });
      open();
    },
    /** Everything received is on the screen: the server may send more. */
    acknowledge() {
      painted.push(...unpainted);
      unpainted = [];
      pace();
    },
  };
}

/**
 * @param {number} id
 * @param {string} message
 * @returns {Answer}
 */
function unanswered(id, message) {
  return { type: "refused", id, command: null, field: "connection", got: "", allowed: "", message };
}

/** @typedef {ReturnType<typeof createConnection>} Connection */
