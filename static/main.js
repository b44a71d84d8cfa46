/** Wiring: store, connection, controls and views. */

import { createAddress } from "./address.js";
import { scheduler } from "./canvas.js";
import { createConnection } from "./connection.js";
import { carryOut, createBanners, showMistakes } from "./controls/banner.js";
import { createData } from "./controls/data.js";
import { createEditor } from "./controls/editor.js";
import { find } from "./controls/fields.js";
import { createHeads } from "./controls/heads.js";
import { createKeyboard } from "./controls/keyboard.js";
import { createPopovers } from "./controls/popovers.js";
import { createRate } from "./controls/rate.js";
import { createSettings } from "./controls/settings.js";
import { createTransport } from "./controls/transport.js";
import { createViewControls } from "./controls/view.js";
import { mark } from "./dom.js";
import { createLab } from "./lab/lab.js";
import { createGlossary } from "./lesson/glossary.js";
import { createLessons } from "./lesson/lesson.js";
import { createMicroscope } from "./microscope/microscope.js";
import { createStore } from "./store.js";
import { createTable } from "./table.js";
import { createDivergence } from "./time/divergence.js";
import { createLossExport } from "./time/loss-export.js";
import { createPast } from "./time/past.js";
import { createSchedule } from "./time/schedule.js";
import { createScrubber } from "./time/scrubber.js";
import { createUndo } from "./time/undo.js";
import { withoutRefused } from "./url.js";
import { createCard } from "./views/card.js";
import { createHealth } from "./views/health.js";
import { createLoss } from "./views/loss.js";
import { sameMark } from "./views/marks.js";
import { createNetwork } from "./views/network.js";
import { createOutput } from "./views/output.js";

/** Steps per second of a new session: slow enough to follow, fast enough to see it learn. */
const OPENING_SPEED = 60;

const catalog = JSON.parse(find("#catalog").textContent);
const store = createStore();
let settled = () => false;
const start = JSON.parse(find("#start").textContent);
const address = createAddress(store, catalog, start, () => settled());
let asked = address.read();
const connection = createConnection(store, begin, startWithout);
/** @param {(command: Record<string, unknown>) => Promise<any>} send */
async function begin(send) {
  settled = () => false;
  await send({ type: "speed", steps_per_second: OPENING_SPEED });
  const { commands = [], paused, begun } = asked;
  await carryOut(commands, send);
  if (!paused) await send({ type: "play" });
  // That it plays stands in the next frame, not in the last one before.
  const { frame } = store.state;
  settled = () => paused || store.state.frame !== frame;
  begun?.();
}
/** @type {Parameters<typeof createConnection>[2]} */
function startWithout(refusal, recipe) {
  const rest = withoutRefused(refusal, recipe);
  if (!rest) return null;
  asked = { ...asked, mistakes: [...asked.mistakes, rest.mistake] };
  showMistakes(asked.mistakes);
  return rest.recipe;
}
/** @param {import("./address.js").Asked} wish */
function open(wish) {
  asked = wish;
  showMistakes(wish.mistakes);
  connection.start(wish.recipe);
}

/** @param {Partial<import("./views/types.js").ViewState>} patch */
const setView = (patch) => store.dispatch({ type: "view", patch });

/** @type {import("./controls/fields.js").Page} */
const page = {
  store,
  catalog,
  send: async (command) => past.heed(await connection.send(command)),
  start: (recipe) => open(recipe ? { recipe, mistakes: [], paused: false } : asked),
  link: address.link,
  layout: () => network.layout(),
};
const past = createPast(page);
const edit = createEditor(page);
/** @type {import("./views/types.js").Actions} */
const actions = {
  setView,
  // In slow motion a click opens a weight's equation, and the next one sets it.
  edit: (mark, x, y, atOnce = false) => {
    const { slow, pinned } = store.state.view;
    if (slow && !atOnce && !sameMark(pinned, mark)) setView({ pinned: mark });
    else edit(mark, x, y);
  },
  send: async (command) => {
    const answer = await page.send(command);
    if (answer.type === "refused") store.dispatch(answer);
  },
  announce: (text) => store.dispatch({ type: "notice", text }),
};

const network = createNetwork(find("#network"), store, actions);
createTransport(page);
createRate(page);
createData(page);
createSettings(page);
createViewControls(page, setView);
const microscope = createMicroscope(page, setView, edit);
createPopovers();
createKeyboard(page, setView);
createBanners(page);
createTable(store, actions);
createDivergence(page);
createLossExport(page);
createSchedule(page);
createScrubber(page);
createUndo(page);

const views = [
  network,
  ...microscope,
  createHeads(page),
  createOutput(find("#output"), store, actions, find("#example")),
  createLoss(find("#loss"), store, actions),
  createHealth(find("#health"), store, actions, catalog.activations),
  createCard(find("#card"), store, actions),
  createLab(page),
];
const root = document.documentElement;
scheduler.start(
  views,
  () => store.state,
  () => {
    connection.acknowledge();
    const { frame } = store.state;
    if (!frame) return;
    mark(root, "data-ready", "true");
    mark(root, "data-frame", String(frame.meta.frame)); // what the screen shows now
  },
);
store.subscribe((state, before) => {
  scheduler.markDirty();
  if (state.session === before.session) return;
  root.dataset.session = state.session ?? "";
  delete root.dataset.frame;
});
createGlossary();
address.onEntered(open);
if (!createLessons(page, open).begin()) open(asked);
