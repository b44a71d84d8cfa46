"""Rooms and hub, with sessions that only pretend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from server.hub import Hub
from server.process import SessionEnded
from server.protocol import MAX_CREDIT, Refusal, parse
from server.protocol.commands import RecipeFields
from server.room import FRAME_INTERVAL, MOST_UNANSWERED, MOST_UNSENT, Room, Viewer
from server.worker import (
    Answer,
    Carry,
    Introduce,
    Ready,
    Request,
    Show,
    Shown,
    Told,
    Watch,
)


class Pretender:
    """A session at whose end a test sits."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: asyncio.Queue[Answer | None] = asyncio.Queue()

    @classmethod
    async def start(cls, recipe: RecipeFields) -> Pretender:
        line = cls()
        line.answer(Ready(None))
        return line

    def answer(self, answer: Answer | None) -> None:
        self.answers.put_nowait(answer)

    def send(self, request: Request) -> None:
        self.requests.append(request)

    async def receive(self) -> Answer:
        answer = await self.answers.get()
        if answer is None:
            raise SessionEnded
        return answer

    async def close(self) -> None:
        self.answer(None)

    def asked(self, kind: type[Request]) -> list[Any]:
        return [request for request in self.requests if isinstance(request, kind)]


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test that is a coroutine."""

    def run() -> None:
        asyncio.run(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


async def entered(room: Room) -> Viewer:
    """A viewer that has been introduced."""
    viewer = Viewer()
    room.join(viewer, None)
    line = room.line
    assert isinstance(line, Pretender)
    line.answer(Told(viewer.id, ("dataset", "topology"), "introduction"))
    await settle()
    return viewer


def sent(viewer: Viewer) -> list[Any]:
    """What waits to be sent."""
    found = []
    while not viewer.outbox.empty():
        found.append(viewer.outbox.get_nowait())
    return found


async def opened() -> tuple[Hub, Room, Pretender]:
    hub = Hub(start=Pretender.start)
    room = await hub.create(RecipeFields())
    assert isinstance(room.line, Pretender)
    return hub, room, room.line


@in_loop
async def test_frames_go_to_whoever_has_credit():
    _, room, line = await opened()
    one = await entered(room)
    assert line.asked(Introduce) == [Introduce(one.id)]
    assert line.asked(Show) == [Show(wait=True)]
    line.answer(Shown(1, b"one"))
    await settle()
    assert sent(one)[-1] == b"one"
    assert len(line.asked(Show)) == 1  # not too soon after the last
    await asyncio.sleep(FRAME_INTERVAL * 1.5)
    assert line.asked(Show)[1:] == [Show(wait=True)]
    two = await entered(room)
    assert line.asked(Show)[2:] == []
    await asyncio.sleep(FRAME_INTERVAL * 1.5)
    assert line.asked(Show)[2:] == [Show(wait=False)]  # the newcomer has seen nothing yet
    line.answer(Shown(1, None))
    await settle()
    assert sent(two)[-1] == b"one"
    assert sent(one) == []


@in_loop
async def test_without_credit_nothing_is_built():
    _, room, line = await opened()
    viewer = await entered(room)
    for number in range(1, MAX_CREDIT + 1):
        await asyncio.sleep(FRAME_INTERVAL * 1.5)
        line.answer(Shown(number, b"x"))
        await settle()
    await asyncio.sleep(FRAME_INTERVAL * 2)
    assert len(line.asked(Show)) == MAX_CREDIT
    assert not viewer.hungry
    room.take(viewer, parse('{"type":"ack","frame":1}'))
    assert len(line.asked(Show)) == MAX_CREDIT + 1
    with pytest.raises(Refusal, match="frame: got 1, expected 2"):
        room.take(viewer, parse('{"type":"ack","frame":1}'))


@in_loop
async def test_unanswered_commands_are_bounded():
    _, room, line = await opened()
    viewer = await entered(room)
    play = parse('{"type":"play"}')
    for _ in range(MOST_UNANSWERED):
        room.take(viewer, play)
    with pytest.raises(Refusal, match="64 unanswered"):
        room.take(viewer, play)
    assert len(line.asked(Carry)) == MOST_UNANSWERED
    line.answer(Told(viewer.id, ("reply",), "answer"))
    await settle()
    room.take(viewer, play)


@in_loop
async def test_messages_reach_all_who_were_introduced():
    _, room, line = await opened()
    one, two = await entered(room), Viewer()
    room.join(two, None)
    line.answer(Told(None, ("news",), "news"))
    line.answer(Told(two.id, ("dataset", "topology"), "introduction"))
    line.answer(Told(None, ("more",), "news"))
    await settle()
    assert sent(one)[3:] == ["news", "more"]
    assert sent(two)[1:] == ["dataset", "topology", "more"]
    assert line.asked(Watch) == [Watch(1), Watch(2)]
    room.leave(one)
    assert line.asked(Watch)[2:] == [Watch(1)]


@in_loop
async def test_a_viewer_that_reads_nothing_is_closed():
    viewer = Viewer()
    for _ in range(MOST_UNSENT * 2):
        viewer.post("x")
    waiting = sent(viewer)
    assert len(waiting) == MOST_UNSENT + 1
    assert waiting[-1] is None


@in_loop
async def test_a_session_that_ends_says_so():
    hub, room, line = await opened()
    viewer = await entered(room)
    line.answer(None)
    await settle()
    *_, event, end = sent(viewer)
    assert '"ended"' in event
    assert end is None
    with pytest.raises(Refusal, match="No session of this name runs here") as caught:
        hub.find(room.name)
    assert (caught.value.field, caught.value.got) == ("session", room.name)


@in_loop
async def test_at_the_limit_the_session_longest_alone_makes_room():
    hub = Hub(start=Pretender.start, capacity=3)
    rooms = [await hub.create(RecipeFields()) for _ in range(3)]
    await entered(rooms[0])
    new = await hub.create(RecipeFields())
    assert hub.rooms.keys() == {rooms[0].name, rooms[2].name, new.name}
    await entered(rooms[2])
    await entered(new)
    with pytest.raises(Refusal, match="session: got one more than the 3 sessions"):
        await hub.create(RecipeFields())
    await hub.close()
    assert not hub.rooms


@in_loop
async def test_sessions_that_nobody_wants_are_ended():
    hub = Hub(start=Pretender.start, keep_seconds=0.05, sweep_seconds=0.01)
    alone, watched = [await hub.create(RecipeFields()) for _ in range(2)]
    await entered(watched)
    sweeping = asyncio.create_task(hub.sweep())
    await asyncio.sleep(0.03)
    assert alone.name in hub.rooms
    await asyncio.sleep(0.1)
    assert hub.rooms.keys() == {watched.name}
    sweeping.cancel()


@in_loop
async def test_a_session_that_cannot_start_is_refused():
    class Failing(Pretender):
        @classmethod
        async def start(cls, recipe: RecipeFields) -> Pretender:
            line = cls()
            line.answer(None)
            return line

    class Picky(Pretender):
        @classmethod
        async def start(cls, recipe: RecipeFields) -> Pretender:
            line = cls()
            line.answer(Ready(("loss", "this", "that", "loss: got this, expected that")))
            return line

    with pytest.raises(Refusal, match="recipe"):
        await Hub(start=Failing.start).create(RecipeFields())
    with pytest.raises(Refusal, match="loss: got this, expected that"):
        await Hub(start=Picky.start).create(RecipeFields())


@in_loop
async def test_viewers_are_bounded():
    hub = Hub(start=Pretender.start, most_viewers=2)
    room = await hub.create(RecipeFields())
    one, _ = await entered(room), await entered(room)
    with pytest.raises(Refusal, match="session: got one more than the 2 viewers"):
        hub.find(room.name)
    with pytest.raises(Refusal, match="session"):
        await hub.create(RecipeFields())
    room.leave(one)
    assert hub.find(room.name) is room
