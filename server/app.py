"""The web: routes and the WebSocket. It moves bytes between viewers and the hub, nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.types import ASGIApp

from server.assets import STATIC, TEMPLATES, Assets
from server.catalog import page_context
from server.describe import refused
from server.gate import Gate
from server.glossary import glossary
from server.hub import CAPACITY, KEEP_SECONDS, LEFT_SECONDS, MOST_VIEWERS, Hub
from server.lessons import Lesson, shipped
from server.process import warm_up
from server.protocol import (
    FOR_GOOD,
    MAX_CREDIT,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Command,
    Refusal,
    parse,
    reference,
)
from server.protocol.commands import Create, Join
from server.protocol.frame import TENSORS
from server.room import MOST_UNANSWERED, MOST_UNSENT, POLICY, Parting, Room, Viewer

READ = ["GET", "HEAD"]
SEND_SECONDS = 10.0
"""How long a peer may take to accept one message; then its connection is cut."""
ENTER_SECONDS = 60.0
"""How long a connection may take to create or join a session; then it is closed."""


def create_app(
    hub: Hub,
    *,
    hosts: Iterable[str],
    start: Mapping[str, Any] | None = None,
    lessons: Mapping[str, Lesson] | None = None,
) -> ASGIApp:
    """The whole web side, behind its gate.

    `hosts` are the values of the Host header that it answers to, `start` is the (partial) recipe
    that the page opens with; `lessons` are those in its menu, by name (None: those that
    come with the program).
    """
    taught = shipped() if lessons is None else lessons

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(asyncio.to_thread(warm_up))
        sweeping = asyncio.create_task(hub.sweep())
        yield
        sweeping.cancel()
        await warming
        await hub.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    assets = Assets(STATIC)
    templates = Jinja2Templates(
        directory=TEMPLATES,
        context_processors=[lambda _: {"static": f"/static/{assets.version()}"}],
    )
    fresh = {"cache-control": "no-cache"}

    @app.api_route("/", methods=READ)
    async def page(request: Request) -> HTMLResponse:
        context = page_context(start or {}) | {"lessons": list(taught.values())}
        return templates.TemplateResponse(request, "index.html", context, headers=fresh)

    @app.api_route("/protocol", methods=READ)
    async def protocol(request: Request) -> HTMLResponse:
        context = _protocol()
        return templates.TemplateResponse(request, "protocol.html", context, headers=fresh)

    @app.api_route("/glossary", methods=READ)
    async def terms(request: Request) -> HTMLResponse:
        context = {"groups": glossary()}
        return templates.TemplateResponse(request, "glossary.html", context, headers=fresh)

    @app.api_route("/lessons/{name}", methods=READ)
    async def lesson(name: str) -> Response:
        if name not in taught:
            words = f"There is no lesson {name!r}, there are {', '.join(taught)}."
            return PlainTextResponse(words, status_code=404, headers=fresh)
        return JSONResponse(taught[name].as_dict(), headers=fresh)

    @app.api_route("/healthz", methods=READ)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok", headers={"cache-control": "no-store"})

    @app.websocket("/ws")
    async def connect(websocket: WebSocket) -> None:
        await websocket.accept()
        viewer = Viewer()
        tasks = [
            asyncio.create_task(_listen(websocket, viewer, hub)),
            asyncio.create_task(_speak(websocket, viewer)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in done:
            task.result()  # a mistake of ours is raised, and logged

    app.mount("/static", assets, name="static")
    return Gate(app, hosts)


def _protocol() -> dict[str, Any]:
    """What the page of the protocol states."""
    return {
        "commands": reference.commands(),
        "messages": reference.messages(),
        "parts": reference.parts(),
        "choices": reference.choices(),
        "tensors": TENSORS,
        "credit": MAX_CREDIT,
        "kibibytes": MAX_MESSAGE_BYTES // 1024,
        "for_good": FOR_GOOD,
        "keep_minutes": int(KEEP_SECONDS // 60),
        "left_minutes": int(LEFT_SECONDS // 60),
        "limits": {
            "sessions": CAPACITY,
            "viewers": MOST_VIEWERS,
            "unanswered": MOST_UNANSWERED,
            "unsent": MOST_UNSENT,
            "enter": int(ENTER_SECONDS),
            "send": int(SEND_SECONDS),
        },
        "version": PROTOCOL_VERSION,
    }


async def _listen(websocket: WebSocket, viewer: Viewer, hub: Hub) -> None:
    """Take what the viewer says to its session, until the connection ends."""
    room: Room | None = None
    parting = Parting.LOST
    late = f"no session was created or joined within {ENTER_SECONDS:.0f} seconds"
    patience = asyncio.get_running_loop().call_later(ENTER_SECONDS, viewer.close, late, POLICY)
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                parting = Parting.of(message["code"])
                return
            command: Command | None = None
            try:
                command = _read(message)
                if room is None:
                    room = await _enter(hub, viewer, command)
                    patience.cancel()
                    websocket.scope["extensions"]["enter"]()
                else:
                    room.take(viewer, command)
            except Refusal as refusal:
                viewer.tell(refused(refusal, command))
    finally:
        patience.cancel()
        if room is not None:
            room.leave(viewer, parting)


def _read(message: Mapping[str, Any]) -> Command:
    """The command in a WebSocket message. Raises `Refusal`."""
    text = message.get("text")
    if text is None:
        raise Refusal("message", "bytes", "text: one JSON object")
    return parse(text)


async def _enter(hub: Hub, viewer: Viewer, command: Command) -> Room:
    """The session that a connection is for, from its first command. Raises `Refusal`."""
    if isinstance(command, Create):
        room = await hub.create(command.recipe)
    elif isinstance(command, Join):
        room = hub.find(command.session)
    else:
        raise Refusal("type", command.type, "create or join, before anything else")
    room.join(viewer, command.id)
    return room


async def _speak(websocket: WebSocket, viewer: Viewer) -> None:
    """Send what waits in the viewer's outbox. A peer that takes nothing is cut off."""
    try:
        while (message := await viewer.outbox.get()) is not None:
            async with asyncio.timeout(SEND_SECONDS):
                if isinstance(message, bytes):
                    await websocket.send_bytes(message)
                else:
                    await websocket.send_text(message)
        async with asyncio.timeout(SEND_SECONDS):
            await websocket.close(*viewer.farewell)
    except TimeoutError:
        # A close frame would wait behind what the peer does not read.
        websocket.scope["extensions"]["abort"]()
    except (WebSocketDisconnect, RuntimeError):
        return  # the connection ended while we spoke
