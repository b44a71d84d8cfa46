"""The microscope of a session: a step's every number, gradient checks, what is wrong."""

from dataclasses import asdict

import numpy as np

from engine.diagnosis import Diagnosis
from engine.experiment import Experiment
from engine.gradient_check import GradientCheck, check_gradient
from engine.operations import Array
from engine.place import Place
from engine.record import Record
from engine.workings import work_out
from server.protocol import Refusal
from server.protocol import microscope as c
from server.protocol.microscopeframe import (
    CheckInfo,
    FindingInfo,
    MicroscopeInfo,
    ParameterInfo,
    RemedyInfo,
)
from server.protocol.refusal import refusal_of_value_error
from server.space import Space
from server.workings import line_infos, since_drawn, step_tensors

EVERY = 8
"""Frames between two diagnoses: they need not follow every step."""


class Scope:
    """What viewers have under the microscope."""

    def __init__(self) -> None:
        self.on = False
        self.example: int | None = 0
        self._shares: Place | None = None
        self._check: tuple[int, Place, GradientCheck] | None = None
        self.space = Space()
        self._diagnosis = Diagnosis()
        self._diagnosed: tuple[int, int] = -1, -EVERY

    # ---- commands -------------------------------------------------------------------------------

    def switch(self, command: c.Microscope, experiment: Experiment) -> str:
        """Show the upcoming step, or no longer; raises `Refusal` where there is no such example."""
        most = experiment.trainer.batch_size - 1
        if command.example is not None and command.example > most:
            raise Refusal("example", str(command.example), f"0 to {most}, or null")
        self.on, self.example = command.on, command.example
        return "The upcoming step, with all its numbers." if self.on else "The microscope is off."

    def check(self, command: c.CheckGradient, experiment: Experiment) -> str:
        """Make the check; raises `Refusal` where there is no such parameter."""
        place = place_of(command)
        try:
            found = check_gradient(experiment, place)
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self._check = experiment.trainer.steps, place, found
        return (
            f"Backpropagation: {found.by_backpropagation:.6g}; by differences: "
            f"{found.by_difference:.6g}."
        )

    def share(self, command: c.Shares, experiment: Experiment) -> str:
        """Choose the parameter; raises `Refusal` where there is no such one."""
        place = place_of(command)
        try:
            place.index(experiment.network)
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self._shares = place
        return "Each example's share of the gradient."

    def renew(self, experiment: Experiment) -> None:
        """After an edit: what is no longer there is not looked at."""
        self._check = self._shares = None
        self.space.renew(experiment)

    # ---- frames ---------------------------------------------------------------------------------

    def held(self, record: Record) -> int | None:
        """The example that is shown, counted in a minibatch that may be smaller than others."""
        return None if self.example is None else min(self.example, record.batch - 1)

    def shown(self, record: Record) -> int | None:
        """Which training example that is, where one is shown."""
        held = self.held(record) if self.on else None
        return None if held is None else int(record.examples[held])

    def look(
        self, experiment: Experiment, record: Record
    ) -> tuple[MicroscopeInfo, dict[str, Array]]:
        """For a frame: its metadata; all numbers of the step, and what a layer makes of space."""
        represent, space = self.space.look(experiment)
        tensors: dict[str, Array] = {}
        by_hand, added = since_drawn(experiment)
        info = MicroscopeInfo(
            on=self.on,
            example=self.held(record),
            by_hand=by_hand,
            added=added,
            slots=list(experiment.trainer.optimizer.slots),
            signals=[],
            gradient_lines=[],
            update_lines=[],
            shares=_parameter(self._shares) if self._shares else None,
            check=self._checked() if self._check else None,
            represent=represent,
        )
        if self.on:
            trainer = experiment.trainer
            workings = work_out(trainer, record)
            info.signals = list(workings.signals)
            tensors |= step_tensors(trainer, record, workings, info.example, self._shares)
            gradient, update = workings.gradient_lines, workings.update_lines
            told, tensors["lines"] = line_infos([*gradient, *update], record.update.size)
            info.gradient_lines, info.update_lines = told[: len(gradient)], told[len(gradient) :]
        return info, space | {name: np.asarray(each, np.float32) for name, each in tensors.items()}

    def _checked(self) -> CheckInfo:
        assert self._check is not None
        step, place, found = self._check
        return CheckInfo(
            step=step,
            difference=found.difference,
            relative_error=found.relative_error,
            **asdict(place),
            **asdict(found),
        )

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

        Looks now and then, at every frame while training stands `still` or is slow, and at once
        in another `version` of the run. A glance goes with every frame.
        """
        diagnosed, last = self._diagnosed
        if still or version != diagnosed or not last <= frame < last + EVERY:
            self._diagnosed = version, frame
            self._diagnosis.look(experiment, statistics, diverged=diverged)
        else:
            self._diagnosis.glance(statistics)
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


def place_of(command: c.Parameter) -> Place:
    """Where the parameter is that a command is about."""
    return Place(command.layer, command.unit, command.input, command.norm)


def _parameter(place: Place) -> ParameterInfo:
    return ParameterInfo(**asdict(place))
