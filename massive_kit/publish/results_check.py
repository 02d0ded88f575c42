"""Whether a results tree is whole, and only grew."""

from __future__ import annotations

from pathlib import Path

from massive_kit.errors import ContentError, Problem
from massive_kit.files.npz import read_arrays
from massive_kit.publish.entries import STATS, Entry
from massive_kit.publish.results import (
    FILES,
    MAX_BYTES,
    SCORES,
    SUMS,
    hash_lines,
    read_entry,
    version_folders,
)
from massive_kit.publish.revisions import changes_since


def check_results(root: Path, base_revision: str | None = None) -> list[Problem]:
    """What is wrong with a tree: schema, hashes, languages left out, changes since a revision.

    Args:
        root: The tree.
        base_revision: A git revision; what it holds must be here unchanged.

    Raises:
        UsageError: There is no such revision, or the tree is not in a repository.
    """
    problems: list[Problem] = []
    entries = []
    for folder in version_folders(root):
        problems += _layout(folder)
        entry = read_entry(folder, problems)
        problems += _hashes(folder, required=_scored_here(entry))
        problems += _statistics(folder)
        if entry is not None:
            entries.append(entry)
    problems += _strays(root)
    problems += _left_over(root)
    problems += _languages(entries)
    problems += _schemes(entries)
    if base_revision is not None:
        problems += [
            Problem(str(root / change.path), change.what, "as it was", change.todo)
            for change in changes_since(root, base_revision)
        ]
    return problems


def _scored_here(entry: Entry | None) -> bool:
    # Published numbers of others were typed in, not scored here.
    return entry is not None and entry.manifest.scorer == "massive-kit"


def _hashes(folder: Path, *, required: bool) -> list[Problem]:
    path = folder / SUMS
    if not path.is_file():
        todo = "add results with `leaderboard add`"
        return [Problem(str(folder), f"no {SUMS}", todo=todo)] if required else []
    present = {name: (folder / name).read_bytes() for name in FILES if (folder / name).is_file()}
    if path.read_text(encoding="utf-8", errors="replace") != hash_lines(present):
        todo = "a file was changed after it was added"
        return [Problem(str(path), "the hashes are not those of the files", todo=todo)]
    return []


def _statistics(folder: Path) -> list[Problem]:
    path = folder / STATS
    if not path.is_file():
        return []
    try:
        read_arrays(path, limit=MAX_BYTES)
    except ContentError as error:
        return list(error.problems)
    return []


def _layout(folder: Path) -> list[Problem]:
    problems = []
    for path in (folder.parent, folder, *sorted(folder.iterdir())):
        if path.is_symlink():
            problems.append(Problem(str(path), "a link", "a plain file or folder"))
        elif path.parent == folder and path.name not in {*FILES, SUMS}:
            allowed = f"only {', '.join((*FILES, SUMS))}"
            problems.append(Problem(str(path), "a file that does not belong here", allowed))
    return problems


def _strays(root: Path) -> list[Problem]:
    loose = [p for p in (*root.glob("*"), *root.glob("*/*")) if not p.is_dir()]
    return [
        Problem(str(path), "a file that does not belong here", "<system>/<version>/ folders")
        for path in sorted(loose)
        if not path.name.startswith(".")
    ]


def _left_over(root: Path) -> list[Problem]:
    return [
        Problem(str(path), "a hidden folder", todo="remove it; an `add` that was stopped left it")
        for path in sorted(root.glob("[!.]*/.*"))
        if path.is_dir()
    ]


def _languages(entries: list[Entry]) -> list[Problem]:
    """A task is scored in all its locales; a result without one would look better than it is."""
    locales: dict[str, set[str]] = {}
    for entry in entries:
        locales.setdefault(entry.scores.task, set()).update(entry.scores.locales)
    problems = []
    for entry in entries:
        task = entry.scores.task
        absent = sorted(locales[task] - set(entry.scores.locales))
        if absent:
            where = str(entry.folder / SCORES)
            what = f"no scores for {', '.join(absent)}"
            problems.append(Problem(where, what, f"all {len(locales[task])} locales of {task}"))
    return problems


def _schemes(entries: list[Entry]) -> list[Problem]:
    """The systems of a task count the same spans, or their slot F1 would not be one score."""
    first: dict[str, Entry] = {}
    problems = []
    for entry in entries:
        scores = entry.scores
        other = first.setdefault(scores.task, entry)
        if scores.scheme != other.scores.scheme:
            where = str(entry.folder / SCORES)
            expected = f"{other.scores.scheme!r}, as {other.key}"
            todo = "score both on one store"
            problems.append(Problem(where, f"the span scheme {scores.scheme!r}", expected, todo))
    return problems
