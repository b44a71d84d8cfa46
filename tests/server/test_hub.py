"""Rooms and hub, with sessions that only pretend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from server.hub import Hub
from server.process import SessionEnded
from server.protocol import FOR_GOOD, MAX_CREDIT, Refusal, parse
from server.protocol.commands import Pause, RecipeFields
from server.room import (
    FRAME_INTERVAL,
    GOING_AWAY,
    MOST_UNANSWERED,
    MOST_UNSENT,
    Parting,
    Room,
    Viewer,
)
from server.worker import Answer, Carry, Introduce, Ready, Request, Show, Shown, Told, Watch


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
    room.leave(one, Parting.CLOSED)
    assert line.asked(Watch)[2:] == [Watch(1)]


@in_loop
async def test_a_viewer_that_reads_nothing_is_closed():
    viewer = Viewer()
    for _ in range(MOST_UNSENT * 2):
        viewer.post("x")
    waiting = sent(viewer)
    assert len(waiting) == MOST_UNSENT + 1
    assert waiting[-1] is None
    assert viewer.farewell == (1008, f"{MOST_UNSENT} messages wait that were not read")


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


def test_close_codes_tell_who_may_come_back():
    codes = [1000, GOING_AWAY, FOR_GOOD, 1005, 1006, 1011]
    closed, left, lost = Parting.CLOSED, Parting.LEFT, Parting.LOST
    assert [Parting.of(code) for code in codes] == [closed, left, left, lost, lost, lost]


async def deserted(hub: Hub, parting: Parting, *, touched: bool = True) -> Room:
    """A session that its only viewer has gone from, after a command or without one."""
    room = await hub.create(RecipeFields())
    viewer = await entered(room)
    if touched:
        room.take(viewer, Pause())
    room.leave(viewer, parting)
    return room


@in_loop
async def test_at_the_limit_a_session_that_was_left_makes_room_then_the_one_longest_alone():
    hub = Hub(start=Pretender.start, capacity=4)
    watched = await hub.create(RecipeFields())
    await entered(watched)
    lost, closed, _left = [
        await deserted(hub, parting) for parting in (Parting.LOST, Parting.CLOSED, Parting.LEFT)
    ]
    new = await hub.create(RecipeFields())
    await entered(new)
    assert hub.rooms.keys() == {watched.name, lost.name, closed.name, new.name}
    newer = await hub.create(RecipeFields())
    await entered(newer)
    assert hub.rooms.keys() == {watched.name, lost.name, new.name, newer.name}
    # Whoever was cut off finds its session again.
    with pytest.raises(Refusal, match="There are 4 sessions already"):
        await hub.create(RecipeFields())
    assert hub.find(lost.name) is lost
    await hub.close()
    assert not hub.rooms


@in_loop
async def test_a_session_that_was_lost_untouched_or_long_ago_makes_room():
    hub = Hub(start=Pretender.start, capacity=1, spare_seconds=0.01)
    for _ in range(3):  # connections that break at once lock nobody out
        await deserted(hub, Parting.LOST, touched=False)
    await deserted(hub, Parting.LOST)
    await asyncio.sleep(0.02)
    new = await hub.create(RecipeFields())
    assert hub.rooms.keys() == {new.name}


@in_loop
async def test_sessions_that_nobody_wants_are_ended():
    hub = Hub(start=Pretender.start, keep_seconds=0.2, left_seconds=0.05, sweep_seconds=0.01)
    watched, again = [await hub.create(RecipeFields()) for _ in range(2)]
    await entered(watched)
    lost, closed, left = [
        await deserted(hub, parting) for parting in (Parting.LOST, Parting.CLOSED, Parting.LEFT)
    ]
    one, two = await entered(again), await entered(again)
    again.take(two, Pause())
    again.leave(one, Parting.LEFT)
    again.leave(two, Parting.LOST)  # the last to go counts
    sweeping = asyncio.create_task(hub.sweep())
    await asyncio.sleep(0.03)
    assert left.name in hub.rooms
    await asyncio.sleep(0.07)
    assert hub.rooms.keys() == {watched.name, again.name, lost.name, closed.name}
    await asyncio.sleep(0.2)
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
    full = "session: got one more than the 2 viewers"
    with pytest.raises(Refusal, match=full):
        hub.find(room.name)
    with pytest.raises(Refusal, match=full):
        await hub.create(RecipeFields())
    room.leave(one, Parting.CLOSED)
    assert hub.find(room.name) is room
