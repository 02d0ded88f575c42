"""What changed on the board, newest first, from the git history of its folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.history import FolderCommit, FolderHistory, history_of, touched
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_link, safe_text

NAV = NavEntry(7, "changes", "Changes", "changes.html")
_SETTINGS = "board.yaml"
_SHORT_HASH, _LONGEST = 9, 100
_CHANGE = BoardColumn("change", "Change", "text", ("change",))
_SECTION = BoardColumn("section", "Section", "text", ("section",))
_COMMIT = BoardColumn("commit", "Commit", "text", ("commit", "subject"))


@dataclass(frozen=True, slots=True)
class VersionChange:
    """Something that happened to a version of a system.

    Attributes:
        day: When, as `YYYY-MM-DD`.
        what: `added`, `changed`, `removed`, ...
        name: The folder of the version, `<system>/<version>`.
        commit: What did it; `None` where that is not committed.
    """

    day: str
    what: str
    name: str
    commit: FolderCommit | None


def pages(model: BoardModel) -> Iterator[Page]:
    """One page."""
    results, settings = history_of(model.results), history_of(model.root, _SETTINGS)
    tables = [systems_table(model, results)]
    if settings.commits:
        tables.append(settings_table(model, settings))
    yield Page(
        "changes.html",
        "changes.html",
        "What changed",
        NAV.key,
        tuple(tables),
        {"lacking": results.lacking, "shallow": results.shallow},
    )


def changes_of(model: BoardModel, results: FolderHistory) -> list[VersionChange]:
    """What happened to versions, newest first; those that are not committed yet come before."""
    changes = [
        VersionChange(commit.day, what, name, commit)
        for commit in results.commits
        for name, what in touched(commit, 2)
    ]
    committed = {change.name for change in changes}
    what = "not committed" if results.commits else "dated"
    fresh = [
        VersionChange(entry.manifest.date.isoformat(), what, name, None)
        for entry in model.versions
        if (name := _folder_name(entry)) not in committed
    ]
    fresh.sort(key=lambda change: change.name)
    fresh.sort(key=lambda change: change.day, reverse=True)
    return [*fresh, *changes]


def systems_table(model: BoardModel, results: FolderHistory) -> BoardTable:
    """What happened to versions, with the score of each."""
    entries = {_folder_name(entry): entry for entry in model.versions}
    metric, told = model.board.metric, bool(results.commits)
    columns = [
        shared_columns.DATE,
        BoardColumn("system", "System", "head", ("system",)),
        BoardColumn("version", "Version", "text", ("version",)),
        _SECTION,
        _CHANGE,
        cells.estimate_column(metric),
        *[_COMMIT] * told,
    ]
    rows = []
    for change in changes_of(model, results):
        entry = entries.get(change.name)
        ranked = model.section_of(entry) if entry else None
        section = ranked.section.title if ranked else ""
        system, _, version = change.name.partition("/")
        line = [
            _day(change.day),
            shared_columns.system(model, entry, "") if entry else cells.text(system),
            cells.text(version),
            cells.text(section),
            cells.text(change.what),
            cells.estimate(entry.headline(model.board) if entry else None),
            *[_commit_cell(model, change.commit)] * told,
        ]
        rows.append(BoardRow(line, {"section": section, "change": change.what}))
    return BoardTable(
        "systems",
        f"{counted(len(rows), 'change')}, newest first; {cells.in_sentence(metric)},"
        f" {cells.average_title(model.board.average)}, in percent",
        columns,
        rows,
        order=("date", "descending"),
        filters=filters_of(rows, {"section": _SECTION.title, "change": _CHANGE.title}),
        css="systems changes",
        search=len(rows) > shared_columns.FEW,
        title="Systems",
    )


def settings_table(model: BoardModel, settings: FolderHistory) -> BoardTable:
    """When the board's own rules changed: its sections, what ranks, its texts."""
    rows = [
        BoardRow([_day(commit.day), _commit_cell(model, commit)]) for commit in settings.commits
    ]
    return BoardTable(
        "settings",
        f"{counted(len(rows), 'change')} of what ranks, of sections and of texts ({_SETTINGS})",
        [BoardColumn("date", "Date", "head", ("date",), first="descending"), _COMMIT],
        rows,
        order=("date", "descending"),
        css="changes",
        title="The board itself",
    )


def _folder_name(entry: Entry) -> str:
    return f"{entry.manifest.system}/{entry.manifest.version}"


def _day(day: str) -> BoardCell:
    return BoardCell(Markup('<time datetime="{0}">{0}</time>').format(day), (day,), day)


def _commit_cell(model: BoardModel, commit: FolderCommit | None) -> BoardCell:
    if commit is None:
        return BoardCell(cells.MISSING, (None, None), None, "wrap")
    code = Markup("<code>{}</code>").format(commit.name[:_SHORT_HASH])
    if repository := safe_link(model.board.repository):
        address = f"{repository.rstrip('/')}/commit/{commit.name}"
        code = Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(
            address, code
        )
    subject = safe_text(commit.subject)
    shown = f"{subject[: _LONGEST - 1]}\u2026" if len(subject) > _LONGEST else subject
    html = Markup("{} <bdi>{}</bdi>").format(code, shown)
    return BoardCell(html, (commit.name, commit.subject), shown, "wrap")
