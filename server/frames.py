"""Frames: everything that one moment of training shows, as one safetensors message."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import diagnostics
from engine.datasets import Data
from engine.divergence import Divergence
from engine.experiment import Experiment
from engine.record import Record
from server.lab import Lab
from server.microscope import Scope
from server.norms import Norms
from server.past import Past
from server.pictures import Grid, Pictures, ends, field_side, make_grid
from server.protocol.frame import DivergenceInfo, ExampleInfo, FocusInfo, FrameMeta, GridInfo
from server.tensors import encode
from server.view import View

Array = NDArray[Any]

MOST_EXAMPLES = 32
"""Examples of the minibatch whose signals a frame carries."""
MOST_PREDICTIONS = 500
SCHEDULE_POINTS = 120


class FrameBuilder:
    """Builds frames of one experiment; keeps what stays the same from one to the next."""

    def __init__(self, past: Past, lab: Lab, scope: Scope) -> None:
        self.past, self.lab, self.scope = past, lab, scope
        self.number = 0
        self._key: tuple[Any, ...] | None = None
        self._grid: Grid | None = None
        self._norms = Norms()
        self._judged: tuple[Array, Array] = np.empty(0, int), np.empty(0)
        """Examples whose predictions are judged, and their classes or values."""

    @property
    def experiment(self) -> Experiment:
        """What there is to see."""
        return self.past.experiment

    # A network on its way to diverge may overflow anywhere: that is shown, not warned of.
    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def build(
        self,
        view: View,
        *,
        version: int,
        playing: bool,
        still: bool,
        speed: float | None,
        steps_per_second: float,
        diverged: Divergence | None,
    ) -> bytes:
        """The frame of this moment. Nothing that training uses is disturbed.

        `still`: this moment stays for a while, to be looked at.
        """
        self._prepare(still)
        experiment, trainer, grid = self.experiment, self.experiment.trainer, self._grid
        record, metrics = trainer.look_ahead(), trainer.record_history()
        tensors = self._training(record)
        tensors |= self._judgement()
        example, info = self._example(view, record)
        tensors |= example
        scale = 1.0
        if grid is not None:
            pictures = Pictures(experiment, grid, view.focus)
            tensors |= pictures.fields()
            if experiment.data.info.kind == "plane":
                tensors["surface"], scale = pictures.surface()
            else:
                tensors["fit"] = pictures.fit()
        beside = self._schedule() | self.past.tensors() | self.lab.tensors()
        microscope, numbers = self.scope.look(experiment, record)
        beside |= numbers
        tensors |= {name: np.ascontiguousarray(values) for name, values in beside.items()}
        self.number += 1
        findings, summary = self.scope.diagnose(
            experiment,
            tensors["statistics"],
            version=version,
            frame=self.number,
            still=still,
            diverged=diverged is not None,
        )
        meta = FrameMeta(
            frame=self.number,
            version=version,
            step=trainer.steps,
            epoch=trainer.epoch,
            examples=trainer.examples,
            steps_per_second=steps_per_second,
            playing=playing,
            speed=speed,
            learning_rate=float(trainer.learning_rate),
            rate_in_force=float(trainer.rate_in_force),
            batch_size=trainer.batch_size,
            minibatch_loss=finite(record.loss),
            train_loss=finite(metrics.train_loss),
            test_loss=finite(metrics.test_loss),
            train_metric=finite(metrics.train_metric),
            test_metric=finite(metrics.test_metric),
            metric=trainer.metric_name,
            example=info,
            focus=FocusInfo(layer=view.focus[0], unit=view.focus[1]) if view.focus else None,
            diverged=DivergenceInfo(**asdict(diverged)) if diverged else None,
            surface_scale=scale,
            surface_ends=ends(experiment, scale),
            grid=GridInfo(surface=grid.surface, field=grid.field) if grid else None,
            statistics=list(diagnostics.STATISTICS),
            timeline=self.past.info(),
            lab=self.lab.info(experiment),
            microscope=microscope,
            findings=findings,
            summary=summary,
        )
        return encode(tensors, {"frame": meta.encode()})

    def _prepare(self, still: bool) -> None:
        """Inputs that change with the data, the features or how fine pictures are alone."""
        experiment = self.experiment
        field = field_side(experiment, still=still)
        key = (experiment.data, experiment.recipe.features, field)
        if self._key is not None and self._key[0] is key[0] and self._key[1:] == key[1:]:
            return
        self._key, self._grid = key, make_grid(experiment, field)
        data = experiment.data
        y = data.y_test if len(data.y_test) else data.y_train
        most = len(y) if data.info.task == "classification" else MOST_PREDICTIONS
        chosen = np.linspace(0, len(y) - 1, min(len(y), most)).astype(int)
        self._judged = chosen, y[chosen]

    def _training(self, record: Record) -> dict[str, Array]:
        """The network as it stands, and the step that it is about to make."""
        trainer = self.experiment.trainer
        few = record.batch if self.scope.on else min(record.batch, MOST_EXAMPLES)
        activations = np.concatenate([a[:, :few] for a in record.activations])
        deltas = np.zeros_like(activations)
        inputs = len(record.activations[0])
        np.concatenate([d[:, :few] for d in record.deltas[1:]], out=deltas[inputs:])
        sample = diagnostics.sample_rows(trainer)
        shares, ranges = diagnostics.histograms(trainer, record, sample=sample)
        statistics = single(diagnostics.layer_statistics(trainer, record, sample))
        return {
            "parameters": single(self.experiment.network.parameters),
            "gradients": single(record.gradients),
            "updates": single(record.update),
            "activations": single(activations),
            "deltas": single(deltas),
            "statistics": statistics,
            "norms": self._norms.seen(
                trainer.steps, statistics[:, 0], present=self.past.shown is None
            ),
            "histograms": single(shares),
            "histogram_ranges": single(ranges),
            "history": trainer.history.columns(),
        }

    def _schedule(self) -> dict[str, Array]:
        """What lies ahead of the learning rate, as far as has been trained or as it takes."""
        trainer = self.experiment.trainer
        schedule = trainer.schedule
        if schedule.kind == "constant":
            return {}
        end = max(schedule.begin + schedule.steps, 2 * trainer.steps, trainer.steps + 100)
        ahead = np.linspace(trainer.steps, end, SCHEDULE_POINTS)
        return {"schedule": np.stack([ahead, trainer.learning_rate * schedule.course(ahead)])}

    def _judgement(self) -> dict[str, Array]:
        """How the network does on each example of the test part."""
        experiment, data = self.experiment, self.experiment.data
        chosen, y = self._judged
        decided = experiment.decide(experiment.trainer.evaluator.answers[chosen])
        if data.info.task == "regression":
            return {"predictions": np.stack([y, decided]).astype(np.float32)}
        classes = len(data.class_names)
        counts = np.bincount(y * classes + decided, minlength=classes * classes)
        return {"confusion": counts.astype(np.int32).reshape(classes, classes)}

    def _example(self, view: View, record: Record) -> tuple[dict[str, Array], ExampleInfo]:
        """Every signal of the selected example, and what it is; the microscope selects its own."""
        experiment, data = self.experiment, self.experiment.data
        shown = self.scope.shown(record)
        index, part = (view.index, view.part) if shown is None else (shown, "train")
        x, y = example(data, part, index)
        alone = experiment.trainer.examine(experiment.inputs(x), experiment.targets(y))
        answer = alone.activations[-1][-1, 0]
        if shown is not None:
            chosen, _ = example(data, view.part, view.index)
            answer = experiment.network.activations(experiment.inputs(chosen))[-1][0, -1]
        inputs = alone.activations[0]
        signals = [
            np.concatenate([inputs, *alone.pre_activations[1:]]),
            np.concatenate(alone.activations),
            np.concatenate([np.zeros_like(inputs), *alone.deltas[1:]]),
        ]
        output = alone.activations[-1].T
        told = (
            experiment.probabilities(output)[0]
            if data.info.task == "classification"
            else experiment.decide(output)
        )
        tensors = {
            "example": single(np.hstack(signals).T),
            "example_input": single(x[0]),
            "example_output": single(told),
        }
        target = float(y[0])
        return tensors, ExampleInfo(
            part="train" if part == "train" else "test",
            index=index,
            target=target,
            label=label(data, target),
            chosen_output=finite(answer),
        )


def example(data: Data, part: str, index: int) -> tuple[Array, Array]:
    """One example (1, columns) and its class or value (1,)."""
    x, y = (data.x_train, data.y_train) if part == "train" else (data.x_test, data.y_test)
    return x[index : index + 1], y[index : index + 1]


def label(data: Data, target: float) -> str:
    """A target in words: the class's name, or the value."""
    return data.class_names[int(target)] if data.class_names else f"{target:.4g}"


def single(values: Array) -> Array:
    """The values as contiguous float32; what is too large for it becomes infinite."""
    return np.ascontiguousarray(values, np.float32)


def finite(value: Any) -> float | None:
    """A number for the metadata; None where it is NaN or infinite."""
    number = float(value)
    return number if math.isfinite(number) else None
