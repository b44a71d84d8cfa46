"""One training step, planned: forward pass → loss → backward pass → weight update.

The minibatches lie ready in memory and a step reads its own in place, so there is a list of
operations for each place where a minibatch can lie. All lists work in the same buffers. With
replicas the arrays that operations bring along are large too: there the lists share all
operations but the few that read the minibatch.
"""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from engine.losses import Loss
from engine.memory import arrays_of
from engine.minibatches import Minibatches
from engine.network import Network
from engine.operations import (
    Array,
    Operation,
    Operations,
    flattened,
    further_down,
    reads,
    run,
    transposed,
)
from engine.optimizer import Optimizer
from engine.regularization import Regularization
from engine.workspace import Workspace

MOST_STRETCHES = 32


class Plan:
    """The steps of one architecture, loss, optimizer and minibatch size."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        regularization: Regularization,
        optimizer: Optimizer,
        minibatches: Minibatches,
        rng: np.random.Generator,
    ) -> None:
        """`rng` is for dropout."""
        self.network, self.loss = network, loss
        self.regularization, self.optimizer = regularization, optimizer
        self.minibatches, self.rng = minibatches, rng
        self.parameters = network.parameters
        """Those that it works on: another array once the network's layers have changed."""
        self._workspaces: dict[int, Workspace] = {}
        self._shared: dict[int, list[tuple[Operation, Array | None]]] = {}
        self._programs: dict[tuple[int, int], list[Operation]] = {}
        self._stretches: dict[tuple[range, int], list[Operation]] = {}

    def programs(self, starts: range, size: int) -> list[list[Operation]]:
        """The steps on the minibatches of `size` examples that lie at `starts`, a list each."""
        ready = self._programs
        return [ready.get((start, size)) or self._program(start, size) for start in starts]

    def stretch(self, starts: range, size: int) -> list[Operation]:
        """The same steps in one list, remembered where it begins at the first place."""
        key = starts, size
        found = self._stretches.get(key)
        if found is None:
            found = list(chain.from_iterable(self.programs(starts, size)))
            if starts.start == 0 and len(self._stretches) < MOST_STRETCHES:
                self._stretches[key] = found
        return found

    def _program(self, start: int, size: int) -> list[Operation]:
        if self.network.replicas is None:
            program = self._planned(start, size)
        else:
            shared = self._shared_operations(size)
            program = [each if of is None else further_down(each, of, start) for each, of in shared]
        self._programs[start, size] = program
        return program

    def _planned(self, start: int, size: int) -> list[Operation]:
        target = transposed(self.minibatches.y[start : start + size])
        return [flattened(each) for each in self._operations(self.reading(start, size), target)]

    def _shared_operations(self, size: int) -> list[tuple[Operation, Array | None]]:
        """The step on the first minibatch; with each operation what it reads of the examples."""
        if size not in self._shared:
            parts = self.minibatches.x, self.minibatches.y
            self._shared[size] = [
                (each, next((part for part in parts if reads(each, part)), None))
                for each in self._planned(0, size)
            ]
        return self._shared[size]

    def reading(self, start: int, size: int) -> Workspace:
        """The buffers of a step on the minibatch at `start`."""
        if size not in self._workspaces:
            self._workspaces[size] = Workspace(self.network.layers, size, rng=self.rng)
        return self._workspaces[size].reading(self.minibatches.x[start : start + size])

    def arrays(self) -> Iterator[Array]:
        """All that its steps work on."""
        for size in self.minibatches.sizes:
            yield from arrays_of(each for each, _ in self._shared_operations(size))

    def batch_loss(self, start: int, size: int) -> Array:
        """The loss of the minibatch at `start`, which was trained on last; one for each replica."""
        prediction = self._workspaces[size].prediction
        total = np.zeros(prediction.shape[:-2], prediction.dtype)
        target = transposed(self.minibatches.y[start : start + size])
        run(self.loss.total_operations(prediction, target, total))
        return np.asarray(total * self.loss.scale(*prediction.shape[-2:]))

    def _operations(self, w: Workspace, target: Array) -> Operations:
        yield from self.network.forward_operations(w)
        yield from self.loss.gradient_operations(w.prediction, target, w.output_gradient)
        yield from self.network.backward_operations(w)
        yield from self.regularization.operations()
        yield from self.optimizer.operations()
