"""The page's files: inside the package when installed, beside it in a checkout."""

import hashlib
import mimetypes
from os import PathLike, stat_result
from pathlib import Path

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

LASTING = {"cache-control": "public, max-age=31536000, immutable"}

mimetypes.add_type("text/javascript", ".js")  # Windows may have been told something else

_HERE = Path(__file__).parent


def _folder(name: str) -> Path:
    inside = _HERE / name
    return inside if inside.is_dir() else _HERE.parent / name


STATIC = _folder("static")
TEMPLATES = _folder("templates")


class Assets(StaticFiles):
    """Static files, each under two addresses.

    Under its plain path, where browsers check for changes each time. And under the version that
    `version` names: from memory, and what a browser has of it, it never asks for again. The page
    consists of more than a hundred files, which a class asks for at the same time.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder, self._version = folder, ""
        self._kept: dict[str, Response] = {}
        self.version()

    def version(self) -> str:
        """A name for the files as they are now: it differs where one was changed since."""
        files = sorted(path for path in self._folder.rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in files:
            found = path.stat()
            digest.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
        version = f"v{digest.hexdigest()[:16]}"
        if version != self._version:
            self._version = version
            self._kept = {
                f"/{version}/{path.relative_to(self._folder).as_posix()}": _lasting(path)
                for path in files
            }
        return version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        kept = self._kept.get(path) if scope.get("method") in ("GET", "HEAD") else None
        await (kept or super().__call__)(scope, receive, send)

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Checked for changes each time."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "no-cache"
        return response


def _lasting(path: Path) -> Response:
    kind, _ = mimetypes.guess_type(path.name)
    return Response(path.read_bytes(), media_type=kind, headers=LASTING)
