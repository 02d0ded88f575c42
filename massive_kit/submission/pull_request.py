"""Takes submissions out of a pull request as data: nothing is checked out, nothing is run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import Problem, SubmissionError, UsageError
from massive_kit.submission.bundle_files import FILES

FOLDER = "submissions"
_PLAIN = "100644"
_MAX_BYTES = 1 << 29
_MAX_FILES = 100


@dataclass(frozen=True, slots=True)
class _Blob:
    path: str
    mode: str
    name: str
    size: int


def take(repository: Path, base: str, head: str, out: Path) -> list[Path]:
    """Writes each submission that `head` adds to `base` as a folder under `out`.

    Args:
        repository: A git repository that holds the objects of both revisions.
        base: Where the pull request goes.
        head: What it brings.
        out: Where the submissions are put.

    Returns:
        The folders, sorted.

    Raises:
        SubmissionError: The pull request does more than add submissions; holds every mistake.
        UsageError: A revision is not found.
    """
    for revision in (base, head):
        if revision.startswith("-"):
            raise UsageError(f"{revision!r} is not a git revision")
    fork = _git(repository, "merge-base", base, head).decode().strip()
    before = {blob.path: blob.name for blob in _tree(repository, fork)}
    after = list(_tree(repository, head))
    added = [blob for blob in after if before.get(blob.path) != blob.name]
    problems = [
        Problem(path, "is removed", "as it was", "a submission only adds files")
        for path in sorted(before.keys() - {blob.path for blob in after})
    ]
    for blob in added:
        problems += _wrong(blob, known=blob.path in before)
    if not added:
        problems.append(Problem(FOLDER, "no submission", f"{FOLDER}/<name>/ with a bundle in it"))
    if len(added) > _MAX_FILES:
        problems.append(Problem(FOLDER, f"{len(added):,} files", f"at most {_MAX_FILES}"))
    if problems:
        raise SubmissionError("the pull request is not a submission", problems)
    folders = set()
    for blob in added:
        _, name, file = blob.path.split("/")
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(_git(repository, "cat-file", "blob", blob.name))
        folders.add(folder)
    return sorted(folders)


def _wrong(blob: _Blob, *, known: bool) -> Iterator[Problem]:
    parts = blob.path.split("/")
    if known:
        yield Problem(blob.path, "is changed", "as it was", "a submission only adds files")
    elif len(parts) != len(("submissions", "name", "file")) or parts[0] != FOLDER:
        yield Problem(blob.path, "is outside of a submission", f"{FOLDER}/<name>/<file>")
    elif parts[2] not in FILES or parts[1].startswith(".") or not parts[1].isprintable():
        yield Problem(blob.path, "does not belong in a bundle", f"only {', '.join(FILES)}")
    if blob.mode != _PLAIN:
        yield Problem(
            blob.path, f"has mode {blob.mode}", "a plain file, neither link nor executable"
        )
    if blob.size > _MAX_BYTES:
        yield Problem(blob.path, f"{blob.size:,} bytes", f"at most {_MAX_BYTES:,}")


def _tree(repository: Path, revision: str) -> Iterator[_Blob]:
    raw = _git(repository, "ls-tree", "-r", "-l", "-z", "--full-tree", revision)
    for entry in raw.split(b"\0"):
        if entry:
            about, _, path = entry.partition(b"\t")
            mode, _, name, size = about.decode().split()
            length = int(size) if size.isdigit() else 0
            yield _Blob(path.decode(errors="surrogateescape"), mode, name, length)


def _git(repository: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=300)  # noqa: S603
    except OSError as error:
        raise UsageError(f"git cannot be run: {error}") from None
    except subprocess.SubprocessError as error:
        message = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise UsageError(f"git {arguments[0]}: {message or error}") from None
    return done.stdout
