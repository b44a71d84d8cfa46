"""Names for kinds: every activation, loss, initialiser and optimizer registers itself under one.

The page's menus, the tests and the documentation all read these tables, so that adding a kind is
writing one class in one file.
"""

from collections.abc import Callable
from typing import TypeVar

Kind = TypeVar("Kind")


class Registry(dict[str, type[Kind]]):
    """A mapping name → class, in the order in which menus show it."""

    def __init__(self, what: str) -> None:
        """`what` is the word for one entry, used in error messages ("activation")."""
        super().__init__()
        self.what = what

    def register(self, name: str) -> Callable[[type[Kind]], type[Kind]]:
        """Class decorator: enters the class under `name` and gives it that name."""

        def enter(kind: type[Kind]) -> type[Kind]:
            kind.name = name  # type: ignore[attr-defined]
            self[name] = kind
            return kind

        return enter

    def find(self, name: object, field: str | None = None) -> type[Kind]:
        """The class called `name`.

        Raises ValueError naming the field, what came and what is allowed.
        """
        if not isinstance(name, str) or name not in self:
            allowed = ", ".join(self)
            raise ValueError(f"{field or self.what}: got {name!r}, expected one of {allowed}")
        return self[name]
