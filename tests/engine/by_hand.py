"""One training step in plain Python: a loop over neurons, no array anywhere.

Everything is worked out from the formulas of a textbook, one number at a time, and knows nothing
of the engine but the numbers that it starts from.
"""

import math
from dataclasses import dataclass, field

Row = list[float]


def phi(name: str, z: float) -> float:
    c, k = math.sqrt(2 / math.pi), 0.044715
    formulas = {
        "linear": lambda: z,
        "relu": lambda: max(0.0, z),
        "leaky_relu": lambda: z if z > 0 else 0.01 * z,
        "elu": lambda: z if z > 0 else math.exp(z) - 1,
        "silu": lambda: z / (1 + math.exp(-z)),
        "gelu": lambda: z / 2 * (1 + math.tanh(c * (z + k * z**3))),
        "sigmoid": lambda: 1 / (1 + math.exp(-z)),
        "tanh": lambda: math.tanh(z),
        "softplus": lambda: math.log(1 + math.exp(z)),
    }
    return formulas[name]()


def slope(name: str, z: float) -> float:
    """φ′ by its formula; the smooth ones are checked against differences elsewhere."""
    s = 1 / (1 + math.exp(-z))
    c, k = math.sqrt(2 / math.pi), 0.044715
    t = math.tanh(c * (z + k * z**3))
    formulas = {
        "linear": 1.0,
        "relu": 1.0 if z > 0 else 0.0,
        "leaky_relu": 1.0 if z > 0 else 0.01,
        "elu": 1.0 if z > 0 else math.exp(z),
        "silu": s + z * s * (1 - s),
        "gelu": (1 + t) / 2 + z / 2 * (1 - t * t) * c * (1 + 3 * k * z * z),
        "sigmoid": s * (1 - s),
        "tanh": 1 - math.tanh(z) ** 2,
        "softplus": s,
    }
    return formulas[name]


def loss_and_slope(name: str, prediction: Row, target: Row) -> tuple[float, Row]:
    """One example's own loss ℓ, and ∂ℓ/∂ŷ of each output."""
    errors = [p - t for p, t in zip(prediction, target, strict=True)]
    n = len(prediction)
    if name == "half_squared_error":
        return sum(e * e for e in errors) / 2, errors
    if name == "mean_squared_error":
        return sum(e * e for e in errors) / n, [2 * e / n for e in errors]
    if name == "huber":
        parts = [e * e / 2 if abs(e) <= 1 else abs(e) - 0.5 for e in errors]
        return sum(parts) / n, [max(-1.0, min(1.0, e)) / n for e in errors]
    if name == "binary_cross_entropy":
        p = [1 / (1 + math.exp(-z)) for z in prediction]
        parts = [
            -t * math.log(q) - (1 - t) * math.log(1 - q) for q, t in zip(p, target, strict=True)
        ]
        return sum(parts) / n, [(q - t) / n for q, t in zip(p, target, strict=True)]
    total = sum(math.exp(z) for z in prediction)
    p = [math.exp(z) / total for z in prediction]
    own = -sum(t * math.log(q) for q, t in zip(p, target, strict=True))
    return own, [q - t for q, t in zip(p, target, strict=True)]


def updated(name: str, w: float, g: float, rate: float, state: dict[str, float], t: int) -> Row:
    """The terms of the optimizer's formula, as its lines name them, what is added coming last."""
    if name == "sgd":
        return [-rate * g]
    if name in ("momentum", "nesterov"):
        v = state["velocity"] = 0.9 * state.get("velocity", 0.0) + g
        if name == "momentum":
            return [v, -rate * v]
        return [v, g + 0.9 * v, -rate * (g + 0.9 * v)]
    if name == "adagrad":
        s = state["square_sum"] = state.get("square_sum", 0.0) + g * g
        return [s, -rate * g / (math.sqrt(s) + 1e-10)]
    if name == "rmsprop":
        s = state["square_mean"] = 0.99 * state.get("square_mean", 0.0) + 0.01 * g * g
        return [s, -rate * g / (math.sqrt(s) + 1e-8)]
    m = state["mean"] = 0.9 * state.get("mean", 0.0) + 0.1 * g
    v = state["square_mean"] = 0.999 * state.get("square_mean", 0.0) + 0.001 * g * g
    share1, share2 = 1 - 0.9**t, 1 - 0.999**t
    move = -rate * (m / share1) / (math.sqrt(v / share2) + 1e-8)
    terms = [m, v, share1, m / share1, share2, v / share2]
    if name == "adam":
        return [*terms, move]
    decay = -rate * 0.01 * w
    return [*terms, decay, move, decay + move]


@dataclass
class HandLayer:
    """Parameters of a layer, `weights[j][i]` from input i to unit j, and what a pass makes of it.

    Signals are `[unit][example]`.
    """

    activation: str
    weights: list[Row]
    biases: Row
    scale: Row | None = None
    shift: Row | None = None
    mask: list[Row] | None = None
    sums: list[Row] = field(default_factory=list)
    normalised: list[Row] = field(default_factory=list)
    deviations: Row = field(default_factory=list)
    given: list[Row] = field(default_factory=list)
    slopes: list[Row] = field(default_factory=list)
    activations: list[Row] = field(default_factory=list)
    handed: list[Row] = field(default_factory=list)
    arriving: list[Row] = field(default_factory=list)
    outer: list[Row] = field(default_factory=list)
    deltas: list[Row] = field(default_factory=list)
    gradients: Row = field(default_factory=list)
    """In the order of the flat vector: each unit's weights and bias, then all γ, then all β."""

    def forward(self, x: list[Row]) -> list[Row]:
        """What the next layer reads, for inputs `[input][example]`."""
        batch = range(len(x[0]))
        for j, weights in enumerate(self.weights):
            z = [sum(w * x[i][e] for i, w in enumerate(weights)) + self.biases[j] for e in batch]
            u = z
            if self.scale is not None and self.shift is not None:
                mean = sum(z) / len(z)
                deviation = math.sqrt(sum((v - mean) ** 2 for v in z) / len(z) + 1e-5)
                normal = [(v - mean) / deviation for v in z]
                u = [self.scale[j] * n + self.shift[j] for n in normal]
                self.normalised.append(normal)
                self.deviations.append(deviation)
            a = [phi(self.activation, v) for v in u]
            self.sums.append(z)
            self.given.append(u)
            self.slopes.append([slope(self.activation, v) for v in u])
            self.activations.append(a)
            mask = [1.0 for _ in batch] if self.mask is None else self.mask[j]
            self.handed.append([value * m for value, m in zip(a, mask, strict=True)])
        return self.handed

    def backward(self, arriving: list[Row], x: list[Row]) -> list[Row]:
        """∂L/∂x, from ∂L/∂ of what the layer handed on."""
        batch = range(len(x[0]))
        self.arriving = arriving
        for j, back in enumerate(arriving):
            mask = [1.0 for _ in batch] if self.mask is None else self.mask[j]
            outer = [back[e] * mask[e] * self.slopes[j][e] for e in batch]
            self.outer.append(outer)
            if self.scale is None:
                self.deltas.append(outer)
                continue
            normal = self.normalised[j]
            mean = sum(outer) / len(outer)
            along = sum(o * n for o, n in zip(outer, normal, strict=True)) / len(outer)
            factor = self.scale[j] / self.deviations[j]
            self.deltas.append([factor * (outer[e] - mean - normal[e] * along) for e in batch])
        for delta in self.deltas:
            self.gradients += [sum(delta[e] * each[e] for e in batch) for each in x]
            self.gradients.append(sum(delta))
        if self.scale is not None:
            for outer, normal in zip(self.outer, self.normalised, strict=True):
                self.gradients.append(sum(o * n for o, n in zip(outer, normal, strict=True)))
            self.gradients += [sum(outer) for outer in self.outer]
        return [
            [
                sum(w[i] * d[e] for w, d in zip(self.weights, self.deltas, strict=True))
                for e in batch
            ]
            for i in range(len(x))
        ]


def pass_through(
    layers: list[HandLayer], x: list[Row], targets: list[Row], loss: str
) -> tuple[float, Row, list[Row]]:
    """The loss L, each example's own loss and slopes; `targets` are `[output][example]`."""
    batch = range(len(x[0]))
    inputs = [x]
    for layer in layers:
        inputs.append(layer.forward(inputs[-1]))
    own = [
        loss_and_slope(loss, [row[e] for row in inputs[-1]], [row[e] for row in targets])
        for e in batch
    ]
    slopes = [[own[e][1][k] for e in batch] for k in range(len(targets))]
    back = [[s / len(batch) for s in row] for row in slopes]
    for layer, given in zip(reversed(layers), reversed(inputs[:-1]), strict=True):
        back = layer.backward(back, given)
    losses = [each[0] for each in own]
    return sum(losses) / len(losses), losses, slopes


def penalised(g: Row, w: Row, weights: list[bool], l1: float, l2: float, clip: float | None) -> Row:
    """What the optimizer gets: penalties on weights alone, then the whole of it shortened."""
    sign = [(value > 0) - (value < 0) for value in w]
    found = [
        each + (l2 * value + l1 * s if is_weight else 0.0)
        for each, value, s, is_weight in zip(g, w, sign, weights, strict=True)
    ]
    norm = math.sqrt(sum(each * each for each in found))
    if clip is None or norm <= clip:
        return found
    return [each * clip / norm for each in found]
