"""Builds the site: all pages, all files, links checked, put in place at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from massive_kit import content
from massive_kit.breakdown.chosen_means import MeanMaker
from massive_kit.errors import SubmissionError, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.languages import LanguageTable
from massive_kit.publish import feeds, links, paths, tables
from massive_kit.publish.board_model import BoardModel, RankedSection, newest, sections_of
from massive_kit.publish.pages import all_pages
from massive_kit.publish.ranking import rank
from massive_kit.publish.rendering import Renderer
from massive_kit.publish.replicates import statistics
from massive_kit.publish.results import load_results
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
    return BoardModel(board, base_url, languages, tuple(sections), tuple(entries), root, tree)


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
    model = load_model(root, base_url, results)
    renderer = Renderer(model, root)
    check = links.LinkCheck()
    count = 0
    with atomic_folder(out) as folder:
        listed = []
        for page in all_pages(model):
            html = renderer.render(page)
            _write(folder, page.path, html)
            check.page(page.path, html)
            stem = paths.stem(page.path)
            for table in page.tables:
                _write(folder, f"{stem}.{table.name}.csv", tables.to_csv(table))
                _write(folder, f"{stem}.{table.name}.json", tables.to_json(table))
            for name, file_content in page.files.items():
                made = file_content() if callable(file_content) else file_content
                _write(folder, name, made)
            if page.listed:
                listed.append(page.path)
            count += 1
        _write(folder, _MARKER, "")
        for name, text in feeds.feed_files(model, listed).items():
            _write(folder, name, text)
        for base in (content.installed_root() / "leaderboard" / "assets", root / "assets"):
            for source in sorted(base.glob("*")) if base.is_dir() else ():
                if source.is_file():
                    _write(folder, f"assets/{source.name}", source.read_bytes())
        written = [path for path in folder.rglob("*") if path.is_file()]
        problems = check.problems({path.relative_to(folder).as_posix() for path in written})
        if problems:
            raise SubmissionError("links of the site lead nowhere", problems)
        size = sum(path.stat().st_size for path in written)
    return BuiltSite(out, count, len(written), size, len(model.versions))


def _may_replace(out: Path) -> None:
    # The old folder goes when the new one is whole; `--out .` must not delete someone's work.
    if out.exists() and any(out.iterdir()) and not (out / _MARKER).is_file():
        raise UsageError(f"{out} holds something else than a site; name a new or empty folder")


def _write(folder: Path, name: str, text: str | bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
