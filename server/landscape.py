"""What the lab's landscape starts from and what frames say of it."""

import math

from engine.curvature import Cut
from engine.experiment import Experiment
from engine.landscape import Landscape
from engine.operations import Array
from engine.timeline import Timeline
from server.origin import Origin
from server.protocol.labframe import CutInfo, MapInfo, Standing

BEGINNINGS = ("reset", "data", "adopt")
"""Edits after which the states kept before are those of another run."""


def walked(timeline: Timeline, shown: Experiment) -> list[Array]:
    """The parameters of the states kept of the run that is shown, up to there, oldest first.

    A run begins with a reset, with other data, or as a replica of a race: what came before is
    elsewhere, and the leap from there was no step of training.
    """
    begun = max((k for k, edit in enumerate(shown.edits, 1) if edit[1] in BEGINNINGS), default=0)
    return [
        kept.snapshot.parameters
        for kept in timeline.checkpoints
        if kept.edits >= begun and kept.moment <= shown.moment
    ]


def map_info(land: Landscape, origin: Origin, standing: Standing) -> MapInfo:
    """The numbers that belong to a map."""
    return MapInfo(
        plane=land.plane,
        size=len(land.coordinates),
        rows=land.rows,
        step=origin.step,
        standing=standing,
        learning_rate=origin.rate,
        examples=land.examples,
        available=origin.examples,
        penalised=land.penalised,
    )


def cut_info(cut: Cut, origin: Origin, standing: Standing) -> CutInfo:
    """The numbers that belong to a cut."""
    return CutInfo(
        step=origin.step,
        standing=standing,
        learning_rate=cut.learning_rate,
        curvature=cut.curvature,
        largest_curvature=cut.largest_curvature,
        edge=cut.edge if math.isfinite(cut.edge) else None,
        examples=cut.examples,
        penalised=cut.penalised,
    )
