"""Sections that have a page of their own in the manual, and stand elsewhere in the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass

from manual.links import between, with_links


@dataclass(frozen=True, slots=True)
class Section:
    """A section that is moved to a page of its own.

    Attributes:
        page: The page of the manual that it stands on.
        heading: Its heading there.
        place: Its own page.
        title: What that page is called.
    """

    page: str
    heading: str
    place: str
    title: str


SECTIONS = (
    Section("submissions.md", "The rules", "reference/rules.md", "The rules of validation"),
    Section("architecture.md", "Glossary", "reference/glossary.md", "Glossary"),
)


def moved(texts: dict[str, str]) -> dict[str, str]:
    """The pages of the manual, each section on its own; a link stays where it stood.

    Raises:
        ValueError: A page lacks the section.
    """
    moved_texts = dict(texts)
    for section in SECTIONS:
        text = moved_texts[section.page]
        pattern = rf"^## {re.escape(section.heading)}\n(.*?)(?=^## |\Z)"
        stands = re.search(pattern, text, re.DOTALL | re.MULTILINE)
        if stands is None:
            raise ValueError(f"{section.page} has no section {section.heading!r}")
        link = f"[{section.title}]({between(section.page, section.place)})"
        left = f"## {section.heading}\n\nOn a page of their own: {link}.\n\n"
        moved_texts[section.page] = text[: stands.start()] + left + text[stands.end() :]
        moved_texts[section.place] = f"# {section.title}\n\n{_from(section, stands[1]).strip()}\n"
    return moved_texts


def _from(section: Section, text: str) -> str:
    """The text with links that hold on the section's own page."""

    def lead(target: str) -> str:
        path, mark, anchor = target.partition("#")
        if "://" in target:
            return target
        return between(section.place, path or section.page) + mark + anchor

    return with_links(text, lead)
