/** @param {import("../controls/fields.js").Page} _page */
export function createLandscape(_page) {
  return { draw: () => false };
}
