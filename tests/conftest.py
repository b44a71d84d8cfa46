"""What every folder of tests shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live

FOLDER = Path(__file__).parent
SLOW_LAST = {"browser": 1, "build": 2}  # a mistake in the engine should show before a page opens


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, and run the quick tests first."""

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(FOLDER).parts[0] if FOLDER in item.path.parents else ""

    for item in items:
        if folder(item) == "browser":
            item.add_marker(pytest.mark.browser)
        elif folder(item) == "build":
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: SLOW_LAST.get(folder(item), 0))


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real server, one for all tests, on a free loopback port."""
    with live.server(tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url
