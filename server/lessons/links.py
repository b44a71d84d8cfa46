"""Links of a lesson that lead within the program: to its pages, and to terms of the glossary."""

from difflib import get_close_matches
from urllib.parse import urlsplit

from server.glossary import glossary

PAGES = ("/", "/glossary", "/protocol")


def broken(target: str) -> str | None:
    """What is wrong with the target of a link, in words; None where it is there, or elsewhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    page = "/" + parts.path.lstrip("/")
    terms = [term.name for group in glossary() for term in group.terms]
    if page not in PAGES or not parts.path:
        return f"got {target!r}, expected {', '.join(PAGES)}"
    if page != "/glossary" or not parts.fragment or parts.fragment in terms:
        return None
    near = [f"#{name}" for name in get_close_matches(parts.fragment, terms)]
    return f"got {target!r}, expected {', '.join(near) or 'a term of /glossary'}"
