"""Writes the pages of a site and all that lies beside them, and keeps count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from massive_kit.errors import Problem, SubmissionError
from massive_kit.publish import paths, tables
from massive_kit.publish.links import LinkCheck
from massive_kit.publish.page import Content, Page
from massive_kit.publish.rendering import Renderer


@dataclass(slots=True)
class Written:
    """What was written.

    Attributes:
        pages: How many pages.
        listed: Those that the sitemap lists.
        sizes: All files, with their bytes.
        check: The links and anchors of the pages.
    """

    pages: int = 0
    listed: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    check: LinkCheck = field(default_factory=LinkCheck)

    def add(self, other: Written) -> None:
        """Adds what was written elsewhere.

        Raises:
            SubmissionError: A file was written here, too.
        """
        if twice := self.sizes.keys() & other.sizes.keys():
            raise _written_twice(sorted(twice))
        self.pages += other.pages
        self.listed += other.listed
        self.sizes |= other.sizes
        self.check.add(other.check)


class SiteWriter:
    """Writes into a new folder; each page is let go once it is written.

    Args:
        folder: The folder.
        renderer: Renders the pages.

    Attributes:
        written: What was written so far.
    """

    def __init__(self, folder: Path, renderer: Renderer) -> None:
        self.written = Written()
        self._folder = folder
        self._renderer = renderer
        self._folders: set[Path] = set()

    def write_pages(self, pages: Iterable[Page]) -> None:
        """Writes pages, each with its tables and files."""
        for page in pages:
            html = self._renderer.render(page)
            self.write(page.path, html)
            self.written.check.page(page.path, html)
            for name, text in _table_files(page):
                self.write(name, text)
            self.write_files(page.files)
            self.written.pages += 1
            if page.listed:
                self.written.listed.append(page.path)

    def write_files(self, files: Mapping[str, Content]) -> None:
        """Writes files by their path in the site; what is large is made here."""
        for name, file_content in files.items():
            self.write(name, file_content() if callable(file_content) else file_content)

    def write(self, name: str, text: str | bytes) -> None:
        """Writes one file.

        Raises:
            SubmissionError: Another one was written under the same name.
        """
        if name in self.written.sizes:
            raise _written_twice([name])
        path = self._folder / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        encoded = text.encode() if isinstance(text, str) else text
        self.written.sizes[name] = path.write_bytes(encoded)

    def broken_links(self) -> list[Problem]:
        """What links of the pages lead nowhere, given all files written so far."""
        return self.written.check.problems(self.written.sizes)


def _written_twice(names: Sequence[str]) -> SubmissionError:
    todo = "rename what one of them is of, such as a system or a group"
    problems = [Problem(name, "two files of the site have this name", todo=todo) for name in names]
    return SubmissionError("files of the site would replace each other", problems)


def _table_files(page: Page) -> Iterator[tuple[str, str]]:
    stem = paths.stem(page.path)
    for table in page.tables:
        yield f"{stem}.{table.name}.csv", tables.to_csv(table)
        yield f"{stem}.{table.name}.json", tables.to_json(table)
