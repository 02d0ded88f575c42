"""`massive-kit coverage`: what a benchmark lacks of the world's languages, and what comes next."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables

if TYPE_CHECKING:
    from massive_kit.analysis.coverage.benchmark import Benchmark
    from massive_kit.languages import LanguageTable
    from massive_kit.languages.world.table import WorldTable


class Grouping(StrEnum):
    """What languages are grouped by."""

    area = "area"
    family = "family"
    genus = "genus"
    script = "script"


class WeightBy(StrEnum):
    """What a language counts by."""

    log = "log"
    speakers = "speakers"


def coverage(
    data: Annotated[
        str | None,
        typer.Option("--data", help="The locales of a store. Default: MASSIVE's 51 languages."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option("--task", "-t", help="The locales that a task trains on or scores."),
    ] = None,
    locale: Annotated[
        list[str] | None,
        typer.Option(help="These locales, of the store or task if any; repeat for more."),
    ] = None,
    by: Annotated[
        list[Grouping] | None, typer.Option(help="List groups; repeat for more. Default: all.")
    ] = None,
    next_: Annotated[
        int, typer.Option("--next", min=0, max=1000, help="How many languages to annotate next.")
    ] = 10,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", help="A language that is to be annotated anyway; repeat for more."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="A language that cannot be annotated; repeat for more."),
    ] = None,
    min_speakers: Annotated[
        int, typer.Option(min=0, help="Fewest users of a language to annotate.")
    ] = 1_000_000,
    weight: Annotated[
        WeightBy, typer.Option(help="A language counts by the logarithm of its users, or by them.")
    ] = WeightBy.log,
    forecast: Annotated[
        Path | None,
        typer.Option(
            help="What `forecast --format json` printed: the less sure a language's forecast, the"
            " more it counts.",
            dir_okay=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Missing groups to show as text.")] = 10,
    map_: Annotated[
        Path | None, typer.Option("--map", help="A file for a map (SVG).", dir_okay=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="A folder for coverage.json, languages.csv and map.svg.", file_okay=False
        ),
    ] = None,
    languages: LanguagesOption = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Show which of the world's languages are missing, and which to annotate next."""
    from massive_kit.analysis.coverage.asked import named
    from massive_kit.analysis.coverage.choosing import Wish, choose
    from massive_kit.analysis.coverage.folder import language_rows
    from massive_kit.analysis.coverage.forecast_widths import read_forecast_widths
    from massive_kit.analysis.pictures.world_map import world_map
    from massive_kit.breakdown.rendering import to_json
    from massive_kit.cli.coverage_tables import coverage_tables
    from massive_kit.errors import UsageError
    from massive_kit.files.atomic import atomic_file
    from massive_kit.languages import LanguageTable
    from massive_kit.languages.world.table import GROUPINGS, WorldTable

    if map_ and map_.suffix != ".svg":
        raise UsageError(f"--map {map_}: the map is SVG; name a file that ends in .svg")
    world, table = WorldTable.shipped(), LanguageTable.load(languages)
    benchmark = _benchmark(data, task, locale or [], world, table)
    fixed, banned = named(world, "--with", with_ or []), named(world, "--without", without or [])
    if both := [language.name for language in fixed if language in banned]:
        raise UsageError(f"{', '.join(both)}: given to both --with and --without; choose one")
    wish = Wish(
        next_,
        weight.value,
        min_speakers,
        frozenset(language.code for language in banned),
        read_forecast_widths(forecast, world) if forecast else None,
    )
    covered = benchmark.beside(fixed)
    choices = choose(world, [*covered.languages.values()], wish)
    groupings = [grouping.value for grouping in by or ()] or [*GROUPINGS]
    whole = coverage_tables(covered, world, groupings, choices, wish, None)
    files: dict[Path, str] = {}
    if map_ or out:
        picture = world_map(covered, world, choices)
        files |= {path: picture for path in (map_, out and out / "map.svg") if path}
    if out:
        files[out / "coverage.json"] = to_json(whole)
        files[out / "languages.csv"] = language_rows(covered, world)
    for path, text in files.items():
        with atomic_file(path) as stream:
            stream.write(text.encode())
        err.print(f"written: {path}", markup=False, soft_wrap=True)
    if form in {TableFormat.json, TableFormat.csv}:
        print_tables(whole, form)
        return
    apart = form is TableFormat.text
    shown = coverage_tables(covered, world, groupings, choices, wish, top, reasons_apart=apart)
    print_tables(shown, form)


def _benchmark(
    data: str | None, task: str | None, locales: list[str], world: WorldTable, table: LanguageTable
) -> Benchmark:
    """The locales that the options mean.

    Raises:
        MassiveKitError: The store or the task is not there, or has no such locale.
        UsageError: A locale is none.
    """
    from massive_kit.analysis.coverage.asked import named
    from massive_kit.analysis.coverage.benchmark import Benchmark
    from massive_kit.data.opening import open_data, open_task

    if task:
        laid = open_task(task, data)
        name, table = laid.task.name, laid.languages
        there = tuple(dict.fromkeys((*laid.task_locales, *laid.test.locales)))
    elif data:
        store = open_data(data, languages=table)
        name, there = store.name, store.locales
    elif locales:
        named(world, "--locale", locales)
        return Benchmark.of("these locales", locales, world, table)
    else:
        there = tuple(table.select("in_massive_1.0=yes", table.languages))
        return Benchmark.of("MASSIVE", there, world, table)
    chosen = table.find(locales, there, name) if locales else there
    return Benchmark.of(name, chosen, world, table)
