"""From `make run` to a page that trains, and what a frame costs: parts of `make bench`."""

import contextlib
import os
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, expect, sync_playwright

from server.protocol.commands import LayerSpec, Play, RecipeFields, SetSpeed
from server.session import Session
from tests.live import free_port
from tests.setup_browser import launch

ROUNDS = 5
FRAMES = 200
STEPS = 1000
"""Of training between two frames, some 30 ms as with the page open: caches hold its arrays then."""
PATIENCE = 30
STANDING = re.compile("^0 ·")
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@contextlib.contextmanager
def made_to_run(port: int) -> Iterator[None]:
    """`make run` in this checkout, and its end."""
    arguments = f"ARGS=--no-browser --port {port}"
    running = subprocess.Popen(
        ["make", "run", arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(PATIENCE)


def opened(browser: Browser) -> tuple[float, float]:
    """Seconds from `make run` to a page that has trained, and from its address to its paint."""
    port = free_port()
    start = time.perf_counter()
    with made_to_run(port):
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        while time.perf_counter() - start < PATIENCE:
            with contextlib.suppress(Error):  # nobody listens there yet
                page.goto(f"http://127.0.0.1:{port}/")
                break
        expect(page.locator("#counter")).not_to_have_text(STANDING)
        seconds = time.perf_counter() - start
        paint: float = page.evaluate(FIRST_PAINT)
        page.close()
    return seconds, paint / 1000


def frame_cost() -> float:
    """Milliseconds to build and encode a frame of 8×32, while it trains at full speed."""
    session = Session(RecipeFields(layers=(LayerSpec(units=32),) * 8))
    session.handle(SetSpeed(steps_per_second=None))
    session.handle(Play())
    times = []
    for _ in range(FRAMES):
        session.experiment.trainer.step(STEPS)
        start = time.perf_counter()
        session.frame()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def report(say: Callable[[str], object] = print) -> None:
    """Print what opening the page and building a frame take."""
    with sync_playwright() as playwright, launch(playwright.chromium) as browser:
        runs = [opened(browser) for _ in range(ROUNDS)]
    whole, paint = (statistics.median(values) for values in zip(*runs, strict=True))
    say(f"make run to a training page: {whole:.1f} s (≤3); first paint after {paint:.2f} s (≤1)")
    say(f"a frame of 8×32 is built and encoded in {frame_cost():.1f} ms (≤3)")
