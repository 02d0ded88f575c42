"""The navigation: the sections of the first page, and what is made from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from manual.commands import FOLDER as COMMANDS
from manual.files import FOLDER as FILES
from manual.links import is_outside, links
from manual.python_face import PAGE as PYTHON
from manual.sections import SECTIONS
from manual.tables import toctree

INDEX = "index.md"
# What is made from the code, or has a page of its own in the manual alone, by section.
_GENERATED: Mapping[str, Sequence[tuple[str, str]]] = {
    "Look it up": (
        ("Commands and their options", f"{COMMANDS}/index.md"),
        ("Files: tasks, recipes, manifests, scores", f"{FILES}/index.md"),
        ("From Python", PYTHON),
        *((section.title, section.place) for section in SECTIONS),
    )
}
_SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)


def navigation(index: str) -> str:
    """The first page with all that it leads to, in the order in which it stands there."""
    head, *parts = _SECTION.split(index)
    sections = [head.rstrip()]
    trees = []
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        generated = [f"- [{words}]({place})" for words, place in _GENERATED.get(title, ())]
        body = "\n".join([text.strip(), *generated]).strip()
        sections.append(f"## {title}\n\n{body}")
        trees.append(toctree(_entries(body), title))
    return "\n\n".join([*sections, *trees]) + "\n"


def _entries(section: str) -> Iterator[str]:
    for link in links(section):
        if not is_outside(link.target):
            yield f"{link.words.replace('`', '')} <{link.target}>"
