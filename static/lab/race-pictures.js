/** The replicas' pictures as one drawing, for a file: each under its rate and label. */

import { svg, text } from "../svg.js";
import { significant } from "../views/format.js";
import { letterOf } from "./axes.js";
import { labelMark } from "./ramp.js";

const SIDE = 96;
const GAP = 12;
const MOST_IN_A_ROW = 8;

/**
 * @param {import("./race-data.js").Race} race
 * @param {import("../colour.js").Theme} theme
 * @param {(share: number) => string} ramp
 * @param {(key: string) => HTMLCanvasElement | null} canvasOf
 * @returns {{drawing: SVGElement, width: number, height: number}}
 */
export function drawPictures(race, theme, ramp, canvasOf) {
  const letter = letterOf(theme);
  const pitch = { x: SIDE + GAP, y: SIDE + letter * 3.2 };
  const perRow = Math.min(MOST_IN_A_ROW, race.info.rates.length);
  const nodes = [];
  let y = 0;
  for (const lane of race.lanes) {
    if (race.lanes.length > 1) {
      nodes.push(text(0, y + letter, race.names[lane[0].lane], theme.ink));
      y += letter * 1.6;
    }
    lane.forEach((runner, k) => {
      const place = { x: (k % perRow) * pitch.x, y: y + Math.floor(k / perRow) * pitch.y };
      const box = { ...place, width: SIDE, height: SIDE };
      const href = canvasOf(runner.key)?.toDataURL();
      if (href) nodes.push(svg("image", { ...box, href, preserveAspectRatio: "none" }));
      const colour = ramp(runner.share);
      nodes.push(svg("rect", { ...box, fill: "none", stroke: colour, "stroke-width": 3 }));
      const [rate, below] = [significant(runner.rate), place.y + SIDE + letter * 1.2];
      nodes.push(text(place.x, below, `rate ${rate}`, theme.ink));
      nodes.push(labelMark(runner.label, place.x + 5, below + letter * 0.9, 4, colour));
      nodes.push(text(place.x + letter * 1.3, below + letter * 1.25, runner.label, theme.ink));
    });
    y += Math.ceil(lane.length / perRow) * pitch.y;
  }
  const look = { "font-size": letter, "font-family": theme.font };
  return { drawing: svg("svg", look, ...nodes), width: perRow * pitch.x - GAP, height: y };
}
