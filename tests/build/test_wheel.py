"""The wheel, as a user gets it: complete, and at work without Node and without the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests import live

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ("uPlot.esm.js", "uPlot.min.css", "uPlot.LICENSE.txt")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; returns what it printed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of the tree and the wheel made from that sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


def tree(*folders: str) -> set[str]:
    """Return the files below folders of the checkout that a user needs at run time."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def test_the_wheel_is_complete(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert tree("engine", "server") <= names
    assert {f"server/{name}" for name in tree("static", "templates")} <= names
    assert {f"server/static/vendor/{name}" for name in VENDOR} <= names
    assert any(name.startswith("engine/datasets/files/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"engine", "server"}


def test_the_sdist_is_complete(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    made_by_the_build = {name for name in names if name.startswith("static/vendor/")}
    assert not made_by_the_build
    own = {name for name in tree("static") if not name.startswith("static/vendor/")}
    assert tree("engine", "server", "templates") | own <= names
    assert {"README.md", "LICENSE", "Makefile", "hatch_build.py", "package-lock.json"} <= names


def test_an_installed_wheel_trains_from_an_empty_folder_without_node(
    wheel: Path, tmp_path: Path
) -> None:
    home, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(home, with_pip=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip = (programs / "python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", wheel, cwd=empty)
    command = (str(programs / "backprop-live"),)
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    bare["PATH"] = str(empty)
    with live.server(tmp_path / "log.txt", command, cwd=empty, env=bare) as url:
        status, kind, page = live.get(f"{url}/")
        assert (status, kind.partition(";")[0]) == (200, "text/html")
        loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.decode()))
        assert loaded
        for name in loaded | {f"/static/vendor/{name}" for name in VENDOR}:
            status, _, body = live.get(url + name)
            assert (status, bool(body)) == (200, True), name
        with live.viewer(url) as seen:
            assert seen.frame is not None
            assert seen.frame.tensors["parameters"].size == seen.topology["parameters"]
            first = seen.frame.meta["step"]
            seen.send(type="play")
            seen.wait(lambda: seen.frame is not None and seen.frame.meta["step"] > first)
