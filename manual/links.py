"""Links of Markdown pages: read, and made to lead to where their targets stand in the manual."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# Where the files that are no page of the manual can be read.
SOURCE = "https://github.com/massive-kit/massive-kit/blob/main"
_LINK = re.compile(r"(!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\()([^)\s]+)(\))")
_OUTSIDE = re.compile(r"[a-z]+:|//")
_FENCE = re.compile(r"^ *(```+|~~~+)")
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1(?!`)")
_HEADING = re.compile(r"^#{1,6} +(.*?)(?: +#+)?$")
_MARKUP = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)|[`*]")


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a page that are not of a code block, with their numbers from 0."""
    fence = ""
    for number, line in enumerate(text.split("\n")):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            continue
        yield number, line


@dataclass(frozen=True, slots=True)
class Link:
    """A link or a picture of a page.

    Attributes:
        line: Its line, from 1.
        words: What is read.
        target: What it leads to, anchor included.
    """

    line: int
    words: str
    target: str


def links(text: str) -> Iterator[Link]:
    """The links and pictures of a page; what looks like one in code is none."""
    for number, line in prose(text):
        for match in _links(line):
            yield Link(number + 1, match[2], match[3])


def is_outside(target: str) -> bool:
    """Whether a link leads to another site, or to a mail address."""
    return _OUTSIDE.match(target) is not None


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: dict[str, int] = {}
    names = set()
    for _, line in prose(text):
        heading = _HEADING.match(line)
        if heading is None:
            continue
        name = slug(heading[1])
        again = seen.get(name, 0)
        seen[name] = again + 1
        names.add(f"{name}-{again}" if again else name)
    return names


def slug(heading: str) -> str:
    """The anchor of a heading."""
    plain = _MARKUP.sub(lambda match: match[1] or "", heading)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def relinked(text: str, source: str, place: str, pages: Mapping[str, str]) -> str:
    """A page of the repository with links that hold in the manual.

    Args:
        text: Its Markdown.
        source: Its file in the repository.
        place: Its file in the manual.
        pages: Where each file of the repository that is a page stands in the manual.
    """

    def lead(target: str) -> str:
        path, mark, anchor = target.partition("#")
        if is_outside(target) or not path:
            return target
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file.startswith("docs/images/"):
            return between(place, file.removeprefix("docs/"))
        if file in pages:
            return between(place, pages[file]) + mark + anchor
        return f"{SOURCE}/{file}{mark}{anchor}"

    return with_links(text, lead)


def with_links(text: str, lead: Callable[[str], str]) -> str:
    """A page whose links lead elsewhere.

    Args:
        text: Its Markdown.
        lead: Gives the new target of a link.
    """
    lines = text.split("\n")
    for number, line in prose(text):
        # From the end, so that the places of those before stay.
        for match in reversed([*_links(line)]):
            start, end = match.span(3)
            lines[number] = lines[number][:start] + lead(match[3]) + lines[number][end:]
    return "\n".join(lines)


def _links(line: str) -> Iterator[re.Match[str]]:
    code = [match.span() for match in _CODE.finditer(line)]
    for match in _LINK.finditer(line):
        if not any(start <= match.start(3) < end for start, end in code):
            yield match


def between(page: str, target: str) -> str:
    """The relative link from one file of the manual to another."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")
