"""What changed in an append-only folder since a git revision."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import UsageError

_SHA1_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Change:
    """A path that is not as it was.

    Attributes:
        path: Relative to the folder.
        what: What happened to it.
        todo: What to do.
    """

    path: str
    what: str
    todo: str


def changes_since(root: Path, revision: str, depth: int = 2) -> list[Change]:
    """Files removed, changed or added inside folders that stood at the revision.

    Files are compared with git's own objects, so that neither filters nor the index of the working
    tree have a say.

    Args:
        root: The folder, in a git repository.
        revision: What to compare with.
        depth: Folders that many levels down are what may be added whole, and nothing else.

    Raises:
        UsageError: There is no such revision, or the folder is not in a repository.
    """
    before = _objects(root, revision)
    closed = {"/".join(name.split("/")[:depth]) for name in before}
    changes = []
    for name, known in sorted(before.items()):
        path = root / name
        if path.is_symlink() or not path.is_file():
            changes.append(Change(name, "was removed", "put it back"))
        elif _object_name(path.read_bytes(), len(known)) != known:
            todo = "put it back, and add a new version instead"
            changes.append(Change(name, "was changed", todo))
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        inside = "/".join(name.split("/")[:depth]) in closed
        if inside and name not in before and not path.is_dir():
            changes.append(Change(name, "was added to a closed version", "remove it"))
    return changes


def _objects(root: Path, revision: str) -> dict[str, str]:
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a git revision")
    command = ["git", "-C", str(root), "ls-tree", "-r", "-z", revision, "."]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603
    except OSError as error:
        raise UsageError(f"git cannot be run: {error}") from None
    except subprocess.SubprocessError as error:
        output = getattr(error, "stderr", b"") or b""
        reason = output.decode(errors="replace").strip() or str(error)
        raise UsageError(f"cannot compare with {revision!r}: {reason}") from None
    objects = {}
    for entry in done.stdout.split(b"\0"):
        if entry:
            kind, _, name = entry.partition(b"\t")
            objects[name.decode(errors="surrogateescape")] = kind.split()[2].decode()
    return objects


def _object_name(content: bytes, digits: int) -> str:
    # Git names objects by SHA-1, or by SHA-256 in repositories made so.
    name = hashlib.sha1 if digits == _SHA1_DIGITS else hashlib.sha256
    return name(b"blob %d\0" % len(content) + content).hexdigest()
