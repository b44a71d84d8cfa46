/** What the optimizer makes of one gradient: its state before and after, and the step's length. */

import { factor, maths } from "./maths.js";
import { line } from "./rows.js";

/** @typedef {import("./numbers.js").Step} Step */

/**
 * @param {Step} step @param {number} k the parameter's index @param {string} sign "w" or "b"
 * @returns {Node[]}
 */
export function optimizerLines(step, k, sign) {
  const { frame, meta, topology } = step;
  const { options, optimizer_steps: made } = meta.microscope;
  const size = frame.parameters.length;
  const before = (slot = 0) => frame.state_before?.[slot * size + k] ?? 0;
  const after = (slot = 0) => frame.state_after?.[slot * size + k] ?? 0;
  const g = frame.gradients[k];
  const eta = meta.rate_in_force;
  const { momentum: mu, alpha, beta1, beta2, epsilon, weight_decay: decay } = options;
  switch (topology.recipe.optimizer) {
    case "sgd":
      return [line("−η·g", maths`−${eta} · ${factor(g)}`, -eta * g)];
    case "momentum":
    case "nesterov": {
      const velocity = line(
        "v ← μ·v + g",
        maths`${mu}·${factor(before())} + ${factor(g)}`,
        after(),
      );
      if (topology.recipe.optimizer === "momentum") {
        return [velocity, line("−η·v", maths`−${eta} · ${factor(after())}`, -eta * after())];
      }
      const ahead = g + mu * after();
      return [
        velocity,
        line("g + μ·v", maths`${g} + ${mu}·${factor(after())}`, ahead),
        line("−η·(g + μ·v)", maths`−${eta} · ${factor(ahead)}`, -eta * ahead),
      ];
    }
    case "adagrad":
      return [
        line("s ← s + g²", maths`${before()} + ${factor(g)}²`, after()),
        scaled(eta, g, after(), epsilon, "s"),
      ];
    case "rmsprop":
      return [
        line(
          "v ← α·v + (1−α)·g²",
          maths`${alpha}·${before()} + ${1 - alpha}·${factor(g)}²`,
          after(),
        ),
        scaled(eta, g, after(), epsilon, "v"),
      ];
    default: {
      const t = made + 1;
      const mean = after() / (1 - beta1 ** t);
      const square = after(1) / (1 - beta2 ** t);
      const lines = [
        line(
          "m ← β₁m + (1−β₁)g",
          maths`${beta1}·${factor(before())} + ${1 - beta1}·${factor(g)}`,
          after(),
        ),
        line(
          "v ← β₂v + (1−β₂)g²",
          maths`${beta2}·${before(1)} + ${1 - beta2}·${factor(g)}²`,
          after(1),
        ),
        line(`m̂ = m/(1−β₁ᵗ)`, maths`t = ${String(t)}`, mean),
        line(`v̂ = v/(1−β₂ᵗ)`, [], square),
        scaled(eta, mean, square, epsilon, "v̂", "m̂"),
      ];
      if (!decay) return lines;
      const w = frame.parameters[k];
      return [
        ...lines,
        line(`−η·λ·${sign}`, maths`−${eta} · ${decay} · ${factor(w)}`, -eta * decay * w),
      ];
    }
  }
}

/**
 * @param {number} eta @param {number} up @param {number} under @param {number} epsilon
 * @param {string} name @param {string} [top]
 */
function scaled(eta, up, under, epsilon, name, top = "g") {
  const how = maths`−${eta} · ${factor(up)} / √${under}`;
  return line(`−η·${top}/(√${name} + ε)`, how, (-eta * up) / (Math.sqrt(under) + epsilon));
}
