"""Every control and quantity in one sentence, with its formula: `glossary.toml`.

One text for the tooltip, the screen reader and the page /glossary.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Term:
    """It explains the elements that `where` selects, and labels that read as one of `signs`."""

    name: str
    title: str
    says: str
    formula: str = ""
    where: str = ""
    signs: Sequence[str] = ()


@dataclass(frozen=True)
class Group:
    """Terms that belong together."""

    title: str
    terms: tuple[Term, ...]


@cache
def glossary() -> tuple[Group, ...]:
    """All groups, in the order of the page /glossary."""
    text = Path(__file__).with_name("glossary.toml").read_text("utf-8")
    return tuple(
        Group(group["title"], tuple(Term(**term) for term in group["terms"]))
        for group in tomllib.loads(text)["group"]
    )


def explanations() -> list[dict[str, Any]]:
    """What the page is given: the terms that explain some of its elements."""
    return [
        {
            "name": term.name,
            "where": term.where,
            "signs": list(term.signs),
            "words": f"{term.says} {term.formula}".strip(),
        }
        for group in glossary()
        for term in group.terms
        if term.where or term.signs
    ]
