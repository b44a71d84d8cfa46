"""The gate, at every route."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import logging
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.datasets import datasets
from server.assets import Assets
from server.catalog import in_script
from server.gate import own_address, served_hosts
from server.protocol import COMMANDS, MESSAGES
from server.protocol.commands import RecipeFields
from server.protocol.frame import TENSORS
from tests.server.conftest import Running

ROUTES = [
    *("/", "/protocol", "/glossary", "/lessons/digits", "/healthz"),
    *("/static/protocol.js", "/nowhere"),
]


def request(
    running: Running, path: str, headers: dict[str, str], method: str = "GET"
) -> tuple[int, str, dict[str, str]]:
    """A request with exactly these headers besides Host, which may be replaced."""
    place = urlsplit(running.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        if value:
            connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}


def strangers(port: int) -> list[dict[str, str]]:
    own = f"127.0.0.1:{port}"
    return [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": f"127.0.0.1:{port + 1}"},
        {"Host": own, "Origin": "http://evil.example"},
        {"Host": own, "Origin": f"https://{own}"},
        {"Host": own, "Origin": f"http://localhost:{port}"},
        {"Host": own, "Origin": f"http://127.0.0.1:{port}.evil.example"},
        {"Host": own, "Origin": "null"},
    ]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("which", range(9))
def test_strangers_are_denied_at_every_route(running: Running, path: str, which: int):
    headers = strangers(urlsplit(running.url).port or 0)[which]
    status, body, _ = request(running, path, headers)
    assert status == 403
    assert "server" in body


@pytest.mark.parametrize("which", range(9))
def test_strangers_are_denied_at_the_websocket(running: Running, which: int):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    headers = strangers(urlsplit(running.url).port or 0)[which]
    said = io.StringIO()
    terminal, log = logging.StreamHandler(said), logging.getLogger("uvicorn.error")
    log.addHandler(terminal)
    status, body, _ = request(running, "/ws", upgrade | headers)
    running.ask(partial(asyncio.sleep, 0))  # what is left of the connection has been dealt with
    log.removeHandler(terminal)
    assert status == 403
    assert "server" in body
    assert said.getvalue() == ""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_servers_own_names_pass_with_their_own_origin(running: Running, name: str):
    host = f"{name}:{urlsplit(running.url).port}"
    for headers in ({"Host": host}, {"Host": host, "Origin": f"http://{host.lower()}"}):
        assert request(running, "/healthz", headers)[0] == 200


def test_two_hosts_are_one_too_many(running: Running):
    place = urlsplit(running.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    connection.putrequest("GET", "/healthz")
    connection.putheader("Host", "evil.example")
    connection.endheaders()
    assert connection.getresponse().status in (400, 403)
    connection.close()


@pytest.mark.parametrize("path", ROUTES)
def test_answers_carry_the_security_headers(running: Running, path: str):
    _, _, headers = request(running, path, {})
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_static_files_are_checked_for_changes(running: Running):
    status, _, headers = request(running, "/static/protocol.js", {})
    assert status == 200
    assert headers["cache-control"] == "no-cache"
    assert headers["content-type"].startswith("text/javascript")
    again = {"If-None-Match": headers["etag"]}
    assert request(running, "/static/protocol.js", again)[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        "../server/app.py",
        "%2e%2e/server/app.py",
        "..%2fserver/app.py",
        "..%5cserver%5capp.py",
        "/etc/passwd",
        "//etc/passwd",
        "%00",
        "protocol.js%00.png",
        "%ff%fe",
        "a" * 5000,
    ],
)
def test_nothing_but_static_files_is_found_among_them(running: Running, path: str):
    assert request(running, f"/static/{path}", {})[0] == 404


def test_the_page_is_given_what_it_opens_with(running: Running):
    _, body, _ = request(running, "/", {})
    found = re.findall(r'<script type="application/json" id="(\w+)">(.*?)</script>', body)
    given = {name: json.loads(text) for name, text in found}
    assert given["start"]["recipe"] == {"dataset": "xor"}
    assert RecipeFields.model_validate_json(json.dumps(given["start"]["defaults"]))
    catalog = given["catalog"]
    assert [kind["name"] for kind in catalog["datasets"]] == list(datasets)
    assert catalog["optimizers"][1]["options"]["momentum"]["default"] == 0.9
    assert catalog["bounds"]["learning_rate"] == [0, 100]


def test_json_cannot_end_the_script_that_holds_it():
    assert in_script({"a": "</script>"}) == '{"a": "\\u003c/script>"}'


@pytest.mark.parametrize("path", ["/", "/protocol", "/glossary", "/healthz", "/static/main.js"])
def test_a_page_can_be_asked_for_its_head_alone(running: Running, path: str):
    assert request(running, path, {}, "HEAD")[:2] == (200, "")


def test_the_protocol_page_lists_everything(running: Running):
    _, body, _ = request(running, "/protocol", {})
    names: list[Any] = [*COMMANDS, *MESSAGES, *(tensor.name for tensor in TENSORS)]
    assert [name for name in names if f"<code>{name}</code>" not in body] == []


def test_a_server_for_the_whole_network_knows_its_own_names():
    hosts = served_hosts("0.0.0.0", 8000)
    assert {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"} <= hosts
    assert "[fe80::1]:8000" in served_hosts("fe80::1", 8000)
    assert "localhost" in served_hosts("127.0.0.1", 80)
    assert "evil.example:8000" not in hosts


def test_a_file_of_the_version_that_the_page_names_is_kept_by_browsers(running: Running):
    page = request(running, "/", {})[1]
    [version] = set(re.findall(r"/static/(v[0-9a-f]{16})/main\.js", page))
    status, body, headers = request(running, f"/static/{version}/protocol.js", {})
    assert (status, "immutable" in headers["cache-control"]) == (200, True)
    assert headers["content-type"].startswith("text/javascript")
    assert body == request(running, "/static/protocol.js", {})[1]
    other = version.replace(version[1:], "0" * 16)
    assert request(running, f"/static/{other}/protocol.js", {})[0] == 404
    assert request(running, f"/static/{version}/../../server/app.py", {})[0] == 404


def test_a_changed_file_makes_another_version(tmp_path: Path):
    (tmp_path / "a.js").write_text("1")
    assets = Assets(tmp_path)
    first = assets.version()
    assert assets.version() == first
    (tmp_path / "a.js").write_text("22")
    assert assets.version() != first


def test_the_address_that_others_are_told_is_let_in():
    address = own_address()
    assert address is None or f"{address}:8000" in served_hosts("0.0.0.0", 8000)
    assert address is None or f"{address}:8000" not in served_hosts("127.0.0.1", 8000)
