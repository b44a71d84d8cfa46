/** The address bar: what it asks for, and the recipe in force written back into it. */

import { fromHash, toHash } from "./url.js";

/**
 * What a session is started with; the commands are sent before it plays, and then it has begun.
 * @typedef {ReturnType<typeof fromHash> & {commands?: Record<string, unknown>[], begun?: () => void}} Asked
 */

/** Browsers allow a page about a hundred changes of its address in half a minute. */
const SETTLE_MS = 400;

/**
 * @param {import("./store.js").Store} store
 * @param {import("./controls/fields.js").Catalog} catalog
 * @param {{recipe: Record<string, any>, defaults: Record<string, any>}} opening what the server
 *   was told to open with, and the defaults of a recipe
 * @param {() => boolean} settled whether the session has been told all that it is to begin with
 */
export function createAddress(store, catalog, opening, settled) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} hash @returns {Asked} an address that says anything says all */
  function read(hash) {
    const asked = fromHash(hash, catalog);
    return hash.length > 1 ? asked : { ...asked, recipe: opening.recipe };
  }

  function write() {
    clearTimeout(timer);
    timer = undefined;
    const { topology, frame } = store.state;
    if (!topology) return;
    if (!settled()) {
      // It stands still, but not because anybody wants it to.
      timer = setTimeout(write, SETTLE_MS);
      return;
    }
    const still = frame?.meta.step === 0 && !frame.meta.playing;
    const hash = toHash(topology.recipe, opening.defaults) + (still ? "&paused" : "");
    if (location.hash !== `#${hash}`) history.replaceState(null, "", `#${hash}`);
  }

  store.subscribe(({ topology, frame }, before) => {
    const other = topology !== before.topology;
    const turned = frame?.meta.playing !== before.frame?.meta.playing;
    if (other || turned) timer ??= setTimeout(write, SETTLE_MS);
  });
  return {
    /** What the page was opened with. */
    read: () => read(location.hash),
    /** The address of the recipe in force. */
    link() {
      write();
      return location.href;
    },
    /** @param {(asked: Asked) => void} listener called when the user enters another address */
    onEntered(listener) {
      // What was entered: by now the recipe in force may have been written over it.
      window.addEventListener("hashchange", ({ newURL }) => listener(read(new URL(newURL).hash)));
    },
  };
}

/** @typedef {ReturnType<typeof createAddress>} Address */
