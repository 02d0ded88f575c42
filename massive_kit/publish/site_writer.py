"""Writes the pages of a site and all that lies beside them, and keeps count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from massive_kit.errors import Problem
from massive_kit.publish import links, paths, tables
from massive_kit.publish.page import Content, Page
from massive_kit.publish.rendering import Renderer


class SiteWriter:
    """Writes into a new folder; each page is let go once it is written.

    Args:
        folder: The folder.
        renderer: Renders the pages.

    Attributes:
        pages: How many pages were written.
        listed: Those that the sitemap lists.
        sizes: All files that were written, with their bytes.
    """

    def __init__(self, folder: Path, renderer: Renderer) -> None:
        self._folder = folder
        self._renderer = renderer
        self._check = links.LinkCheck()
        self._made: set[Path] = set()
        self.pages = 0
        self.listed: list[str] = []
        self.sizes: dict[str, int] = {}

    def write_page(self, page: Page) -> None:
        """Writes a page with its tables and files."""
        html = self._renderer.render(page)
        self.write(page.path, html)
        self._check.page(page.path, html)
        for name, text in _table_files(page):
            self.write(name, text)
        self.write_files(page.files)
        self.pages += 1
        if page.listed:
            self.listed.append(page.path)

    def write_files(self, files: Mapping[str, Content]) -> None:
        """Writes files by their path in the site; what is large is made here."""
        for name, file_content in files.items():
            self.write(name, file_content() if callable(file_content) else file_content)

    def write(self, name: str, text: str | bytes) -> None:
        """Writes one file."""
        path = self._folder / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        self.sizes[name] = path.write_bytes(text.encode() if isinstance(text, str) else text)

    def broken_links(self) -> list[Problem]:
        """What links of the pages lead nowhere, given all files written so far."""
        return self._check.problems(self.sizes)


def _table_files(page: Page) -> Iterator[tuple[str, str]]:
    stem = paths.stem(page.path)
    for table in page.tables:
        yield f"{stem}.{table.name}.csv", tables.to_csv(table)
        yield f"{stem}.{table.name}.json", tables.to_json(table)
