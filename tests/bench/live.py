"""The live half of `make bench`: the server's process, and the page in a real Chromium.

Compared within one run and one session: training at full speed while the page draws, unattended,
then with the page gone and no frame asked for. Edits are timed as a viewer sees them: from
sending the command to the first frame that shows it.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import live
from tests.bench.unattended import Visit, unattended
from tests.setup_browser import launch

SECONDS = 4.0
WARM_UP_SECONDS = 1.5
ROUNDS = 3
EDITS = 60
PLAYGROUND = {"W1": 60.0, "W2": 10.5}
"""Epochs per second that TensorFlow Playground was measured to reach in a Chromium."""
HALVES = "&test=0.5"
"""TensorFlow Playground trains on 250 of its 500 examples; so does the page beside it."""
ADDRESSES = {
    "W1": f"#layers=4tanh,2tanh{HALVES}",
    "W2": f"#layers={','.join(['6tanh'] * 8)}"
    f"&features=x1,x2,x1_squared,x2_squared,x1_x2,sin_x1,sin_x2{HALVES}",
    "8×32": f"#layers={','.join(['32tanh'] * 8)}",
}

# Counts what the page shows in so many seconds, after a while: its own counter, read in every
# animation frame.
WATCH = """([warmUp, seconds]) => { window.watched = new Promise(resolve => setTimeout(() => {
  const counter = () => document.querySelector('#counter').textContent.replaceAll(',', '');
  const shown = new Set(), start = performance.now(), first = counter();
  const look = () => {
    shown.add(counter());
    const passed = (performance.now() - start) / 1000;
    if (passed < seconds) requestAnimationFrame(look);
    else resolve([first, counter(), shown.size / passed, passed]);
  };
  look();
}, 1000 * warmUp)); }"""


# How long each animation frame's drawing takes.
CLOCK = """
const ask = window.requestAnimationFrame.bind(window);
window.paintings = [];
window.requestAnimationFrame = (paint) => ask((now) => {
  const start = performance.now();
  paint(now);
  window.paintings.push(performance.now() - start);
});
"""


def report(say: Callable[[str], object] = print) -> None:
    """Print what the live page does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        live.server(Path(folder) / "server.log") as url,
    ):
        with unattended() as visit:
            for name, address in ADDRESSES.items():
                say(_page(visit, url, name, address))
        with sync_playwright() as playwright, launch(playwright.chromium) as browser:
            say(_drawing(browser.new_page(viewport={"width": 1280, "height": 720}), url))
        for name, command, bound in (
            ("a new learning rate", lambda k: {"type": "set", "learning_rate": 0.01 + k / 1e4}, 50),
            ("a neuron more or less", _neuron, 100),
        ):
            say(_edits(url, name, command, bound))
        say(_scrubbing(url))


def _page(visit: Visit, url: str, name: str, address: str) -> str:
    """Steps/s with the page drawing and without, frames/s drawn, epochs/s."""
    watched, alone, drawn, epochs = [], [], [], []
    for _ in range(ROUNDS):
        with visit() as page:
            page.goto(f"{url}/{address}")
            page.wait_for_selector("html[data-ready=true]")
            page.locator("input[name=speed][value=max]").check(force=True)
            page.evaluate(WATCH, [WARM_UP_SECONDS, SECONDS])
        time.sleep(WARM_UP_SECONDS + SECONDS)
        with visit() as page:
            first, last, frames, passed = page.evaluate("window.watched")
            steps = [int(text.split(" · ")[0]) for text in (first, last)]
            rounds = [int(text.split(" · ")[1]) for text in (first, last)]
            watched.append((steps[1] - steps[0]) / passed)
            epochs.append((rounds[1] - rounds[0]) / passed)
            drawn.append(frames)
            session = page.evaluate("document.documentElement.dataset.session")
            with live.viewer(url, session) as viewer:
                page.goto("about:blank")
                start = _moment(viewer)
                time.sleep(SECONDS)  # nothing is acknowledged, so no frame is built
                end = _moment(viewer)
                alone.append((end[0] - start[0]) / (end[1] - start[1]))
                viewer.send(type="pause")  # else it trains on beside the next one for a while
    share = statistics.median(w / a for w, a in zip(watched, alone, strict=True))
    line = f"{name:5} page at {statistics.median(drawn):3.0f} frames/s (≥30): "
    line += f"{statistics.median(watched):8,.0f} steps/s, {share:.0%} of the "
    line += f"{statistics.median(alone):,.0f} without it (≥80%)"
    if name in PLAYGROUND:
        pace = statistics.median(epochs)
        wanted = {"W1": 40, "W2": 80}[name]
        line += (
            f"; {pace:,.0f} epochs/s, {pace / PLAYGROUND[name]:.0f}× TF Playground's (≥{wanted}×)"
        )
    return line


def _drawing(page: Page, url: str) -> str:
    """How long the largest network takes to draw."""
    page.add_init_script(CLOCK)
    page.goto(f"{url}/{ADDRESSES['8×32']}")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_timeout(1000 * SECONDS)
    median = statistics.median(page.evaluate("window.paintings"))
    return f"8×32 is drawn in {median:.1f} ms (≤8)"


def _moment(viewer: live.Viewer) -> tuple[int, float]:
    """The step count now; the frames that had been sent already are passed over."""
    for _ in range(4):
        viewer.receive(5)
    assert viewer.frame is not None
    return viewer.frame.meta["step"], time.perf_counter()


def _neuron(k: int) -> dict[str, object]:
    if k % 2 == 0:
        return {"type": "add_neuron", "layer": 1}
    return {"type": "remove_neuron", "layer": 1, "unit": 0}


def _edits(url: str, name: str, command: Callable[[int], dict[str, object]], bound: int) -> str:
    """From sending an edit to its answer, and to the first frame that shows it."""
    answered, seen = [], []
    with live.viewer(url) as viewer:
        viewer.send(type="speed", steps_per_second=None)
        viewer.send(type="play")
        for k in range(EDITS):
            viewer.wait(lambda: viewer.consistent() and viewer.frame.meta["playing"])  # type: ignore[union-attr]
            replies, version = len(viewer.replies), viewer.topology["version"]
            start = time.perf_counter()
            viewer.send(**command(k))
            viewer.wait(lambda n=replies: len(viewer.replies) > n)  # type: ignore[misc]
            answered.append(1000 * (time.perf_counter() - start))
            viewer.wait(lambda v=version: viewer.topology["version"] > v and viewer.consistent())  # type: ignore[misc]
            seen.append(1000 * (time.perf_counter() - start))
    p95 = [statistics.quantiles(values, n=20)[-1] for values in (answered, seen)]
    return f"{name}: in force after {p95[0]:.0f} ms at p95 (≤{bound}), seen after {p95[1]:.0f} ms"


def _scrubbing(url: str) -> str:
    """From asking for a moment of the past to the frame that shows it, on the default network."""
    seen = []
    moments = random.Random(1)
    with live.viewer(url) as viewer:
        viewer.send(type="step", count=50_000)
        viewer.wait(lambda: _timeline(viewer)["present"] == 50_000, timeout=60)
        for _ in range(EDITS):
            replies, version = len(viewer.replies), viewer.topology["version"]
            start = time.perf_counter()
            viewer.send(type="look_back", made=moments.randrange(50_000))
            viewer.wait(lambda n=replies: len(viewer.replies) > n)  # type: ignore[misc]
            viewer.wait(lambda v=version: viewer.topology["version"] > v and viewer.consistent())  # type: ignore[misc]
            seen.append(1000 * (time.perf_counter() - start))
    p95 = statistics.quantiles(seen, n=20)[-1]
    return f"a moment of the past: seen after {p95:.0f} ms at p95 (≤100)"


def _timeline(viewer: live.Viewer) -> dict[str, int]:
    assert viewer.frame is not None
    timeline: dict[str, int] = viewer.frame.meta["timeline"]
    return timeline
