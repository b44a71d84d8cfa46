"""What there is to learn: shapes in the plane, a curve, real tables and images of digits."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from engine.checks import number, whole
from engine.datasets import generators, tables
from engine.operations import Array


@dataclass(frozen=True)
class DatasetInfo:
    """What a menu shows of a data set, and what can be chosen."""

    name: str
    title: str
    kind: str
    """plane (points with two coordinates), curve (one), table or image."""
    task: str
    """classification or regression."""
    note: str
    classes: int | None = None
    """How many; None for regression, and where `arms` decides."""
    options: tuple[str, ...] = ()
    source: str = "made on the spot, from the seed"
    licence: str = "MIT"


MADE = ("samples", "noise")
UCI = "UCI Machine Learning Repository"


def _plane(name: str, title: str, classes: int | None, note: str, *more: str) -> DatasetInfo:
    task = "classification" if classes or more else "regression"
    return DatasetInfo(name, title, "plane", task, note, classes, (*MADE, *more))


def _table(
    name: str, title: str, classes: int | None, note: str, source: str, licence: str = "CC BY 4.0"
) -> DatasetInfo:
    kind = "image" if name == "digits" else "table"
    task = "classification" if classes else "regression"
    return DatasetInfo(name, title, kind, task, note, classes, (), source, licence)


datasets: dict[str, DatasetInfo] = {
    info.name: info
    for info in (
        _plane("moons", "moons", 2, "Two half moons that reach into each other."),
        _plane("circle", "circle", 2, "A disc inside a ring: no straight line parts them."),
        _plane("xor", "exclusive or", 2, "Opposite quadrants belong together."),
        _plane("gauss", "two clouds", 2, "A straight line is enough: one neuron can do it."),
        _plane("spiral", "spiral", 2, "Two arms wound into each other: the hard one."),
        _plane("rings", "three rings", 3, "Three classes around one centre."),
        _plane("arms", "spiral arms", None, "Two to five spiral arms, a class each.", "arms"),
        _plane("plane", "tilted plane", None, "Regression: a value that a linear unit can learn."),
        _plane("gaussian", "hills and hollows", None, "Regression: six bumps in the plane."),
        DatasetInfo("sine", "a curve", "curve", "regression", "One input, one output.", None, MADE),
        _table(
            "penguins",
            "penguins",
            3,
            "Species from body measures, island and sex; some gaps.",
            "Palmer Station LTER, K. Gorman; palmerpenguins",
            "CC0 1.0",
        ),
        _table("iris", "iris", 3, "Species from four lengths.", f"R. A. Fisher 1936; {UCI}"),
        _table("wine", "wine", 3, "Cultivar from 13 measurements.", f"M. Forina et al.; {UCI}"),
        _table(
            "breast_cancer",
            "breast cancer",
            2,
            "Benign or malignant, from 30 measures of cell nuclei.",
            f"Wolberg, Street, Mangasarian 1995; {UCI}",
        ),
        _table(
            "mpg",
            "miles per gallon",
            None,
            "Regression: a car's fuel economy from its data.",
            f"J. R. Quinlan 1993; {UCI}",
        ),
        _table(
            "digits",
            "handwritten digits",
            10,
            "Images of 8 × 8 pixels.",
            f"E. Alpaydin, C. Kaynak 1998; {UCI}",
        ),
    )
}

_GENERATORS: dict[str, Callable[[np.random.Generator, int, float], tuple[Array, Array]]] = {
    name: getattr(generators, name)
    for name, info in datasets.items()
    if info.kind in ("plane", "curve") and name != "arms"
}


@dataclass(frozen=True)
class Data:
    """A data set, split. Inputs are raw, `(examples, columns)` float64; see the statistics."""

    info: DatasetInfo
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    column_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    image_shape: tuple[int, int] | None
    input_mean: Array
    input_scale: Array
    """With `input_mean`, of the training part: (x − mean) / scale is what a network is given.
    Points in the plane are given as they are, so that the numbers shown are the plane's own."""
    target_mean: float
    target_scale: float
    rows: tuple[Array, Array] | None = None
    """Of a table: which of its rows the training and the test part are."""

    def identities(self, part: str) -> list[Hashable]:
        """What tells the examples of the part "train" or "test" apart, however they are split.

        A table's row number; of made data the example itself, which another seed, number of
        samples or noise would make another one.
        """
        test = part == "test"
        if self.rows is not None:
            return list(self.rows[test].tolist())
        x, y = (self.x_test, self.y_test) if test else (self.x_train, self.y_train)
        return [row.tobytes() for row in np.column_stack([x, y])]

    @property
    def nbytes(self) -> int:
        """Memory that the examples take, in bytes."""
        return sum(part.nbytes for part in (self.x_train, self.y_train, self.x_test, self.y_test))


def load(
    name: str,
    *,
    seed: int,
    samples: int = 500,
    noise: float = 0.2,
    test_share: float = 0.33,
    arms: int = 3,
) -> Data:
    """A data set, made or read, split and measured: the same for the same arguments.

    The examples and the split have random streams of their own: another test share is another
    split of the same examples. Tables take no notice of samples, noise and arms. Raises
    ValueError naming the argument, what came and what is allowed.
    """
    if not isinstance(name, str) or name not in datasets:
        raise ValueError(f"dataset: got {name!r}, expected one of {', '.join(datasets)}")
    whole("seed", seed, 0)
    whole("samples", samples, 10, 5000)
    whole("arms", arms, 2, 5)
    number("noise", noise, 0, 1)
    number("test_share", test_share, 0, 0.9)
    info = datasets[name]
    data_rng, split_rng = (np.random.default_rng([seed, 10, stream]) for stream in (0, 1))
    if name in tables.TABLES:
        return _load_table(info, split_rng, test_share)
    if name == "arms":
        x, y = generators.spiral_arms(data_rng, samples, noise, arms)
    else:
        x, y = _GENERATORS[name](data_rng, samples, noise)
    classes = int(y.max()) + 1 if info.task == "classification" else 0
    training, test = split(y, test_share, split_rng, stratified=classes > 0)
    curve = info.kind == "curve"
    mean, scale = standardising(x[training]) if curve else (np.zeros(2), np.ones(2))
    target_mean, target_scale = standardising(y[training]) if curve else (0.0, 1.0)
    return Data(
        info,
        *(x[training], y[training], x[test], y[test]),
        column_names=("x",) if curve else ("x₁", "x₂"),
        class_names=("negative", "positive") if classes == 2 else _letters(classes),
        target_name="y",
        image_shape=None,
        input_mean=mean,
        input_scale=scale,
        target_mean=float(target_mean),
        target_scale=float(target_scale),
    )


def _load_table(info: DatasetInfo, rng: np.random.Generator, test_share: float) -> Data:
    table = tables.TABLES[info.name]
    rows = tables.read(info.name)
    y, classes = tables.targets(rows, table)
    training, test = split(y, test_share, rng, stratified=table.classes)
    x, names = tables.inputs(rows, table, training)
    mean, scale = standardising(x[training])
    if info.kind == "image":
        # One mean and one scale for all pixels: those at the edge hardly ever vary.
        mean, scale = (np.full_like(mean, one) for one in standardising(x[training].ravel()))
    target_mean, target_scale = (0.0, 1.0) if table.classes else standardising(y[training])
    return Data(
        info,
        *(x[training], y[training], x[test], y[test]),
        column_names=names,
        class_names=classes,
        target_name=tables.display_name(table.target, table),
        image_shape=(8, 8) if info.kind == "image" else None,
        input_mean=mean,
        input_scale=scale,
        target_mean=float(target_mean),
        target_scale=float(target_scale),
        rows=(training, test),
    )


def standardising(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column of values (examples, ...).

    A column that does not vary has the scale 1. That is asked of its range: the standard
    deviation of equal numbers is often not quite 0, and dividing by 1e-17 would blow up others.
    """
    scale = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1.0)
    return values.mean(axis=0), scale


def split(
    y: Array, test_share: float, rng: np.random.Generator, *, stratified: bool
) -> tuple[Array, Array]:
    """Indices of the training and the test part, in random order.

    Stratified: every class is shared out alike, to within one example. The training part keeps
    at least one example of each.
    """
    groups = [np.flatnonzero(y == k) for k in np.unique(y)] if stratified else [np.arange(len(y))]
    training: list[Array] = []
    test: list[Array] = []
    for group in groups:
        order = rng.permutation(group)
        count = min(round(test_share * len(group)), len(group) - 1)
        test.append(order[:count])
        training.append(order[count:])
    return rng.permutation(np.concatenate(training)), rng.permutation(np.concatenate(test))


def _letters(count: int) -> tuple[str, ...]:
    return tuple("ABCDE"[:count])
