/**
 * Canvases in device pixels, and the one scheduler that draws every view.
 */

/** @typedef {import("./views/types.js").State} State */
/** @typedef {import("./views/types.js").View} View */

/** Ambient motion is drawn at about 30 frames/s: more would take the cores from the training. */
const AMBIENT_MS = 32;
/** So much earlier the browser is asked for it: even an animation frame that shows nothing costs. */
const EARLY_MS = 8;

/**
 * Collects the reasons to draw into one animation frame, draws all views in it, then reports that
 * they are painted.
 * @param {(callback: (now: number) => void) => unknown} request
 */
export function createScheduler(request = (callback) => requestAnimationFrame(callback)) {
  /** @type {View[]} */
  let views = [];
  /** @type {(() => State) | null} */
  let read = null;
  let painted = () => {};
  let dirty = false;
  let waiting = false;
  let last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Set<View>} */
  const moving = new Set();

  function ask() {
    clearTimeout(timer);
    if (waiting || !read) return;
    waiting = true;
    request(paint);
  }

  /** @param {number} now */
  function paint(now) {
    waiting = false;
    if (!read) return;
    if (dirty || (moving.size > 0 && now - last >= AMBIENT_MS)) {
      const news = dirty;
      dirty = false;
      last = now;
      const state = read();
      for (const view of news ? views : [...moving]) {
        if (view.draw(state, now) === true) moving.add(view);
        else moving.delete(view);
      }
      if (news) painted();
    }
    if (dirty) ask();
    else if (moving.size > 0) timer = setTimeout(ask, last + AMBIENT_MS - EARLY_MS - now);
  }

  return {
    /**
     * @param {View[]} drawn every view of the page
     * @param {() => State} state what they draw
     * @param {() => void} onPainted called after each painting that showed something new
     */
    start(drawn, state, onPainted = () => {}) {
      views = drawn;
      read = state;
      painted = onPainted;
      this.markDirty();
    },
    /** Something that is drawn has changed: draw once, in the next animation frame. */
    markDirty() {
      dirty = true;
      ask();
    },
  };
}

/** The page's scheduler: `main.js` starts it; a view marks it dirty when it was resized. */
export const scheduler = createScheduler();

/**
 * A canvas that fills `element` and keeps as many device pixels as it covers. Sizes are CSS pixels;
 * the context is scaled so that drawing is in CSS pixels too.
 * @param {HTMLElement} element
 * @param {string} label what the picture shows, for a screen reader
 */
export function createSurface(element, label = "") {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;display:block";
  if (label) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
  } else {
    canvas.setAttribute("aria-hidden", "true");
  }
  if (getComputedStyle(element).position === "static") element.style.position = "relative";
  element.append(canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const surface = { canvas, context, width: 0, height: 0, ratio: 1, version: 0 };

  function fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const width = element.clientWidth;
    const height = element.clientHeight;
    if (width === surface.width && height === surface.height && ratio === surface.ratio) return;
    Object.assign(surface, { width, height, ratio, version: surface.version + 1 });
    canvas.width = Math.max(1, Math.round(width * ratio));
    canvas.height = Math.max(1, Math.round(height * ratio));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    scheduler.markDirty();
  }
  new ResizeObserver(fit).observe(element);
  fit();
  return surface;
}

/** @typedef {ReturnType<typeof createSurface>} Surface */

/** @returns {boolean} whether the viewer asked the system for less motion */
export function prefersReducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
