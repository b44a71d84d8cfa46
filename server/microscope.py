"""The microscope of a session: a step's every number, gradient checks, a layer's view of space."""

from dataclasses import asdict

import numpy as np

from engine.diagnosis import Diagnosis
from engine.diagnostics import STATISTICS
from engine.experiment import Experiment
from engine.gradient_check import GradientCheck, check_gradient
from engine.operations import Array, run
from engine.record import Record
from server.describe import RANGE
from server.protocol import Refusal
from server.protocol import microscope as c
from server.protocol.microscopeframe import (
    CheckInfo,
    FindingInfo,
    MicroscopeInfo,
    RemedyInfo,
    RepresentInfo,
)
from server.protocol.refusal import refusal_of_value_error

SIZE = 33
"""Points along one side of the mesh."""
EVERY = 4
"""Frames between two diagnoses: they need not follow every step."""


class Scope:
    """What viewers have under the microscope."""

    def __init__(self) -> None:
        self.on = False
        self._check: tuple[int, c.CheckGradient, GradientCheck] | None = None
        self._represent: c.Represent | None = None
        self._diagnosis = Diagnosis()
        self._diagnosed: tuple[int, int] = -1, -EVERY

    # ---- commands -------------------------------------------------------------------------------

    def switch(self, on: bool) -> str:
        """Show every number of the upcoming step, or no longer."""
        self.on = on
        return "The upcoming step, with all its numbers." if on else "The microscope is off."

    def check(self, command: c.CheckGradient, experiment: Experiment) -> str:
        """Make the check; raises `Refusal` where there is no such weight."""
        try:
            found = check_gradient(experiment, command.layer, command.unit, command.input)
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self._check = experiment.trainer.steps, command, found
        return (
            f"Backpropagation: {found.by_backpropagation:.6g}; by differences: "
            f"{found.by_difference:.6g}."
        )

    def represent(self, command: c.Represent, experiment: Experiment) -> str:
        """Choose the layer, or none; raises `Refusal` where there is no such layer or unit."""
        if command.layer is None:
            self._represent = None
            return "No layer's view of space."
        sizes = experiment.network.sizes
        if experiment.data.info.kind != "plane":
            raise Refusal("layer", str(command.layer), "none: only the plane can be carried along")
        if not command.layer < len(sizes):
            raise Refusal("layer", str(command.layer), f"0 to {len(sizes) - 1}")
        for unit in command.units or ():
            if unit >= sizes[command.layer]:
                raise Refusal("units", str(unit), f"0 to {sizes[command.layer] - 1}")
        self._represent = command
        return f"The plane as layer {command.layer} has it."

    def renew(self, experiment: Experiment) -> None:
        """After an edit: what is no longer there is not looked at."""
        self._check = None
        if self._represent is not None:
            try:
                self.represent(self._represent, experiment)
            except Refusal:
                self._represent = None

    # ---- frames ---------------------------------------------------------------------------------

    def info(self, experiment: Experiment, record: Record) -> MicroscopeInfo:
        """For a frame's metadata."""
        optimizer, clip = experiment.trainer.optimizer, experiment.recipe.clip_norm
        norm = float(np.linalg.norm(record.gradients.astype(np.float64)))
        check = None
        if self._check:
            step, at, found = self._check
            check = CheckInfo(
                step=step,
                layer=at.layer,
                unit=at.unit,
                input=at.input,
                relative_error=found.relative_error,
                **asdict(found),
            )
        return MicroscopeInfo(
            on=self.on,
            slots=list(optimizer.slots),
            options=dict(optimizer.values),
            optimizer_steps=optimizer.steps,
            clipped=clip is not None and norm >= clip * (1 - 1e-5),
            check=check,
            represent=self._represented(experiment) if self._represent else None,
        )

    def _represented(self, experiment: Experiment) -> RepresentInfo:
        assert self._represent is not None
        assert self._represent.layer is not None
        units = self._represent.units
        names = [f"unit {unit + 1}" for unit in units] if units else ["component 1", "component 2"]
        if experiment.network.sizes[self._represent.layer] == 1:
            names = ["unit 1", "nothing: the layer has one unit"]
        return RepresentInfo(
            layer=self._represent.layer,
            units=list(units) if units else None,
            names=names,
            size=SIZE,
        )

    def tensors(self, experiment: Experiment, record: Record) -> dict[str, Array]:
        """All numbers of the step, and the plane as a layer has it."""
        tensors: dict[str, Array] = {}
        if self.on:
            tensors |= step_tensors(experiment, record)
        if self._represent is not None and self._represent.layer is not None:
            tensors |= carried(experiment, self._represent.layer, self._represent.units)
        return {name: np.asarray(values, np.float32) for name, values in tensors.items()}

    def diagnose(
        self,
        experiment: Experiment,
        statistics: Array,
        *,
        version: int,
        frame: int,
        still: bool,
        diverged: bool,
    ) -> tuple[list[FindingInfo], str]:
        """What is wrong with the run, and what to say where nothing is.

        Looks now and then, at every frame while training stands `still`, and at once in another
        `version` of the run.
        """
        diagnosed, last = self._diagnosed
        if still or version != diagnosed or not last <= frame < last + EVERY:
            self._diagnosed = version, frame
            ratio = statistics[:, STATISTICS.index("update_ratio")].astype(np.float64)
            self._diagnosis.look(experiment, ratio, diverged=diverged)
        findings = [
            FindingInfo(
                name=finding.name,
                layers=list(finding.layers),
                message=finding.message,
                remedies=[
                    RemedyInfo(
                        label=remedy.label,
                        commands=[{"type": name, **fields} for name, fields in remedy.edits],
                    )
                    for remedy in finding.remedies
                ],
            )
            for finding in self._diagnosis.findings
        ]
        return findings, self._diagnosis.summary


def step_tensors(experiment: Experiment, record: Record) -> dict[str, Array]:
    """Every number of the upcoming step that frames do not carry always; see the declarations."""
    activations = record.activations
    inputs = np.zeros_like(activations[0])
    nothing = [np.zeros_like(a) for a in activations]
    normalised = [z if x is None else x for x, z in zip(record.normalised, nothing, strict=True)]
    masks = [z + 1 if m is None else m for m, z in zip(record.masks, nothing, strict=True)]
    optimizer = experiment.trainer.optimizer
    size = experiment.network.parameters.size
    before = [optimizer.state[slot] for slot in optimizer.slots]
    after = [record.state[slot] for slot in optimizer.slots]
    return {
        "pre_activations": np.concatenate([inputs, *record.pre_activations[1:]]),
        "targets": record.targets,
        "normalised": np.concatenate(normalised),
        "masks": np.concatenate(masks),
        "state_before": np.array(before).reshape(-1, size),
        "state_after": np.array(after).reshape(-1, size),
        "sums": np.concatenate([inputs, *record.sums[1:]]),
        "slopes": np.concatenate([inputs, *record.slopes[1:]]),
        "normalisation": normalisation(record),
    } | arriving(experiment, record)


def normalisation(record: Record) -> Array:
    """Mean and divisor of each unit's batch normalisation: (2, rows)."""
    found = [np.zeros((2, len(a))) for a in record.activations]
    for here, sums, deviation in zip(found, record.sums, record.deviations, strict=True):
        if deviation is not None:
            here[:] = sums.mean(axis=1), deviation[:, 0]
    return np.concatenate(found, axis=1)


def arriving(experiment: Experiment, record: Record) -> dict[str, Array]:
    """∂L/∂(what a unit hands on), before its own slope; and each example's loss."""
    loss, prediction = experiment.trainer.loss, record.activations[-1]
    units, batch = prediction.shape
    slope = np.empty_like(prediction)
    run(loss.gradient_operations(prediction, record.targets, slope))
    # Each example as a minibatch of its own, all at once.
    alone = np.ascontiguousarray(prediction.T[:, :, None])
    losses, targets = np.zeros(batch, prediction.dtype), record.targets.T[:, :, None]
    run(loss.total_operations(alone, np.ascontiguousarray(targets), losses))
    layers = experiment.network.layers
    back = [layer.weight @ d for layer, d in zip(layers, record.deltas[1:], strict=True)]
    return {
        "arriving": np.concatenate([np.zeros_like(back[0]), *back[1:], slope]),
        "losses": losses * loss.scale(units, 1),
    }


def carried(experiment: Experiment, layer: int, units: tuple[int, ...] | None) -> dict[str, Array]:
    """The mesh and the training points on two units of a layer, or two principal components."""
    axis = np.linspace(*RANGE, SIZE)
    x1, x2 = np.meshgrid(axis, axis)
    grid = experiment.inputs(np.stack([x1.ravel(), x2.ravel()], axis=1))
    points = experiment.network.activations(experiment.inputs(experiment.data.x_train))[
        layer
    ].copy()
    mesh = experiment.network.activations(grid)[layer].copy()
    if points.shape[1] == 1:
        mesh, points = (np.pad(each, ((0, 0), (0, 1))) for each in (mesh, points))
    elif units:
        mesh, points = mesh[:, list(units)], points[:, list(units)]
    else:
        centre = points.mean(axis=0)
        components = np.linalg.svd(np.nan_to_num(points - centre), full_matrices=False)[2][:2].T
        # A component and its opposite are the same: its largest part is made positive, so that
        # the picture does not flip from one frame to the next.
        largest = components[np.abs(components).argmax(axis=0), [0, 1]]
        components = components * np.where(largest < 0, -1, 1)
        mesh, points = (mesh - centre) @ components, (points - centre) @ components
    return {"mesh": mesh.reshape(SIZE, SIZE, 2), "carried": points}
