"""Checks at build that every link of the site leads somewhere."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection
from urllib.parse import unquote

from massive_kit.errors import Problem

# A path from the top of the site without `.`, `..` or `%20` in it.
_PLAIN = re.compile(r"(?:[a-z0-9_-][a-z0-9_.@-]*/)*[a-z0-9_-][a-z0-9_.@-]*", re.IGNORECASE)
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


class LinkCheck:
    """Collects the links and anchors of pages as they are made."""

    def __init__(self) -> None:
        self._targets: dict[str, str] = {}
        self._ids: dict[str, frozenset[str]] = {}
        self._twice: list[Problem] = []

    def page(self, path: str, text: str) -> None:
        """Notes the links and anchors of a page."""
        ids = _values(text, "id")
        if len(ids) != len(set(ids)):
            again = sorted({name for name in ids if ids.count(name) > 1})
            self._twice.append(Problem(path, f"ids that occur twice: {', '.join(again[:5])}"))
        self._ids[path] = frozenset(ids)
        for raw in {*_values(text, "href"), *_values(text, "src")}:
            link = html.unescape(raw) if "&" in raw else raw
            if not _OUTSIDE.match(link):
                # One page for each target is enough to tell where to look.
                self._targets.setdefault(_resolved(path, link), path)

    def add(self, other: LinkCheck) -> None:
        """Adds what was noted elsewhere."""
        self._targets = {**other._targets, **self._targets}
        self._ids |= other._ids
        self._twice += other._twice

    def problems(self, files: Collection[str]) -> list[Problem]:
        """What leads nowhere, given all files of the site."""
        problems = list(self._twice)
        for target, page in sorted(self._targets.items()):
            path, _, anchor = target.partition("#")
            if path not in files:
                problems.append(Problem(page, f"a link to {path}, which does not exist"))
            elif anchor and path in self._ids and anchor not in self._ids[path]:
                problems.append(Problem(page, f"a link to {target}; the page has no such anchor"))
        return problems


def _values(text: str, attribute: str) -> list[str]:
    # The renderer escapes quotes in text, so that these can only be attributes; splitting is
    # several times quicker than a pattern, and a large board has half a gigabyte of pages.
    return [part[: part.index('"')] for part in text.split(f' {attribute}="')[1:]]


def _resolved(page: str, link: str) -> str:
    depth = page.count("/")
    inside = link.removeprefix("../" * depth)
    if depth and len(inside) < len(link) and _PLAIN.fullmatch(inside):
        # Most links go back to the top first, and there is no need to look at each part.
        return inside
    path, hash_sign, anchor = link.partition("#")
    path = unquote(path.partition("?")[0])
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return target + hash_sign + unquote(anchor)
