"""Builds the site: all pages, all files, links checked, put in place at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from massive_kit import content
from massive_kit.breakdown.chosen_means import MeanMaker
from massive_kit.errors import SubmissionError, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.languages import LanguageTable
from massive_kit.publish import feeds
from massive_kit.publish.board_model import BoardModel, RankedSection, newest, sections_of
from massive_kit.publish.forecasts import load_forecasts
from massive_kit.publish.ranking import rank
from massive_kit.publish.rendering import Renderer
from massive_kit.publish.replicates import statistics
from massive_kit.publish.results import load_results
from massive_kit.publish.shared_work import write_pages
from massive_kit.publish.site_writer import SiteWriter
from massive_kit.schema.board import load_board

# Tells a site that may be replaced from a folder that may not.
_MARKER = ".massive-kit-site"


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """What a build made."""

    folder: Path
    pages: int
    files: int
    bytes: int
    systems: int


def load_model(root: Path, base_url: str = "", results: Path | None = None) -> BoardModel:
    """What a leaderboard folder (`board.yaml`, `results/`) says.

    Args:
        root: The folder.
        base_url: Where the site will stand.
        results: A results tree in the place of the folder's own.

    Raises:
        ConfigError: The board is wrong.
        SubmissionError: Results are wrong.
    """
    board = load_board(root / "board.yaml")
    extra = Path(board.languages) if board.languages else None
    tree = results or root / "results"
    entries = load_results(tree)
    languages = LanguageTable.load(extra)
    maker = MeanMaker(languages, board.metric)
    sections = []
    for section, versions in sections_of(board, entries):
        members = newest(versions)
        known = statistics(members, board.metric, maker)
        standings = rank(members, board, known.bands)
        sections.append(
            RankedSection(section, standings, known.bands, known.means, tuple(versions))
        )
    if base_url and not base_url.endswith("/"):
        base_url += "/"
    forecasts = load_forecasts(root, entries, board.metric)
    every = tuple(sections), tuple(entries)
    return BoardModel(board, base_url, languages, *every, root, tree, forecasts)


def build(root: Path, out: Path, base_url: str = "", results: Path | None = None) -> BuiltSite:
    """Builds the site of the leaderboard at `root` in `out`.

    The old site stays until the new one is whole. The same input gives the same bytes.

    Args:
        root: A leaderboard folder, as `load_model` reads it.
        out: The folder of the site.
        base_url: Where the site will stand.
        results: A results tree in the place of the folder's own.

    Raises:
        ConfigError: The board is wrong.
        SubmissionError: Results are wrong, or a link of the site leads nowhere.
        UsageError: `out` holds something else than a site.
    """
    _may_replace(out)
    with _collector_paused():
        model = load_model(root, base_url, results)
        with atomic_folder(out) as folder:
            writer = SiteWriter(folder, Renderer(model, root))
            write_pages(model, writer)
            writer.write(_MARKER, "")
            writer.write_files(feeds.feed_files(model, writer.written.listed))
            writer.write_files(_assets(root))
            if problems := writer.broken_links():
                raise SubmissionError("links of the site lead nowhere", problems)
    sizes = writer.written.sizes.values()
    return BuiltSite(out, writer.written.pages, len(sizes), sum(sizes), len(model.versions))


def _assets(root: Path) -> dict[str, bytes]:
    """The files that pages load; a board's own go before the shipped ones."""
    folders = (content.installed_root() / "leaderboard" / "assets", root / "assets")
    return {
        f"assets/{source.name}": source.read_bytes()
        for folder in folders
        for source in (sorted(folder.glob("*")) if folder.is_dir() else ())
        if source.is_file()
    }


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without the collector of cycles: a board has none, and the search took a sixth of a build."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _may_replace(out: Path) -> None:
    # The old folder goes when the new one is whole; `--out .` must not delete someone's work.
    if out.exists() and any(out.iterdir()) and not (out / _MARKER).is_file():
        raise UsageError(f"{out} holds something else than a site; name a new or empty folder")
