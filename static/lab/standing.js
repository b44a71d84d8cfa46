/** What the lab shows may be of something else than the network that is shown now. */

/** @typedef {import("../protocol.js").MapInfo["standing"]} Standing */

/** @param {Standing} standing @returns {string} empty where it is of this network on these data */
export function elsewhere(standing) {
  if (standing === "data") return "It is of other data than those shown now.";
  if (standing === "network") return "It is of another network, loss or penalty than now.";
  return "";
}
