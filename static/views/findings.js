/** What is wrong with the run, in the server's words, and a button for each thing to try. */

import { isReady } from "./ready.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("../protocol.js").FindingInfo} Finding */
/** @typedef {import("../protocol.js").RemedyInfo} Remedy */

/**
 * @param {HTMLElement} element
 * @param {import("./types.js").Store} store
 * @param {import("./types.js").Actions} actions
 */
export function createFindings(element, store, actions) {
  const said = document.createElement("p");
  said.className = "health-verdict";
  const buttons = document.createElement("div");
  buttons.className = "health-remedies";
  element.append(said, buttons);
  let shown = "";
  /** Which finding is looked at, where there are several. */
  let index = 0;
  /** The remedy tried last, while nothing else was edited after it. */
  let tried = { label: "", edits: 0, version: -1 };

  /** @param {Remedy} remedy */
  async function attempt({ label, commands }) {
    const version = store.state.topology?.version ?? 0;
    tried = { label, edits: commands.length, version: version + commands.length };
    for (const command of commands) await actions.send(command);
  }

  async function takeBack() {
    const { edits } = tried;
    tried = { ...tried, version: -1 };
    for (let k = 0; k < edits; k++) await actions.send({ type: "undo" });
  }

  /** @param {State} state */
  function show(state) {
    if (!isReady(state)) return;
    const { findings, summary } = state.frame.meta;
    const undoable = tried.version === state.topology.version;
    const now = JSON.stringify([findings, summary, undoable && tried.label, index]);
    if (now === shown) return;
    shown = now;
    index = Math.min(index, Math.max(0, findings.length - 1));
    const finding = findings[index];
    const words = finding ? finding.message : summary;
    said.textContent = words;
    said.title = words;
    said.classList.toggle("trouble", Boolean(finding));
    buttons.replaceChildren(
      ...(finding?.remedies ?? []).map((remedy) =>
        button(remedy.label, "Try it: sends the edits; undo takes them back", () =>
          attempt(remedy),
        ),
      ),
      ...(undoable ? [button("undo", `Take back: ${tried.label}`, takeBack)] : []),
      ...(findings.length > 1
        ? [
            button(`${index + 1} of ${findings.length} ▸`, "What else is wrong", () => {
              index = (index + 1) % findings.length;
              show(store.state);
            }),
          ]
        : []),
    );
  }

  return { show };
}

/** @param {string} label @param {string} title @param {() => void} act */
function button(label, title, act) {
  const place = document.createElement("button");
  place.type = "button";
  place.className = "chip small";
  place.textContent = label;
  place.title = title;
  place.addEventListener("click", act);
  return place;
}
