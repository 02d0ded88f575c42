"""Finds the content that is not code: tasks, baselines, leaderboard and data cards.

A root given with `--root` comes first, then the current directory if it holds the folder asked for,
then the copy that came with the package.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal, get_args

from massive_kit.errors import MissingDataError, UsageError

Kind = Literal["tasks", "baselines", "leaderboard", "data_cards"]

# The CLI sets it from `--root`, so that it also reaches worker processes.
ROOT_VARIABLE = "MASSIVE_KIT_ROOT"

_PACKAGE = Path(__file__).resolve().parent


def installed_root() -> Path:
    """The content that came along: inside a wheel, or beside the package in a checkout."""
    wheel = _PACKAGE / "_content"
    return wheel if wheel.is_dir() else _PACKAGE.parent


def folder(kind: Kind) -> Path:
    """The folder of one kind of content.

    Raises:
        MissingDataError: `--root` names a folder that holds no content.
    """
    asked = os.environ.get(ROOT_VARIABLE)
    if asked:
        if not any((Path(asked) / name).is_dir() for name in get_args(Kind)):
            kinds = "/, ".join(get_args(Kind))
            raise MissingDataError(f"{asked}: --root must hold {kinds}/, or some of them")
        path = Path(asked) / kind
        return path if path.is_dir() else installed_root() / kind
    here = Path.cwd() / kind
    return here if _holds_content(here) else installed_root() / kind


def own_folder(kind: Kind) -> Path:
    """The folder of one kind of content to write to: never the copy that came with the package.

    Raises:
        MissingDataError: `--root` names a folder that lacks it.
        UsageError: There is neither `--root` nor such a folder in the current directory.
    """
    path = folder(kind)
    if path == installed_root() / kind and path != Path.cwd() / kind:
        raise UsageError(f"the current directory holds no {kind}/ of yours")
    return path


def find(kind: Kind, name: str, suffix: str = ".yaml") -> Path:
    """The file of one item, by its name (`massive-full`) or by a path to a file.

    Raises:
        MissingDataError: There is none; the message lists the names there are.
    """
    if name.endswith(suffix) or os.sep in name:
        path = Path(name)
        if path.is_file():
            return path
        what = "a folder, not a file" if path.is_dir() else "no such file"
        raise MissingDataError(f"{name}: {what}")
    for base in (folder(kind), installed_root() / kind):
        path = base / f"{name}{suffix}"
        if path.is_file():
            return path
    known = all_names(kind, suffix)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise MissingDataError(
        f"no {kind.rstrip('s')} named {name!r}{hint}; there are: {', '.join(known) or 'none'}"
    )


def names(kind: Kind, suffix: str = ".yaml") -> list[str]:
    """The names of all items of a kind, sorted."""
    return sorted(path.name.removesuffix(suffix) for path in folder(kind).glob(f"*{suffix}"))


def all_names(kind: Kind, suffix: str = ".yaml") -> list[str]:
    """The names that `find` knows, sorted: those of `names`, and of the copy that came along."""
    shipped = (installed_root() / kind).glob(f"*{suffix}")
    return sorted({*names(kind, suffix), *(path.name.removesuffix(suffix) for path in shipped)})


def _holds_content(path: Path) -> bool:
    # A folder of the same name that belongs to something else must not shadow ours.
    return path.is_dir() and (
        any(path.glob("*.yaml")) or any(path.glob("*.md")) or (path / "results").is_dir()
    )
