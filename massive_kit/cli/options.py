"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

TaskName = Annotated[
    str, typer.Option("--task", "-t", help="A task by name (see `ls tasks`) or a task YAML.")
]
DataName = Annotated[
    str | None,
    typer.Option(
        "--data",
        envvar="MASSIVE_KIT_DATA",
        help="A store by name, or a path to a store, archive, folder or file. Default: the task's.",
    ),
]
StoreName = Annotated[
    str | None,
    typer.Option(
        "--data",
        envvar="MASSIVE_KIT_DATA",
        help="A store by name, or a path to a store, archive, folder or file. Default: 1.1.",
    ),
]
ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", help="Replace a store of that name although it holds other data."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--override", "-o", help="Change a key of the recipe: -o optimiser.lr=1e-4."),
]
LanguagesOption = Annotated[
    Path | None,
    typer.Option("--languages", help="A CSV with more rows (and columns) for the language table."),
]
ManifestFile = Annotated[
    Path | None, typer.Option("--manifest", help="A YAML file; `submission manifest` prints one.")
]
ManifestKeys = Annotated[
    list[str] | None,
    typer.Option("--override", "-o", help="Set a key of the manifest: -o team='We, Inc.'."),
]
CostFile = Annotated[
    Path | None, typer.Option("--cost", help="A cost.json of `measure` that knows the system.")
]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results", help="The results tree; default: leaderboard/results.", file_okay=False
    ),
]


OutOption = Annotated[
    Path | None, typer.Option("--out", help="The same as FOLDER.", file_okay=False)
]


def written_to(path: Path | None, out: Path | None) -> Path | None:
    """The path to write to, which may be given as an argument or by `--out`.

    Raises:
        UsageError: Both are given, and are not the same.
    """
    if path and out and path != out:
        from massive_kit.errors import UsageError

        raise UsageError(f"{path} and --out {out} name two places to write to; give one")
    return path or out


def folder_written_to(path: Path | None, out: Path | None) -> Path:
    """As `written_to`, where there is no default.

    Raises:
        UsageError: None is given, or two.
    """
    chosen = written_to(path, out)
    if chosen is None:
        from massive_kit.errors import UsageError

        raise UsageError("no folder to write to; give one as FOLDER or by --out FOLDER")
    return chosen


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="For people or for machines.")]
