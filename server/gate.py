"""The gate: who may connect. Every request passes it before anything else sees it.

A page of another site, open in the same browser, could otherwise reach a server on localhost: by
its own name pointed at 127.0.0.1 (DNS rebinding: the Host header tells), or by a WebSocket, which
browsers allow across sites (the Origin header tells). What is not allowed is denied.
"""

import ipaddress
import socket
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def served_hosts(host: str, port: int) -> frozenset[str]:
    """The values of the Host header that mean this server: names and port.

    A server that listens on all addresses is also known by its machine's own.
    """
    names = {*LOOPBACK, _bracketed(host)}
    if host in ("", "0.0.0.0", "::"):
        names |= _own_names()
    hosts = {f"{name}:{port}" for name in names}
    return frozenset(hosts | names if port == 80 else hosts)


def _bracketed(host: str) -> str:
    """An IPv6 address as a URL has it; host names are the same in upper and lower case."""
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host.lower()


def _own_names() -> set[str]:
    """This machine's name and addresses, as far as it knows them."""
    name = socket.gethostname().lower()
    names = {name, f"{name}.local"}
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    addresses = {str(address[0]).split("%")[0] for *_, address in found}
    if seen := own_address():
        addresses.add(seen)
    return names | {_bracketed(address) for address in addresses}


def own_address() -> str | None:
    """The address at which others on the network see this machine; None where there is none.

    Asked of the routing table. Nothing is sent.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


class Gate:
    """ASGI middleware: checks Host and Origin, adds security headers to every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        """`hosts` are the values of the Host header that are let in."""
        self.app, self.hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        reason = self.objection(scope)
        host = "" if reason else _headers(scope, b"host")[0]
        guarded = _with_headers(send, security_headers(host))
        if reason is None:
            await self.app(scope, receive, guarded)
        elif scope["type"] == "http":
            await _refuse(guarded, reason, "http.response")
        elif "websocket.http.response" in scope.get("extensions", {}):
            await _refuse(guarded, reason, "websocket.http.response")
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": reason[:120]})

    def objection(self, scope: Scope) -> str | None:
        """Why this request may not pass; None where it may."""
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return f"This server does not answer to the name {hosts[0] if hosts else '(none)'!r}."
        origins = _headers(scope, b"origin")
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        if origins and origins != [f"{scheme}://{hosts[0].lower()}"]:
            return f"Pages of {origins[0]!r} may not use this server."
        return None


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def security_headers(host: str) -> list[tuple[bytes, bytes]]:
    """What browsers are told: load nothing from elsewhere, be shown nowhere else."""
    # Older Safari does not take 'self' to include WebSockets.
    socket = f" ws://{host} wss://{host}" if host else ""
    policy = (
        f"default-src 'self'; connect-src 'self'{socket}; img-src 'self' data: blob:; "
        "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode("latin-1")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]


def _with_headers(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return guarded


async def _refuse(send: Send, reason: str, kind: str) -> None:
    body = reason.encode("utf-8")
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": f"{kind}.start", "status": 403, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
