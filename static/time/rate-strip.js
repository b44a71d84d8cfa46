/** The learning rate beneath the loss, on the same axis of steps; what lies ahead is dashed. */

import { createSurface } from "../canvas.js";
import { hide, mark } from "../dom.js";
import { significant } from "../views/format.js";
import { tickText } from "../views/plot.js";
import { rateRange, ratesOf } from "./curves.js";

/** @import uPlot from "../vendor/uPlot.esm.js" */
/** @typedef {import("../colour.js").Theme} Theme */
/** @typedef {import("../protocol.js").Frame} Frame */

/** @param {HTMLElement} element filled and, while the rate never changed, hidden */
export function createRateStrip(element) {
  element.className = "rate-strip";
  element.hidden = true;
  const surface = createSurface(element, "learning rate");
  return {
    /**
     * Whether there is something to show; to be asked before the chart above is measured.
     * @param {Frame} frame
     */
    show(frame) {
      const { varies } = ratesOf(frame);
      hide(element, !varies);
    },
    /**
     * @param {uPlot} plot whose axis it shares
     * @param {Frame} frame
     * @param {Theme} theme
     */
    draw(plot, frame, theme) {
      const { context, width, height, canvas } = surface;
      context.clearRect(0, 0, width, height);
      if (element.hidden || height < 12) return;
      const ratio = window.devicePixelRatio || 1;
      const left = plot.bbox.left / ratio;
      const right = left + plot.bbox.width / ratio;
      const { past, ahead } = ratesOf(frame);
      const begin = plot.scales.x.min ?? 0;
      const end = plot.scales.x.max ?? 1;
      const seen = [...past, ...ahead].filter(([step]) => step >= begin && step <= end);
      const [low, high] = rateRange(seen);
      const room = height - 8;
      const x = (/** @type {number} */ step) => left + plot.valToPos(step, "x");
      const y = (/** @type {number} */ rate) => {
        const share = Math.log(Math.max(rate, low) / low) / Math.log(high / low);
        return 4 + room * (1 - share);
      };

      context.save();
      context.beginPath();
      context.rect(left - 1, 0, right - left + 6, height);
      context.clip();
      context.lineWidth = 1.8;
      context.lineJoin = "round";
      context.strokeStyle = theme.ink;
      line(past);
      context.lineWidth = 1.5;
      context.strokeStyle = theme.muted;
      context.setLineDash([4, 3]);
      line(ahead);
      context.fillStyle = theme.ink;
      context.beginPath();
      context.arc(x(frame.meta.step), y(frame.meta.rate_in_force), 3, 0, 7);
      context.fill();
      context.restore();

      context.font = `${Math.round(theme.fontSize * 0.76)}px ${theme.font}`;
      context.fillStyle = theme.muted;
      context.textAlign = "right";
      const [top, bottom] = [Math.max, Math.min].map((pick) =>
        pick(...seen.map(([, rate]) => rate)),
      );
      const flat = short(top) === short(bottom);
      context.textBaseline = flat ? "middle" : "top";
      context.fillText(short(top), left - 5, flat ? y(top) : 1);
      context.textBaseline = "bottom";
      if (!flat) context.fillText(short(bottom), left - 5, height);
      const words = `Learning rate, now ${significant(frame.meta.rate_in_force)}; so far and ahead between ${significant(bottom)} and ${significant(top)}`;
      mark(canvas, "aria-label", words);

      /** @param {[number, number][]} points */
      function line(points) {
        context.beginPath();
        points.forEach(([step, rate], k) => {
          if (k === 0) context.moveTo(x(step), y(rate));
          else context.lineTo(x(step), y(rate));
        });
        context.stroke();
      }
    },
  };
}

/** @param {number} rate @returns {string} in as many digits as there is room for */
function short(rate) {
  return tickText(Number(rate.toPrecision(rate < 1e-3 ? 1 : 2)));
}
