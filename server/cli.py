"""The command `backprop-live`: starts the server and opens the page."""

import argparse
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from server.lessons import Lesson

# Worker processes import this module too, where they are spawned: the rest is imported in `main`.

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
PORTS_TO_TRY = 100
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def make_parser() -> argparse.ArgumentParser:
    """The options, with help that a teacher understands."""
    parser = argparse.ArgumentParser(
        prog="backprop-live",
        description=(
            "Watch a neural network learn, live in the browser. The command starts a small web "
            "server on this computer and opens its page, on which a network is training: every "
            "weight, activation and gradient can be seen, and everything can be changed while it "
            "runs. Nothing is sent anywhere else, and no internet connection is needed."
        ),
        epilog="Press Ctrl-C in this window to end it.",
    )
    parser.add_argument(
        "--host",
        type=lambda text: text or DEFAULT_HOST,
        default=DEFAULT_HOST,
        metavar="ADDRESS",
        help="who can reach the page: 127.0.0.1, the default, is this computer alone; 0.0.0.0 is "
        "everybody on the same network, such as the students in a classroom",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        metavar="NUMBER",
        help=f"the number after the colon in the page's address (default {DEFAULT_PORT}); when it "
        "is taken, the next free one is used",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="do not open the page; its address is printed in any case",
    )
    parser.add_argument(
        "--dataset",
        type=_dataset,
        metavar="NAME",
        help="what the first network learns (default moons): a shape such as circle, xor, spiral, "
        "or a table such as penguins, iris, digits; an unknown name lists them all",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        metavar="NUMBER",
        help="the same number gives the same data, initial weights and training, so that everybody "
        "in a room sees the same (default 0)",
    )
    parser.add_argument(
        "--lesson",
        type=_lesson,
        metavar="NAME",
        help="open this lesson, such as learning-rate, or one of your own: the path of its file; "
        "an unknown name lists them all",
    )
    return parser


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a whole number, {low} to {high}")
    return int(text)


def _port(text: str) -> int:
    return _whole(text, 0, 65535)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**32 - 1)


def _dataset(text: str) -> str:
    from engine.datasets import datasets

    if text not in datasets:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected one of {', '.join(datasets)}")
    return text


def _lesson(text: str) -> "Lesson":
    from pathlib import Path

    from server.lessons import LessonError, read, shipped

    if text in shipped():
        return shipped()[text]
    if not text.endswith(".md"):
        names = ", ".join(shipped())
        raise argparse.ArgumentTypeError(
            f"got {text!r}, expected one of {names}, or the path of a file that ends in .md"
        )
    try:
        return read(Path(text))
    except FileNotFoundError:
        raise argparse.ArgumentTypeError(f"there is no file {text!r}") from None
    except (LessonError, OSError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on that port, or on the next that is free. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    last = min(port + PORTS_TO_TRY, 65536) if port else 1
    for candidate in range(port, last):
        # asyncio sends small messages at once only where the socket says that it speaks TCP;
        # else a message waits, for some 40 ms, until the one before it is acknowledged.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere this would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], candidate, *address[2:]))
            listener.listen(128)
        except OSError as error:
            listener.close()
            taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
            if not taken or candidate == last - 1:
                raise
        else:
            return listener
    raise OSError(errno.EADDRINUSE, f"no free port from {port} on")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    for sign in SIGNALS:
        signal.signal(sign, _terminate)
    try:
        return _serve(make_parser().parse_args(arguments))
    finally:
        for sign in SIGNALS:
            signal.signal(sign, signal.SIG_IGN)  # it has ended


def _terminate(*_: Any) -> NoReturn:
    """A signal before the server runs, or right after."""
    raise SystemExit(0)


def _serve(options: argparse.Namespace) -> int:
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"backprop-live cannot listen on {where}: {error.strerror or error}", file=sys.stderr)
        return 1
    from server.app import create_app
    from server.gate import own_address, served_hosts
    from server.hub import Hub
    from server.lessons import shipped
    from server.serve import Server, raise_file_limit

    port = listener.getsockname()[1]
    if options.port not in (0, port):
        print(f"Port {options.port} is taken, using {port}.", flush=True)
    start = {name: getattr(options, name) for name in ("dataset", "seed")}
    lesson: Lesson | None = options.lesson
    hub = Hub()
    app = create_app(
        hub,
        hosts=served_hosts(options.host, port),
        start={name: value for name, value in start.items() if value is not None},
        lessons=shipped() | ({lesson.name: lesson} if lesson else {}),
    )
    everywhere = options.host in ("0.0.0.0", "::")
    shown = "127.0.0.1" if everywhere else options.host
    url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    if lesson:
        url += f"?lesson={lesson.name}"
    print(f"backprop-live is at {url} (Ctrl-C ends it)", flush=True)
    if everywhere and (address := own_address()):
        print(f"For others on this network: {url.replace(shown, address, 1)}", flush=True)
    if not options.no_browser:
        # The socket listens already: the browser waits for the server, not the other way round.
        threading.Thread(target=_open_browser, args=(url,), daemon=True).start()
    raise_file_limit()
    Server(app, hub).run(sockets=[listener])
    return 0


def _open_browser(url: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
