"""Every control and quantity in one sentence, with its formula: `glossary.toml`.

One text for the tooltip, the screen reader and the page /glossary.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Term:
    """`where` selects the elements of the page that it explains; empty: none."""

    name: str
    title: str
    says: str
    formula: str = ""
    where: str = ""


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


def explanations() -> list[dict[str, str]]:
    """What the page is given: the terms that explain some of its elements."""
    return [
        {"name": term.name, "where": term.where, "words": f"{term.says} {term.formula}".strip()}
        for group in glossary()
        for term in group.terms
        if term.where
    ]
