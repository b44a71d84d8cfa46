"""Where in a piece of TOML each value stands: `tomllib` gives values without their lines."""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The way to a value: names of tables and keys, numbers of a list's entries."""

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)
    | (?P<text>\"""(?:\\.|[^\\])*?\"""|'''.*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    | (?P<sign>[][{},=\n])
    | (?P<word>[^][\s{},=#"']+|.)""",
    re.VERBOSE | re.DOTALL,
)


def places(text: str) -> dict[Path, int]:
    """The line of every table, key and list entry of valid TOML; lines count from 0."""
    return _Scan(text).document()


def unclosed(text: str) -> int | None:
    """The line of the last bracket that is open at the end of `text`."""
    open_at: list[int] = []
    for kind, token, line in _tokens(text):
        if kind != "sign":
            continue
        if token in "[{":
            open_at.append(line)
        elif token in "]}" and open_at:
            open_at.pop()
    return open_at[-1] if open_at else None


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 0
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        if kind != "blank":
            yield kind, token, line
        line += token.count("\n")


class _Scan:
    """Reads tokens from left to right and notes the line of each value's beginning."""

    def __init__(self, text: str) -> None:
        self.tokens = [*_tokens(text), ("sign", "", text.count("\n"))]
        self.at = 0
        self.found: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}
        """How many of each [[list of tables]] there have been."""

    def document(self) -> dict[Path, int]:
        start: Path = ()
        while self.token:
            if self.skip("\n"):
                continue
            if self.skip("["):
                start = self.header(many=self.skip("["))
            else:
                self.pair(start)
        return self.found

    @property
    def token(self) -> str:
        return self.tokens[self.at][1]

    @property
    def line(self) -> int:
        return self.tokens[self.at][2]

    def skip(self, token: str) -> bool:
        """Go past the token if it stands here."""
        here = self.token == token
        self.at += here
        return here

    def header(self, *, many: bool) -> Path:
        line, path = self.line, Path()
        for name in self.names("]"):
            path += (name,)
            if path in self.tables:
                path += (self.tables[path] - 1,)
        if many:
            path = path[:-1] if path[:-1] in self.tables else path
            self.found.setdefault(path, line)
            self.tables[path] = self.tables.get(path, 0) + 1
            path += (self.tables[path] - 1,)
            self.skip("]")
        self.found.setdefault(path, line)
        return path

    def names(self, end: str) -> list[str]:
        """The parts of a dotted key, up to and past the sign that ends it."""
        parts: list[str] = []
        while self.token and not self.skip(end):
            kind, token, _ = self.tokens[self.at]
            parts += [token[1:-1]] if kind == "text" else filter(None, token.split("."))
            self.at += 1
        return parts

    def pair(self, start: Path) -> None:
        line, path = self.line, start
        for name in self.names("="):
            path += (name,)
            self.found.setdefault(path, line)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.skip("["):
            number = 0
            while self.token and not self.skip("]"):
                if self.skip("\n") or self.skip(","):
                    continue
                self.found[*path, number] = self.line
                self.value((*path, number))
                number += 1
        elif self.skip("{"):
            while self.token and not self.skip("}"):
                if not (self.skip("\n") or self.skip(",")):
                    self.pair(path)
        else:
            while self.token and self.token not in ",]}\n":
                self.at += 1
