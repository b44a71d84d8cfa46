"""Where the page's files are: inside the package when installed, beside it in a checkout."""

from pathlib import Path

_HERE = Path(__file__).parent


def _folder(name: str) -> Path:
    inside = _HERE / name
    return inside if inside.is_dir() else _HERE.parent / name


STATIC = _folder("static")
TEMPLATES = _folder("templates")
