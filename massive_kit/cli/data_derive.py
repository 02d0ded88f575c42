"""`massive-kit data derive`: a command per transform, made from the transform's parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.options import Format
from massive_kit.cli.transform_options import options_of
from massive_kit.counted import counted

if TYPE_CHECKING:
    from massive_kit.data.derivation import DerivationReport, Derived, Transform


class TransformGroup(TyperGroup):
    """The transforms as commands; a module of one is imported only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all transforms, and of commands of their own."""
        from massive_kit.data.derivation import transform_names

        names = [name.replace("_", "-") for name in transform_names()]
        return sorted([*names, *super().list_commands(ctx)])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a transform, or `None` where there is none."""
        # Those that need what stands above the data, such as a run, are registered.
        if (registered := super().get_command(ctx, cmd_name)) is not None:
            return registered
        return transform_command(cmd_name) if cmd_name in self.list_commands(ctx) else None


def transform_command(name: str) -> Any:
    """The command of the transform of that name."""
    from massive_kit.data.derivation import find_transform

    transform = find_transform(name.replace("-", "_"))

    def command(**options: Any) -> None:
        _run(transform, **options)

    signature = options_of(transform)
    command.__signature__ = signature  # type: ignore[attr-defined]  # what Typer reads
    command.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    command.__doc__ = transform.description
    app = typer.Typer(add_completion=False)
    app.command(name)(command)
    return get_command(app)


def _run(
    transform: type[Transform],
    *,
    name: str | None,
    data: str | list[str] | None,
    locale: list[str] | None,
    languages: Path | None,
    replace: bool,
    dry_run: bool,
    form: Format,
    **values: Any,
) -> None:
    from massive_kit.data.derivation import derive, plan
    from massive_kit.data.home import store_folder
    from massive_kit.data.opening import open_data
    from massive_kit.errors import UsageError
    from massive_kit.languages import LanguageTable

    if name is None and not dry_run:
        raise UsageError("say what to call the new store: --name")
    folder = store_folder(name) if name is not None else None
    table = LanguageTable.load(languages)
    names: list[str | None] = [*data] if isinstance(data, list) and data else [None]
    if isinstance(data, str):
        names = [data]
    stores = [open_data(store, ["1.1"], table) for store in names]
    parameters = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    available = sorted({code for store in stores for code in store.parts})
    where = f"the store {' or '.join(store.name for store in stores)}"
    chosen = table.find(locale, available, where) if locale else None
    if folder is None or name is None or dry_run:
        _print_report(plan(stores, transform(**parameters), chosen).report, {}, form)
        return
    with progress("writing", len(chosen or available)) as bar:
        task = bar.task_ids[0]
        derived = derive(
            stores,
            transform(**parameters),
            folder,
            name=name,
            locales=chosen,
            overwrite=replace,
            progress=lambda _locale: bar.advance(task),
        )
    print_derived(derived, form)


def print_derived(derived: Derived, form: Format) -> None:
    """Prints what a new store holds, and what its transform has to say."""
    store = derived.store
    if form is not Format.json:
        counts = ", ".join(f"{partition} {rows:,}" for partition, rows in derived.rows.items())
        out.print(f"{counts} in {counted(len(store.locales), 'locale')} -> {store.path}")
    _print_report(derived.report, {"path": str(store.path), "rows": derived.rows}, form)


def _print_report(report: DerivationReport, facts: dict[str, Any], form: Format) -> None:
    """Prints what a transform has to say; for machines, together with other facts."""
    from massive_kit.files import jsonio

    for warning in report.warnings:
        err.print(warning, markup=False, soft_wrap=True)
    if form is Format.json:
        emit(jsonio.dumps({**facts, **report.facts}))
        return
    if report.table is not None:
        from rich.table import Table

        table = Table(box=None, header_style="bold", pad_edge=False)
        for number, head in enumerate(report.table.head):
            table.add_column(head, justify="right" if number else "left")
        for row in report.table.rows:
            table.add_row(*row)
        out.print(table)
    for note in report.notes:
        out.print(note, markup=False, soft_wrap=True)
