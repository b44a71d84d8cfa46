"""The rules of the house: who imports whom, how long a file is, what the page may ask for."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 300
LONGER_FOR_A_REASON = {"static/protocol.js": "written by server/protocol, one type per message"}
SOURCES = {".py", ".js", ".css", ".html", ".jinja"}
HOSTS_IN_NAMESPACES = {"www.w3.org"}


def files(*folders: str) -> list[Path]:
    """Return the project's own source files below the folders, without what a build put there."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    return [
        path
        for path in found
        if path.suffix in SOURCES and not {"vendor", "artifacts"} & set(path.parts)
    ]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(package: str) -> dict[str, Path]:
    """Return the package's modules by dotted name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path) -> Iterator[str]:
    """Yield every dotted name that a module imports, wherever in the file it does so.

    ``from a import b`` yields ``a.b``: whether that is a module or a name in one, the caller
    can tell. What is imported for type annotations alone counts as well.
    """
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [node.module])]) if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("package", "allowed"), [("engine", {"numpy"}), ("server", None)])
def test_arrows_point_from_server_to_engine_only(package: str, allowed: set[str] | None) -> None:
    seen = {
        (module, name.partition(".")[0])
        for module, path in modules(package).items()
        for name in imports(module, path)
    }
    assert seen, f"{package}/ has no modules"
    if allowed is None:
        assert not [(module, name) for module, name in seen if name in ("tests", "static")]
    else:
        permitted = allowed | {package} | sys.stdlib_module_names
        assert not [(module, name) for module, name in seen if name not in permitted]


@pytest.mark.parametrize("package", ["engine", "server"])
def test_imports_run_one_way(package: str) -> None:
    known = modules(package)
    graph = {
        module: {
            target
            for name in imports(module, path)
            # `from engine.losses import Huber` depends on engine.losses, which is a module
            for target in [name if name in known else name.rpartition(".")[0]]
            if target in known and target != module
        }
        for module, path in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def test_files_stay_short_enough_to_hold_one_idea() -> None:
    paths = files("engine", "server", "static", "templates", "tests")
    lengths = {named(path): len(path.read_text("utf-8").splitlines()) for path in paths}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert too_long.keys() <= LONGER_FOR_A_REASON.keys(), too_long


def test_the_page_loads_nothing_from_another_host() -> None:
    address = re.compile(r"(?:https?:|wss?:|[\"'(])//([\w.-]+\.\w+)")
    comment = re.compile(r"/\*.*?\*/|\{#.*?#\}|<!--.*?-->|(?<![:\"'`])//[^\n]*", re.DOTALL)
    link = re.compile(r"<a\s[^>]*>")  # followed by the reader, never by the page
    strangers = {
        (named(path), host)
        for path in files("static", "templates")
        for host in address.findall(link.sub("", comment.sub("", path.read_text("utf-8"))))
        if host not in HOSTS_IN_NAMESPACES
    }
    assert not strangers


def test_nothing_is_left_to_do() -> None:
    note = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]))
    paths = files("engine", "server", "static", "templates", "tests")
    assert not [named(path) for path in paths if note.search(path.read_text("utf-8"))]


def test_the_lock_serves_every_platform_and_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert "resolved" not in text
    locked = json.loads(text)["packages"]
    optional = {
        f"node_modules/{name}"
        for package in locked.values()
        for name in package.get("optionalDependencies", {})
    }
    assert optional <= locked.keys()


def test_the_client_in_the_readme_runs(base_url: str, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    section = re.search(r"^#+ [^\n]*client[^\n]*\n(.*?)(?=^#+ |\Z)", readme, re.M | re.S | re.I)
    assert section, "README.md has no heading that names the client"
    block = re.search(r"```python\n(.*?)```", section[1], re.S)
    assert block, "no ```python block below that heading"
    host = base_url.removeprefix("http://")
    client, replaced = re.subn(r"(?:127\.0\.0\.1|localhost):8000", host, block[1])
    assert replaced, "the client names no server to connect to"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", client],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip(), "the client prints what it has read"
