"""The workloads in PyTorch's eager mode; PyTorch is used where it is installed, never required."""

from collections.abc import Callable

import torch

from tests.bench.workloads import Workload

torch.set_num_threads(1)


def eager(work: Workload) -> Callable[[int], float]:
    """A function that makes so many training steps; returns the mean loss."""
    x_all, y_all = (torch.from_numpy(part) for part in work.data())
    torch.manual_seed(0)
    pairs = list(zip(work.sizes, work.sizes[1:], strict=False))
    layers: list[torch.nn.Module] = []
    for k, (fan_in, fan_out) in enumerate(pairs):
        layers.append(torch.nn.Linear(fan_in, fan_out))
        if k < len(pairs) - 1 or work.output != "linear":
            layers.append(torch.nn.Tanh() if work.activation == "tanh" else torch.nn.ReLU())
    model = torch.nn.Sequential(*layers)
    loss_function = (
        torch.nn.CrossEntropyLoss()
        if work.loss == "cross_entropy"
        else lambda p, t: 0.5 * ((p - t) ** 2).sum() / len(p)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
    order, position = torch.randperm(len(x_all)), 0

    def steps(count: int) -> float:
        nonlocal order, position
        total = 0.0
        for _ in range(count):
            if position >= len(x_all):
                order, position = torch.randperm(len(x_all)), 0
            chosen = order[position : position + work.batch]
            position += work.batch
            optimizer.zero_grad()
            loss = loss_function(model(x_all[chosen]), y_all[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / count

    return steps
