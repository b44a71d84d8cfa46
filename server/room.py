"""A room: one session and all who watch it. Frames go to whoever has credit for one."""

import asyncio
import contextlib
import enum
import itertools
from collections.abc import Callable

from server.process import Line, SessionEnded
from server.protocol import FOR_GOOD, MAX_CREDIT, PROTOCOL_VERSION, Refusal
from server.protocol.commands import Ack, Command, Create, Join
from server.protocol.messages import Event, MessageBase, Welcome
from server.worker import Answer, Carry, Introduce, Show, Shown, Told, Watch

FRAME_INTERVAL = 1 / 60
"""Seconds between two frames of a session, at least."""
MOST_UNANSWERED = 64
"""Commands of one viewer that may wait for their answer."""
MOST_UNSENT = 1024
"""Messages that may wait for one viewer; whoever has more does not read them."""
POLICY = 1008
"""The close code for a viewer that does not keep to the rules."""
GOING_AWAY = 1001
"""The close code of browsers whose page is left."""


class Parting(enum.Enum):
    """How a viewer went, which tells whether it is likely to come back."""

    LOST = enum.auto()
    """Its connection broke: it will try to find its session again."""
    CLOSED = enum.auto()
    """It closed its connection, as a program does that has what it wanted."""
    LEFT = enum.auto()
    """It left for good: the page was closed or loaded anew, or has started another session."""

    @classmethod
    def of(cls, code: int) -> "Parting":
        """What the close code of a WebSocket means."""
        return {1000: cls.CLOSED, GOING_AWAY: cls.LEFT, FOR_GOOD: cls.LEFT}.get(code, cls.LOST)


class Viewer:
    """One connection: what waits to be sent to it, and what it may still be sent."""

    _ids = itertools.count()

    def __init__(self) -> None:
        self.id = next(self._ids)
        self.outbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        """Messages in order; None: close the connection, with `farewell`."""
        self.introduced = False
        self.unacknowledged: list[int] = []
        self.seen = 0
        """The number of the last frame sent."""
        self.unanswered = 0
        self.farewell = 1000, ""

    @property
    def hungry(self) -> bool:
        """Whether it may be sent a frame."""
        return self.introduced and len(self.unacknowledged) < MAX_CREDIT

    def tell(self, message: MessageBase) -> None:
        """Send a message, after all that were sent before."""
        self.post(message.encode())

    def post(self, message: str | bytes) -> None:
        """The same, encoded already. A viewer that reads nothing is closed."""
        if self.outbox.qsize() < MOST_UNSENT:
            self.outbox.put_nowait(message)
        elif self.outbox.qsize() == MOST_UNSENT:
            self.close(f"{MOST_UNSENT} messages wait that were not read", POLICY)

    def close(self, reason: str = "nothing more will come", code: int = 1000) -> None:
        """Close the connection, after what was sent before."""
        self.farewell = code, reason
        self.outbox.put_nowait(None)


class Room:
    """One session, its viewers and its newest frame."""

    def __init__(self, name: str, line: Line, ended: Callable[["Room"], None]) -> None:
        """`ended` is called when the session is over, for whatever reason."""
        self.name, self.line, self._ended = name, line, ended
        self.viewers: dict[int, Viewer] = {}
        self.alone_since: float | None = _now()
        """Since when nobody has watched; None while somebody does."""
        self.parting = Parting.LEFT
        """How the last viewer went; a session that nobody has seen yet is missed by nobody."""
        self._touched = False
        self._number = 0
        self._frame = b""
        self._asked: Show | None = None
        self._asked_at = -FRAME_INTERVAL
        self._timer: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._run(), name=f"room {name}")

    # ---- what viewers do ----------------------------------------------------------------------

    def join(self, viewer: Viewer, id: int | None) -> None:
        """Let a viewer in; `id` is that of the command by which it came."""
        viewer.tell(Welcome(id=id, session=self.name, protocol=PROTOCOL_VERSION))
        self.viewers[viewer.id] = viewer
        self.alone_since = None
        self.line.send(Watch(len(self.viewers)))
        self.line.send(Introduce(viewer.id))

    def leave(self, viewer: Viewer, parting: Parting) -> None:
        """A viewer is gone."""
        if self.viewers.pop(viewer.id, None) is not None:
            self.line.send(Watch(len(self.viewers)))
            if not self.viewers:
                self.alone_since = _now()
                # What nobody has told anything is as it was made: its viewer can make it again.
                self.parting = parting if self._touched else Parting.LEFT

    def alone_for(self) -> float:
        """Seconds for which nobody has watched."""
        return 0.0 if self.alone_since is None else _now() - self.alone_since

    def take(self, viewer: Viewer, command: Command) -> None:
        """A viewer's command. Raises `Refusal` where it is not one for a session."""
        if isinstance(command, Ack):
            self._acknowledge(viewer, command)
        elif isinstance(command, Create | Join):
            raise Refusal("type", command.type, "another command: this connection has a session")
        elif viewer.unanswered >= MOST_UNANSWERED:
            got = f"one more while {viewer.unanswered} wait for an answer"
            raise Refusal("message", got, f"at most {MOST_UNANSWERED} unanswered commands")
        else:
            viewer.unanswered += 1
            self._touched = True
            self.line.send(Carry(viewer.id, command))

    def _acknowledge(self, viewer: Viewer, ack: Ack) -> None:
        if ack.frame not in viewer.unacknowledged:
            waiting = ", ".join(map(str, viewer.unacknowledged)) or "none: all are acknowledged"
            raise Refusal("frame", str(ack.frame), waiting)
        viewer.unacknowledged.remove(ack.frame)
        self._pull()

    # ---- what the session says ----------------------------------------------------------------

    async def _run(self) -> None:
        with contextlib.suppress(SessionEnded):
            while True:
                self._pass_on(await self.line.receive())
        self._say_goodbye("The session has ended unexpectedly. What it had learned is lost.")

    def _pass_on(self, answer: Answer) -> None:
        match answer:
            case Shown(number, data):
                self._asked = None
                if data is not None:
                    self._number, self._frame = number, data
                for viewer in self.viewers.values():
                    if viewer.hungry and viewer.seen != self._number:
                        viewer.seen = self._number
                        viewer.unacknowledged.append(self._number)
                        viewer.post(self._frame)
            case Told(None, messages):
                for viewer in self.viewers.values():
                    if viewer.introduced:
                        for message in messages:
                            viewer.post(message)
            case Told(int(id), messages, kind) if id in self.viewers:
                viewer = self.viewers[id]
                viewer.introduced = True
                if kind == "answer":
                    viewer.unanswered -= 1
                for message in messages:
                    viewer.post(message)
        self._pull()

    def _pull(self) -> None:
        """Ask for a frame where somebody may be sent one, not too soon after the last."""
        hungry = [viewer for viewer in self.viewers.values() if viewer.hungry]
        wait = all(viewer.seen == self._number for viewer in hungry)
        if not hungry or self._timer or (self._asked and (wait or not self._asked.wait)):
            return
        early = self._asked_at + FRAME_INTERVAL - _now()
        if early > 0:
            self._timer = asyncio.get_running_loop().call_later(early, self._pull_later)
            return
        self._asked, self._asked_at = Show(wait), _now()
        self.line.send(self._asked)

    def _pull_later(self) -> None:
        self._timer = None
        self._pull()

    # ---- the end ------------------------------------------------------------------------------

    async def close(self, reason: str) -> None:
        """End the session, telling its viewers why."""
        self._say_goodbye(reason)
        await self.line.close()
        await self._task

    def _say_goodbye(self, reason: str) -> None:
        """Once: tell the viewers, and have their connections closed."""
        viewers, self.viewers = list(self.viewers.values()), {}
        for viewer in viewers:
            viewer.tell(Event(step=None, kind="ended", message=reason))
            viewer.close()
        if self._timer:
            self._timer.cancel()
        self._ended(self)


def _now() -> float:
    return asyncio.get_running_loop().time()
