"""What a frame says of a race: labels, losses, curves and small pictures of the replicas."""

import math

import numpy as np

from engine.operations import Array
from engine.race import Race
from engine.run import Run
from server.describe import RANGE
from server.pictures import as_bytes, surface_scale
from server.protocol.labframe import RaceInfo

SURFACE = 24


def race_info(race: Race, end: int, shown: Run) -> RaceInfo:
    """Rates, labels and losses of every replica; the race ends at step `end`."""
    losses = np.array([race.curves(lane)[1][:, -1] for lane in range(len(race.lanes))])
    best = int(np.where(np.isfinite(losses), losses, np.inf).argmin())
    return RaceInfo(
        rates=race.rates,
        scheduled=race.lanes[0].run.recipe.schedule.kind != "constant",
        lanes=[
            ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in lane.changes.items())
            for lane in race.lanes
        ],
        labels=race.labels(),
        losses=[[float(v) if math.isfinite(v) else None for v in row] for row in losses],
        best=(best // len(race.rates), best % len(race.rates)),
        begin=race.begin,
        step=race.step,
        end=end,
        bytes=race.nbytes,
        of=_other_data(race, shown),
        surface=SURFACE if _pictured(race) else 0,
        classes=_classes(race.lanes[0].run),
    )


def race_tensors(race: Race) -> dict[str, Array]:
    """Every replica's curve, with all points that are recorded, and its picture of the plane."""
    curves = [race.curves(lane) for lane in range(len(race.lanes))]
    tensors = {
        "race_steps": curves[0][0],
        "race_train": np.stack([train for _, train, _ in curves]).astype(np.float32),
        "race_test": np.stack([test for _, _, test in curves]).astype(np.float32),
    }
    if kind := _pictured(race):
        picture = _surfaces if kind == "plane" else _fits
        tensors["race_surfaces"] = np.stack([picture(lane.run) for lane in race.lanes])
    return tensors


def _other_data(race: Race, shown: Run) -> str:
    """What data the race is of, and from which step on; nothing where they are those shown."""
    run = race.lanes[0].run
    info, here, there = run.data.info, run.recipe, shown.recipe
    if run.data is shown.data:
        return ""
    differing = []
    if here.dataset == there.dataset:
        differing = [
            f"{name.replace('_', ' ')} {getattr(here, name)}"
            for name in (*info.options, "test_share", "seed")
            if getattr(here, name) != getattr(there, name)
        ]
        if not differing:
            return ""
    return f"{', '.join([info.title, *differing])}, step {race.begin:,} on"


def _classes(run: Run) -> int:
    """How many classes the pictures tell apart; 0 where they show a value."""
    outputs = run.network.sizes[-1]
    return outputs if run.data.info.task == "classification" and outputs > 1 else 0


def _pictured(race: Race) -> str | None:
    """What there is a picture of: "plane", "curve" or nothing."""
    kind = race.lanes[0].run.data.info.kind
    return kind if kind in ("plane", "curve") else None


def _along(count: int) -> Array:
    """Places along an axis of the inputs, ascending."""
    low, high = RANGE
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _fits(run: Run) -> Array:
    """The predictions of all replicas of a lane along the input, as bytes (R, 1, S)."""
    data = run.data
    with np.errstate(all="ignore"):
        output = run.network.activations(run.inputs(_along(SURFACE)[:, None]))[-1]
        fits = np.stack([run.decide(each) for each in output]).astype(np.float32)
    largest = np.abs(np.concatenate([data.y_train, data.y_test])).max() or 1.0
    scales = np.full(len(fits), largest, np.float32)
    return as_bytes(fits, scales)[:, None, :]


def _surfaces(run: Run) -> Array:
    """The outputs of all replicas of a lane over the plane, as bytes (R, S, S)."""
    x = _along(SURFACE)
    x1, x2 = np.meshgrid(x, x[::-1])
    points = run.inputs(np.stack([x1.ravel(), x2.ravel()], axis=1))
    with np.errstate(all="ignore"):
        output = run.network.activations(points)[-1]
        classes = run.data.info.task == "classification"
        if _classes(run):
            decided = np.stack([run.decide(o) for o in output]).astype(np.uint8)
            decided[~np.isfinite(output).all(axis=-1)] = 255
            return decided.reshape(len(output), SURFACE, SURFACE)
        values = output[..., 0].astype(np.float32)
        if classes:
            values = run.leaning(values)
        scale = 1.0 if classes else surface_scale(run.data)
        scales = np.full(len(values), scale, np.float32)
        return as_bytes(values, scales).reshape(len(values), SURFACE, SURFACE)
