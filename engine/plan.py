"""One training step, planned: forward pass → loss → backward pass → weight update.

The minibatches lie ready in memory and a step reads its own in place, so there is a list of
operations for each place where a minibatch can lie. All lists work in the same buffers.
"""

import numpy as np

from engine.losses import Loss
from engine.minibatches import Minibatches
from engine.network import Network
from engine.operations import Array, Operation, Operations, flattened, transposed
from engine.optimizers import Optimizer
from engine.regularization import Regularization
from engine.workspace import Workspace


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
        self.value = np.zeros(network.parameters.shape[:-1], network.dtype)
        """The loss of the minibatch trained on last, before scaling."""
        self._version = network.version
        self._workspaces: dict[int, Workspace] = {}
        self._programs: dict[tuple[int, int], list[Operation]] = {}

    def programs(self, starts: range, size: int) -> list[list[Operation]]:
        """The steps on the minibatches of `size` examples that lie at `starts`."""
        ready = self._programs
        return [ready.get((start, size)) or self._program(start, size) for start in starts]

    def _program(self, start: int, size: int) -> list[Operation]:
        if self._version != self.network.version:
            raise ValueError("network: it was reassembled; call rebuild() before the next step")
        if size not in self._workspaces:
            self._workspaces[size] = Workspace(self.network.layers, size, rng=self.rng)
        target = transposed(self.minibatches.y[start : start + size])
        program = [flattened(each) for each in self._operations(self.reading(start, size), target)]
        self._programs[start, size] = program
        return program

    def reading(self, start: int, size: int) -> Workspace:
        """The buffers of a step on the minibatch at `start`."""
        return self._workspaces[size].reading(self.minibatches.x[start : start + size])

    def _operations(self, w: Workspace, target: Array) -> Operations:
        yield from self.network.forward_operations(w)
        yield from self.loss.operations(w.prediction, target, w.output_gradient, self.value)
        yield from self.network.backward_operations(w)
        yield from self.regularization.operations()
        yield from self.optimizer.operations()
