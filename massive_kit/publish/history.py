"""What commits did to a leaderboard folder, from its git history."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ADDED, _REMOVED = "A", "D"
# A commit begins with a character that no path and no subject line holds.
_FORMAT = "%x1e%H%x1f%P%x1f%ct%x1f%cs%x1f%s"


@dataclass(frozen=True, slots=True)
class FolderCommit:
    """A commit that touched a folder.

    Attributes:
        name: Its hash.
        time: When it was made, in seconds since 1970.
        day: The same as `YYYY-MM-DD`, where it was made.
        subject: The first line of its message.
        paths: What it did, by path relative to the folder: `A`, `M`, `D`, ...
        cut: Whether the history was cut off here, so that what it seems to add may be older.
    """

    name: str
    time: int
    day: str
    subject: str
    paths: dict[str, str]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class FolderHistory:
    """The commits of a folder, newest first.

    Attributes:
        commits: Them; none where there is no history.
        lacking: Why there is no history; empty where there is.
        shallow: Whether the clone holds a part of the history alone.
    """

    commits: tuple[FolderCommit, ...] = ()
    lacking: str = ""
    shallow: bool = False


def history_of(folder: Path, path: str = ".") -> FolderHistory:
    """What commits did to a path in a folder, along the first parents of the newest.

    What a merge brought counts as done by the merge, since that is when it came to the board.

    Args:
        folder: The folder.
        path: A path in it.
    """
    if not folder.is_dir():
        return FolderHistory(lacking="there is no such folder")
    try:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository").strip() == "true"
        # Without a commit there is no `HEAD` to begin from.
        if not _git(folder, "rev-list", "--max-count=1", "--all").strip():
            return FolderHistory(lacking="nothing is committed yet")
        log = _git(
            folder,
            *("log", "--first-parent", "-m", "--no-renames", "--name-status", "-z", "--relative"),
            *(f"--format={_FORMAT}", "HEAD", "--", path),
        )
    except OSError:
        return FolderHistory(lacking="git is not installed")
    except subprocess.SubprocessError:
        return FolderHistory(lacking="the folder is in no git repository that can be read")
    commits = tuple(_commits(log, shallow=shallow))
    lacking = "" if commits else "no commit holds it"
    return FolderHistory(commits, lacking, shallow)


def touched(commit: FolderCommit, depth: int) -> Iterator[tuple[str, str]]:
    """The folders that a commit touched, and whether they were `added`, `changed` or `removed`.

    Args:
        commit: The commit.
        depth: How many levels down the folders are.
    """
    by_folder: dict[str, set[str]] = {}
    for path, status in commit.paths.items():
        parts = path.split("/")
        if len(parts) > depth:
            by_folder.setdefault("/".join(parts[:depth]), set()).add(status)
    for name, statuses in sorted(by_folder.items()):
        if statuses == {_ADDED}:
            yield name, "there by then" if commit.cut else "added"
        else:
            yield name, "removed" if statuses == {_REMOVED} else "changed"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603
    return done.stdout.decode(errors="replace")


def _commits(log: str, *, shallow: bool) -> Iterator[FolderCommit]:
    for block in log.split("\x1e")[1:]:
        head, *fields = block.split("\0")
        name, parents, seconds, day, subject = head.split("\x1f", 4)
        fields = [field.lstrip("\n") for field in fields if field.strip("\n")]
        paths = dict(zip(fields[1::2], fields[::2], strict=False))
        cut = shallow and not parents
        yield FolderCommit(name, int(seconds), day, subject, paths, cut)
