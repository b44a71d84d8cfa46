"""`make bench`: what the engine does in a second, as ratios within one run.

Each workload is run by the real `Trainer`, by a textbook NumPy loop and, where PyTorch is
installed, by PyTorch in eager mode: single-threaded, in turns, medians over the turns.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import statistics
import sys
import time
from collections.abc import Callable

from engine import Network, Trainer
from tests.bench import workloads
from tests.bench.workloads import Workload, textbook

ROUNDS = 9
SECONDS = 0.25

# workload → least ratio to the textbook loop, to PyTorch eager
TARGETS: list[tuple[Workload, float, float | None]] = [
    (workloads.W1, 4.0, 25.0),
    (workloads.W2, 3.5, 15.0),
    (workloads.W2B, 3.5, 15.0),
    (workloads.W3, 1.7, 5.0),
    (workloads.W4, 1.1, 1.3),
    (workloads.W5, 2.0, None),
]


def ours(work: Workload) -> Callable[[int], object]:
    """The engine's own Trainer on the workload."""
    x, y = work.data()
    network = Network(
        work.sizes, hidden=work.activation, output=work.output, replicas=work.replicas
    )
    trainer = Trainer(
        network, x, y, loss=work.loss, learning_rate=work.rates(), batch_size=work.batch
    )
    return trainer.step


def contestants(work: Workload) -> dict[str, Callable[[int], object]]:
    """Name → a function that makes so many steps."""
    found = {"engine": ours(work), "textbook": textbook(work)}
    try:
        from tests.bench.eager import eager
    except ModuleNotFoundError:
        return found
    if work.replicas is None:
        found["PyTorch"] = eager(work)
    return found


def measure(work: Workload) -> dict[str, float]:
    """Median steps per second of each contestant."""
    runners = contestants(work)
    counts = {}
    for name, steps in runners.items():
        steps(50)
        start = time.perf_counter()
        steps(50)
        counts[name] = max(int(50 * SECONDS / (time.perf_counter() - start)), 10)
        steps(counts[name])
    rates: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(ROUNDS):
        for name, steps in runners.items():
            start = time.perf_counter()
            steps(counts[name])
            rates[name].append(counts[name] / (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in rates.items()}


def report() -> bool:
    """Print the table; whether every ratio reached its target."""
    reached = True
    print(f"{'workload':34}{'engine':>12}{'textbook':>12}{'ratio':>14}{'PyTorch':>12}{'ratio':>14}")
    for work, over_textbook, over_eager in TARGETS:
        result = measure(work)
        scale = work.replicas or 1
        line = f"{work.name:34}"
        line += f"{result['engine'] * scale:10,.0f}/s{result['textbook'] * scale:10,.0f}/s"
        for rival, target in (("textbook", over_textbook), ("PyTorch", over_eager)):
            if rival not in result or target is None:
                continue
            ratio = result["engine"] / result[rival]
            reached &= ratio >= target
            line += f"{result[rival] * scale:10,.0f}/s" if rival == "PyTorch" else ""
            line += f"{ratio:7.2f} (≥{target:g}{'' if ratio >= target else ' ✗'})"
        print(line, flush=True)
    return reached


def main() -> int:
    """`engine`, `lab`, `opening` or `live`, or all of them; 1 where an engine ratio falls short."""
    parts = sys.argv[1:] or ["engine", "lab", "opening", "live"]
    reached = report() if "engine" in parts else True
    if "lab" in parts:
        from tests.bench import lab

        lab.report()
    if "opening" in parts:
        from tests.bench import opening

        opening.report()
    if "live" in parts:
        from tests.bench import live

        live.report()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
