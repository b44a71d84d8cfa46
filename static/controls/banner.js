/** What must not be missed: no connection, a session that ended, or one that does not answer. */

import { write } from "../dom.js";
import { find, make } from "./fields.js";

/** @typedef {import("./fields.js").Page} Page */

/** @param {Page} page */
export function createBanners(page) {
  const banner = find("#banner");
  const text = make("span");
  const wait = make("span", { ariaHidden: "true" }); // not read out anew each second
  const again = make("button", { type: "button" }, "Start again");
  banner.append(text, wait, again);
  again.addEventListener("click", () => page.start(page.store.state.topology?.recipe));
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let clock;

  page.store.subscribe(({ connection, retryAt, silent, notice, topology }, before) => {
    const same = connection === before.connection && retryAt === before.retryAt;
    if (same && silent === before.silent) return;
    clearInterval(clock);
    const closed = connection === "closed";
    banner.hidden = !closed && !silent && connection !== "reconnecting";
    again.hidden = !closed && !silent;
    wait.textContent = "";
    if (closed) {
      again.textContent = topology ? "Start again with this recipe" : "Try again";
      text.textContent = topology
        ? `The session has ended on the server. ${notice?.text ?? ""}`
        : `No session could be started. ${notice?.text ?? ""}`;
    } else if (silent) {
      again.textContent = "Start again with this recipe";
      write(text, "The session does not answer. It may be busy, or its process may have stopped.");
      wait.textContent = `${silent} s so far`;
    } else if (connection === "reconnecting") {
      text.textContent =
        "The connection to the server is lost: nothing can be changed. " +
        "Trying to find the session again …";
      const tell = () => {
        const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
        wait.textContent = seconds ? `in ${seconds} s` : "";
      };
      tell();
      clock = setInterval(tell, 250);
    }
  });
  find("#mistakes button").addEventListener("click", () => showMistakes([]));

  const status = find("#status");
  page.store.subscribe(({ notice }, before) => {
    if (!notice || notice === before.notice) return;
    status.textContent = notice.text;
    status.dataset.trouble = String(notice.trouble);
    status.title = notice.text;
  });
}

/**
 * Say what in the address could not be followed.
 * @param {string[]} mistakes
 */
export function showMistakes(mistakes) {
  find("#mistakes").hidden = mistakes.length === 0;
  find("#mistakes span").textContent = mistakes.join(" ");
}

/**
 * Send commands one after the other, and say which of them were refused.
 * @param {Record<string, unknown>[]} commands
 * @param {(command: Record<string, unknown>) => Promise<import("../connection.js").Answer>} send
 */
export async function carryOut(commands, send) {
  const mistakes = [];
  for (const command of commands) {
    const answer = await send(command);
    if (answer.type !== "refused") continue;
    if (answer.field === "connection") return; // said elsewhere, or another session was begun
    mistakes.push(`“${command.type}” was refused: ${answer.message}.`);
  }
  if (mistakes.length) showMistakes(mistakes);
}
