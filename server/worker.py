"""A session in a process of its own: takes requests, trains a slice, answers, again.

The two ends of a pipe: requests go in, answers come out, in order. The process sleeps on the pipe
when nothing is due, and ends when the other end is closed, whether or not that was on purpose.
"""

import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Literal

from server.protocol import Command, Message, Refusal
from server.protocol.commands import RecipeFields
from server.session import Session

BUDGET = 0.006
"""Seconds of training between two looks at the pipe."""
MEMORY = 4 * 2**30
"""Bytes of address space that one session may have."""
NICENESS = 10


@dataclass(frozen=True)
class Carry:
    """Request: carry out a viewer's command."""

    viewer: int
    command: Command


@dataclass(frozen=True)
class Introduce:
    """Request: tell a new viewer what it must know."""

    viewer: int


@dataclass(frozen=True)
class Show:
    """Request: a frame. With `wait`, once there is something new; else now, if there is."""

    wait: bool


@dataclass(frozen=True)
class Watch:
    """Request: so many viewers from now on. Has no answer."""

    viewers: int


@dataclass(frozen=True)
class Stop:
    """Request: end the process. Has no answer."""


Request = Carry | Introduce | Show | Watch | Stop


@dataclass(frozen=True)
class Told:
    """Answer: messages, encoded; for one viewer, or for all where `viewer` is None.

    `kind` says what they answer.
    """

    viewer: int | None
    messages: tuple[str, ...]
    kind: Literal["introduction", "answer", "news"]


@dataclass(frozen=True)
class Shown:
    """Answer: a frame and its number; without data where the last one still shows what is."""

    number: int
    data: bytes | None


@dataclass(frozen=True)
class Ready:
    """Answer, the first: the session runs, or why it cannot."""

    refusal: tuple[str, str, str, str] | None


Answer = Told | Shown | Ready


def run(pipe: Connection, recipe: RecipeFields) -> None:
    """The life of a worker process."""
    _settle()
    with contextlib.suppress(EOFError, OSError):  # the other end was closed: nobody is left
        try:
            session = Session(recipe)
        except Refusal as refusal:
            pipe.send(Ready((refusal.field, refusal.got, refusal.allowed, str(refusal))))
            return
        pipe.send(Ready(None))
        Worker(session, pipe).work()


def _settle() -> None:
    """Be a good neighbour: leave the end to the parent, the processor and memory to others.

    Ctrl-C and SIGTERM may reach all processes of a terminal at once; the parent says goodbye to
    its viewers before it ends its sessions.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
    if sys.platform == "linux":  # elsewhere address space is not what a process uses
        import resource

        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


class Worker:
    """Drives one session by the requests of one pipe."""

    def __init__(self, session: Session, pipe: Connection) -> None:
        self.session, self.pipe = session, pipe
        self.number = 0
        """Of the last frame shown."""
        self.wanted: Show | None = None
        """The request for a frame that is still to be answered."""

    def work(self) -> None:
        """Until the pipe is closed: raises EOFError or OSError."""
        session, clock = self.session, time.perf_counter
        while True:
            while self.pipe.poll(self._rest(clock())):
                self._serve(self.pipe.recv())
            self._show()
            begin = clock()
            self._tell_all(session.advance(begin))
            trained = clock() - begin
            session.spent(trained, BUDGET)
            session.background(clock, BUDGET, trained)

    def _rest(self, now: float) -> float | None:
        """How long there is nothing to do but wait for a request; None for ever."""
        if self.wanted and (self.session.changed or not self.wanted.wait):
            return 0.0
        return self.session.wait(now)

    def _serve(self, request: Request) -> None:
        match request:
            case Carry(viewer, command):
                answer, *news = self.session.handle(command, time.perf_counter())
                self.pipe.send(Told(viewer, (answer.encode(),), "answer"))
                self._tell_all(news)
            case Introduce(viewer):
                messages = tuple(message.encode() for message in self.session.introduction())
                self.pipe.send(Told(viewer, messages, "introduction"))
            case Show():
                self.wanted = request
            case Watch(viewers):
                self.session.watch(viewers, time.perf_counter())
            case Stop():
                raise EOFError

    def _show(self) -> None:
        """Answer the request for a frame where that is due."""
        if self.wanted is None:
            return
        if self.session.changed:
            data = self.session.frame()
            self.number += 1
            self.pipe.send(Shown(self.number, data))
        elif self.wanted.wait:
            return
        else:
            self.pipe.send(Shown(self.number, None))
        self.wanted = None

    def _tell_all(self, news: list[Message]) -> None:
        if news:
            self.pipe.send(Told(None, tuple(message.encode() for message in news), "news"))
