"""The server's end of a session: one narrow, asynchronous interface, here over a local process.

A cluster would have another class with the same three methods, and nothing else would notice.
"""

import asyncio
import contextlib
import multiprocessing
import signal
import sys
import threading
from multiprocessing.context import BaseContext
from queue import SimpleQueue
from typing import Protocol, Self

from server.protocol.commands import RecipeFields
from server.worker import Answer, Request, Stop, run

PATIENCE = 1.0
"""Seconds that a process has to end by itself."""


class SessionEnded(Exception):
    """The session is no more: it was closed, or it crashed."""


class Line(Protocol):
    """A session, wherever it runs."""

    def send(self, request: Request) -> None:
        """Pass on a request. Never blocks; a session that has ended ignores it."""

    async def receive(self) -> Answer:
        """The next answer, in order. Raises SessionEnded."""

    async def close(self) -> None:
        """End the session."""


def _context() -> BaseContext:
    """A fork server that has NumPy and the engine loaded; where there is none, new processes."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["server.worker"])
    return context


CONTEXT = _context()


def warm_up() -> None:
    """Start the fork server, so that the first session does not wait for it.

    Ctrl-C reaches all processes of a terminal at once. It is for the server alone: what is
    started by a thread that blocks the signal never sees it, from its first moment on.
    """
    if CONTEXT.get_start_method() == "forkserver" and sys.platform != "win32":
        from multiprocessing import forkserver, resource_tracker

        resource_tracker.ensure_running()  # looks after itself, and unblocks the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        forkserver.ensure_running()


class SessionProcess:
    """A session in a process of its own.

    A thread reads the pipe and another writes it, so that the event loop never waits for either.
    """

    def __init__(self, recipe: RecipeFields) -> None:
        self._loop = asyncio.get_running_loop()
        self._answers: asyncio.Queue[Answer | None] = asyncio.Queue()  # None: there are no more
        self._gone = asyncio.Event()
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._pipe, self._theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(  # type: ignore[attr-defined]
            target=run, args=(self._theirs, recipe), daemon=True, name="backprop-live session"
        )

    @classmethod
    async def start(cls, recipe: RecipeFields) -> Self:
        """A new process; its first answer is Ready."""
        session = cls(recipe)
        await asyncio.to_thread(session._start)
        return session

    def _start(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # without a process the pipe is at its end
            warm_up()
            self._process.start()
        self._theirs.close()  # now that the process has its own, its end closes the pipe
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process's number."""
        pid: int | None = self._process.pid
        return pid

    def send(self, request: Request) -> None:
        """Pass on a request; the writing thread does it."""
        self._requests.put(request)

    async def receive(self) -> Answer:
        """The next answer. Raises SessionEnded after the last."""
        answer = await self._answers.get()
        if answer is None:
            self._answers.put_nowait(None)
            raise SessionEnded
        return answer

    async def close(self) -> None:
        """Ask the process to end, and make it where it does not listen."""
        self.send(Stop())
        try:
            async with asyncio.timeout(PATIENCE):
                await self._gone.wait()
        except TimeoutError:
            self._process.kill()
        await asyncio.to_thread(self._process.join, PATIENCE)

    def _read(self) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            try:
                while True:
                    answer = self._pipe.recv()
                    self._loop.call_soon_threadsafe(self._answers.put_nowait, answer)
            except (EOFError, OSError):
                self._requests.put(None)
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._gone.set()
        self._answers.put_nowait(None)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (request := self._requests.get()) is not None:
                self._pipe.send(request)
        self._pipe.close()
