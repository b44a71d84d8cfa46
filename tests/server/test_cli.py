"""The command: starts, says where it is, ends in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from server.cli import listen, main, make_parser
from tests.live import END_SECONDS, free_port, get, viewer
from tests.server.stuck import send_without_reading


def gone(pids: set[int]) -> bool:
    """Whether all of these processes end in time."""
    end = time.monotonic() + END_SECONDS
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(alive(pid) for pid in pids)


SIGNALS = [signal.SIGTERM] if os.name == "nt" else [signal.SIGTERM, signal.SIGINT]


@contextlib.contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and its page's address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "--no-browser", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        said = [process.stdout.readline()]
        if "taken" in said[0]:
            said.append(process.stdout.readline())
        yield process, said[-1].split(" at ")[1].split("/ ")[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def workers(pid: int) -> set[int]:
    """The processes that a process started, and they: Linux alone says."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                for child in map(int, children.read().split()):
                    found |= {child, *workers(child)}
    return found


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("sign", SIGNALS)
def test_it_ends_in_time_with_a_stuck_viewer_and_all_workers_gone(sign: signal.Signals):
    with command("--port", str(free_port())) as (process, url):
        assert get(f"{url}/healthz")[0] == 200
        with viewer(url) as v:
            v.send(type="play")
            stuck = send_without_reading(url.replace("http", "ws", 1) + "/ws", v.session)
            v.wait(lambda: v.frame is not None and v.frame.meta["step"] > 100)
            started = workers(process.pid)
            begin = time.monotonic()
            process.send_signal(sign)
            said, _ = process.communicate(timeout=END_SECONDS)
            assert time.monotonic() - begin < END_SECONDS
        stuck.close()
    assert "Traceback" not in said, said
    assert process.returncode == 0 or os.name == "nt"
    assert gone(started)


@pytest.mark.skipif(os.name == "nt", reason="groups of processes")
def test_sigterm_to_all_processes_is_no_crash_to_those_who_watch():
    with command("--port", str(free_port())) as (process, url):
        with viewer(url) as v:
            v.send(type="play")
            v.wait(lambda: v.frame is not None and v.frame.meta["step"] > 10)
            started = workers(process.pid)
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(ConnectionClosed):
                for _ in range(1000):
                    v.receive(END_SECONDS)
            assert [event["message"] for event in v.events][-1] == "The server is closing."
        assert process.wait(END_SECONDS) == 0
    assert gone(started)


@pytest.mark.skipif(os.name == "nt", reason="groups of processes")
@pytest.mark.parametrize("wait", [0.0, 0.2, 0.6])
def test_ctrl_c_reaches_all_processes_and_none_complains(wait: float):
    """As in a terminal: to the whole group, twice, while the first session is being started."""
    with command("--port", str(free_port())) as (process, url):
        with connect(url.replace("http", "ws", 1) + "/ws", proxy=None) as socket:
            socket.send('{"type": "create"}')
            time.sleep(wait)
            begin = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            assert process.wait(END_SECONDS) == 0
            assert time.monotonic() - begin < END_SECONDS
        assert process.stdout is not None
        said = process.stdout.read()
    assert "Traceback" not in said, said


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="asks Linux for processes")
def test_workers_end_when_the_server_is_killed():
    with command("--port", str(free_port())) as (process, url):
        with viewer(url) as v:
            v.send(type="play")
            started = workers(process.pid)
            assert started
            process.kill()
            process.wait()
        assert gone(started)


def test_a_taken_port_is_said_in_one_line():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "--no-browser", "--port", str(port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(f"Port {port} is taken, using ")
            used = int(line.split("using ")[1].rstrip(".\n"))
            assert f"http://127.0.0.1:{used}/" in process.stdout.readline()
        finally:
            process.kill()
            process.communicate()


def test_the_next_free_port_is_found():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with listen("127.0.0.1", port) as second:
            assert second.getsockname()[1] > port


def test_small_messages_are_not_held_back():
    delayed = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        delayed.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0)
        writer.close()

    async def visit() -> None:
        with listen("127.0.0.1", 0) as listener:
            async with await asyncio.start_server(serve, sock=listener):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                assert await reader.read() == b""
                writer.close()

    asyncio.run(visit())
    assert delayed == [False]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dataset", "nothing"], "moons, circle"),
        (["--seed", "-1"], "0 to 4294967295"),
        (["--port", "70000"], "0 to 65535"),
    ],
)
def test_mistakes_are_explained(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_an_address_that_is_not_ours_is_explained(capsys: pytest.CaptureFixture[str]):
    handlers = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    assert main(["--host", "192.0.2.1", "--no-browser"]) == 1
    for sign, handler in handlers.items():
        signal.signal(sign, handler)
    assert "cannot listen on 192.0.2.1:8000" in capsys.readouterr().err


def test_help_names_every_option():
    text = make_parser().format_help()
    assert all(
        f"--{option}" in text for option in ("host", "port", "no-browser", "dataset", "seed")
    )
