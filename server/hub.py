"""The hub: all sessions by name. Starts them, finds them, ends those that nobody wants."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable

from server.process import Line, SessionEnded, SessionProcess
from server.protocol import Refusal
from server.protocol.commands import RecipeFields
from server.room import Parting, Room
from server.worker import Ready

CAPACITY = 64
"""Sessions at the same time."""
MOST_VIEWERS = 256
"""Viewers of all sessions at the same time."""
KEEP_SECONDS = 45 * 60.0
"""How long a session without viewers is kept."""
SPARE_SECONDS = 30 * 60.0
"""How long one whose viewer lost its connection is kept, even where its place is needed."""
LEFT_SECONDS = 30 * 60.0
"""How long one is kept that its last viewer left for good; but its place goes first."""
SWEEP_SECONDS = 10.0


class Hub:
    """All sessions of one server."""

    def __init__(
        self,
        *,
        capacity: int = CAPACITY,
        most_viewers: int = MOST_VIEWERS,
        keep_seconds: float = KEEP_SECONDS,
        spare_seconds: float = SPARE_SECONDS,
        left_seconds: float = LEFT_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
        start: Callable[[RecipeFields], Awaitable[Line]] = SessionProcess.start,
    ) -> None:
        """`start` starts a session somewhere: here a process, on a cluster something else."""
        self.rooms: dict[str, Room] = {}
        self._capacity, self._most_viewers, self._start = capacity, most_viewers, start
        self._keep_seconds, self._spare_seconds = keep_seconds, spare_seconds
        self._left_seconds, self._sweep_seconds = left_seconds, sweep_seconds
        self._starting: set[asyncio.Task[Room]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def create(self, recipe: RecipeFields) -> Room:
        """A new session. Raises `Refusal`: the recipe does not fit together, or there is no room.

        Should the caller be cancelled meanwhile, the session waits for somebody to join.
        """
        self._admit()
        self._make_room()
        task = asyncio.create_task(self._open(recipe))
        self._starting.add(task)
        task.add_done_callback(self._started)
        return await asyncio.shield(task)

    def find(self, name: str) -> Room:
        """The session of that name. Raises `Refusal` where there is none, or no room."""
        self._admit()
        if name not in self.rooms:
            words = "No session of this name runs here: it was closed, or the server was restarted."
            raise Refusal("session", name, "the name of a session that runs", words=words)
        return self.rooms[name]

    async def sweep(self) -> None:
        """End the sessions that have been without viewers for long; again and again."""
        while True:
            await asyncio.sleep(self._sweep_seconds)
            for room in list(self.rooms.values()):
                left = room.parting is Parting.LEFT
                if room.alone_for() > (self._left_seconds if left else self._keep_seconds):
                    self._end(room, "Nobody has watched this session for long: it was closed.")

    async def close(self) -> None:
        """End all sessions."""
        await asyncio.gather(*self._starting, return_exceptions=True)
        for room in list(self.rooms.values()):
            self._end(room, "The server is closing.")
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _open(self, recipe: RecipeFields) -> Room:
        line = await self._start(recipe)
        try:
            answer = await line.receive()
        except SessionEnded:
            raise Refusal(
                "recipe", "this", "one whose session can start: its process ended"
            ) from None
        if isinstance(answer, Ready) and answer.refusal:
            field, got, allowed, words = answer.refusal
            await line.close()
            raise Refusal(field, got, allowed, words=words)
        room = Room(secrets.token_urlsafe(16), line, self._forget)
        self.rooms[room.name] = room
        return room

    def _started(self, task: asyncio.Task[Room]) -> None:
        self._starting.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()  # looked at: whoever waited for it may be gone

    def _admit(self) -> None:
        """Raises `Refusal` when no more viewers are let in."""
        if sum(len(room.viewers) for room in self.rooms.values()) >= self._most_viewers:
            got = f"one more than the {self._most_viewers} viewers who are here"
            raise Refusal("session", got, "to wait until one of them leaves")

    def _make_room(self) -> None:
        """At the limit, end a session that was left, or else the one longest without viewers.

        Raises `Refusal` where all are watched, or waited for by a viewer that was cut off.
        """
        if len(self.rooms) + len(self._starting) < self._capacity:
            return
        spare = [room for room in self.rooms.values() if self._to_spare(room)]
        if not spare:
            got = f"one more than the {self._capacity} sessions that there can be"
            minutes = f"{self._spare_seconds / 60:.0f} minutes"
            words = (
                f"There are {self._capacity} sessions already, each watched now or waiting for a "
                f"viewer that lost its connection less than {minutes} ago. Join one of them, or "
                "wait until one ends."
            )
            raise Refusal("session", got, "to join one of them, or to wait", words=words)
        least = max(spare, key=lambda room: (room.parting is Parting.LEFT, room.alone_for()))
        self._end(least, "Another session needed its place.")

    def _to_spare(self, room: Room) -> bool:
        patience = self._spare_seconds if room.parting is Parting.LOST else 0.0
        return room.alone_since is not None and room.alone_for() >= patience

    def _end(self, room: Room, reason: str) -> None:
        self.rooms.pop(room.name, None)
        task = asyncio.create_task(room.close(reason))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _forget(self, room: Room) -> None:
        self.rooms.pop(room.name, None)
