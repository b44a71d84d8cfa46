/** Where a step of a lesson began, and whether the network has moved since. */

/** @param {import("../store.js").Store} store */
export function createBeginning(store) {
  /** Counts the steps entered: what was sent for an earlier one no longer matters. */
  let turn = 0;
  let prepared = false;
  /** The moment at which the network stood, once it is known. @type {string | null} */
  let began = null;

  /** Note where the network stands, as soon as a frame shows it with all that was prepared. */
  function settle() {
    const { frame, topology } = store.state;
    if (!prepared || began !== null || !frame || frame.meta.playing) return;
    if (frame.meta.version === topology?.version) began = momentOf(frame);
  }

  store.subscribe(({ frame }, before) => {
    if (frame !== before.frame) settle();
  });

  return {
    /** Whether all that the step needs has been carried out. */
    get prepared() {
      return prepared;
    },
    /**
     * Another step is entered.
     * @param {() => void} ready called when it is prepared
     * @returns {() => void} to be called when all that it needs has been carried out
     */
    anew(ready) {
      const mine = ++turn;
      prepared = false;
      began = null;
      return () => {
        if (mine !== turn) return;
        prepared = true;
        settle();
        ready();
      };
    },
    /** Whether the network is another one than it was when the step began. */
    moved() {
      const { frame } = store.state;
      return began !== null && frame !== null && momentOf(frame) !== began;
    },
  };
}

/** @param {import("../protocol.js").Frame} frame */
function momentOf({ meta: { timeline } }) {
  const { present, edits, looking_back } = timeline;
  return JSON.stringify([present, edits.length, looking_back]);
}
