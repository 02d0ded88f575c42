"""`massive-kit ls`: tasks, baselines, languages, groups and systems."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from massive_kit.cli.console import emit, out, show_warnings
from massive_kit.cli.options import Format, FormatOption

Cells = dict[str, str | int]


class What(StrEnum):
    """What can be listed."""

    tasks = "tasks"
    baselines = "baselines"
    languages = "languages"
    groups = "groups"
    systems = "systems"


def ls(
    what: Annotated[What, typer.Argument(help="What to list.")],
    form: FormatOption = Format.text,
) -> None:
    """List tasks, baselines, languages, groups or systems."""
    from rich.table import Table

    from massive_kit.files import jsonio

    rows = _ROWS[what]()
    if form is Format.json:
        emit(jsonio.dumps(rows))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*map(str, row.values()))
    out.print(table)


def _tasks() -> list[Cells]:
    from dataclasses import replace

    from massive_kit.errors import ConfigError
    from massive_kit.schema.task import load_task, task_names

    tasks = []
    for name in task_names():
        try:
            tasks.append(load_task(name))
        except ConfigError as error:
            # The others are of use all the same.
            show_warnings(replace(problem, severity="warning") for problem in error.problems)
    return [
        {"task": t.name, "setting": t.setting, "data": " ".join(t.data), "title": t.title}
        for t in tasks
    ]


def _baselines() -> list[Cells]:
    from massive_kit import content
    from massive_kit.systems.recipes import load_recipe

    recipes = {name: load_recipe(name) for name in content.names("baselines")}
    return [
        {"baseline": name, "kind": recipe.kind, "title": recipe.title}
        for name, recipe in recipes.items()
    ]


def _languages() -> list[Cells]:
    from massive_kit.languages import LanguageTable

    columns = ("language", "autonym", "script", "genus", "family")
    rows: list[Cells] = []
    for locale, language in LanguageTable.shipped().languages.items():
        rows.append({"locale": locale, **{name: language.get(name) or "-" for name in columns}})
    return rows


def _groups() -> list[Cells]:
    from massive_kit.languages import LanguageTable, groups

    table = LanguageTable.shipped()
    return [
        {"by": by, "group": group.name, "n": len(group.locales), "locales": " ".join(group.locales)}
        for by in ("family", "genus", "script")
        for group in groups(table, by, table.languages)
    ]


def _systems() -> list[Cells]:
    from massive_kit import content

    root = content.folder("leaderboard") / "results"
    return [
        {"system": path.parent.parent.name, "version": path.parent.name}
        for path in sorted(root.glob("*/*/manifest.yaml"))
    ]


_ROWS = {
    What.tasks: _tasks,
    What.baselines: _baselines,
    What.languages: _languages,
    What.groups: _groups,
    What.systems: _systems,
}
