"""How many steps are due, and how many fit between two looks at the pipe: plain arithmetic.

Times come from outside, in seconds on any one clock; nothing here sleeps or reads one.
"""

from collections import deque

TICK = 0.008
"""Steps that are due sooner than this are made together."""
CATCH_UP = 0.25
"""Seconds of training that may be made up for after a delay; what is older is forgotten."""
SLOW = 10.0
"""Steps per second of which each can be looked at."""
WINDOW = 2.0
"""Seconds over which the rate is measured."""


class Pace:
    """The speed of one session: wished for, kept, measured."""

    def __init__(self) -> None:
        self.speed: float | None = None
        """Steps per second; None is as fast as it goes."""
        self.slice = 1
        """Steps that fit the budget, as far as is known."""
        self.restart()

    def restart(self) -> None:
        """Training begins (again): the first step is due at once."""
        self._owed = 1.0
        self._at: float | None = None
        self._samples: deque[tuple[float, int]] = deque()

    def due(self, now: float) -> int:
        """Steps to make now: at most a slice."""
        if self.speed is None:
            return self.slice
        if self._at is not None:
            most = 1 + self.speed * CATCH_UP
            self._owed = min(most, self._owed + (now - self._at) * self.speed)
        self._at = now
        return min(int(self._owed), self.slice)

    def made(self, now: float, steps: int, total: int) -> None:
        """So many steps were made, which makes it `total` in all."""
        if self.speed is not None:
            self._owed = max(0.0, self._owed - steps)
        if not self._samples or now - self._samples[-1][0] >= TICK:
            self._samples.append((now, total))
        while len(self._samples) > 2 and self._samples[1][0] <= now - WINDOW:
            self._samples.popleft()

    def wait(self, now: float) -> float:
        """Seconds until the next step is due; 0 when one is."""
        if self.speed is None or self._at is None or self._owed >= 1:
            return 0.0
        return max(0.0, self._at + max((1 - self._owed) / self.speed, TICK) - now)

    def spent(self, steps: int, seconds: float, budget: float) -> None:
        """A slice took so long: the next is to take `budget`, and at most twice as many steps."""
        if steps:
            fits = int(budget * steps / max(seconds, 1e-9))
            self.slice = max(1, min(fits, 2 * max(steps, self.slice)))

    @property
    def slow(self) -> bool:
        """Whether what a step leads to stays for a while."""
        return self.speed is not None and self.speed <= SLOW

    def relearn(self) -> None:
        """Steps may take another time from now on."""
        self.slice = 1

    @property
    def rate(self) -> float:
        """Steps per second over the last two seconds."""
        if len(self._samples) < 2:
            return 0.0
        (first, before), (last, after) = self._samples[0], self._samples[-1]
        return (after - before) / (last - first)
