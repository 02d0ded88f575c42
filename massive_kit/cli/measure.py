"""`massive-kit measure`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName, Format, FormatOption

if TYPE_CHECKING:
    from massive_kit.schema.cost import Cost, SystemCost


def measure(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN_OR_ONNX...",
            help="Runs and exports; ratios are to the first.",
            file_okay=False,
        ),
    ],
    data: DataName = None,
    locale: Annotated[
        list[str] | None,
        typer.Option("--locale", help="Utterances of this locale; repeat. Default: the task's."),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Utterances of each locale.")] = 2,
    repetitions: Annotated[int, typer.Option(min=1, help="How often each is predicted.")] = 3,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Keep cost.json in this folder.", file_okay=False)
    ] = None,
    form: FormatOption = Format.text,
) -> None:
    """Measure size, memory, cold start, latency and throughput of runs, on one thread."""
    from massive_kit.data.task_data import select_locales
    from massive_kit.files import jsonio
    from massive_kit.runs.folder import RunFolder
    from massive_kit.runs.measuring import Measurement
    from massive_kit.runs.own_task import open_own_task
    from massive_kit.schema.task import TaskSplit
    from massive_kit.systems.kind import kind_of

    for run in runs:
        require_extra(kind_of(RunFolder(run).recipe()).extra, "measuring")
    task_data = open_own_task(RunFolder(runs[0]), data=data)
    locales = task_data.test.locales
    if locale:
        wanted = TaskSplit(partition=task_data.test.partition, locales=locale)
        locales = select_locales(wanted, locales, task_data.languages, "--locale")

    def note(text: str) -> None:
        err.print(text, markup=False, soft_wrap=True)

    cost = Measurement(task_data, locales, rows, repetitions, note).measure(runs)
    if folder is not None:
        jsonio.write_json(folder / "cost.json", cost.model_dump(mode="json"))
    if form is Format.json:
        emit(jsonio.dumps(cost.model_dump(mode="json")))
        return
    _print(cost)


def _ratio(above: float, below: float) -> str:
    return f"{above / below:.2f}" if below else ""


_FIGURES: dict[str, Callable[[SystemCost], str]] = {
    "kind": lambda system: system.kind,
    "precision": lambda system: system.precision or "",
    "model with tokenizer, MB": lambda system: f"{system.model_bytes / 1e6:.1f}",
    "peak memory, MiB": lambda system: f"{system.peak_memory_mib:.0f}",
    "cold start, s": lambda system: f"{system.cold_start_seconds:.2f}",
    "p50, ms": lambda system: f"{system.latency.p50:.2f}",
    "p99, ms": lambda system: f"{system.latency.p99:.2f}",
    "utterances per second": lambda system: f"{system.utterances_per_second:.1f}",
    "floor, p50, ms": lambda system: f"{system.floor.p50:.2f}" if system.floor else "",
    "p50 over floor": lambda system: (
        _ratio(system.latency.p50, system.floor.p50) if system.floor else ""
    ),
}


def _print(cost: Cost) -> None:
    from rich.table import Table

    first = cost.systems[0]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for system in cost.systems:
        table.add_column(system.name, justify="right")
    for name, figure in _FIGURES.items():
        table.add_row(name, *(figure(system) for system in cost.systems))
    if len(cost.systems) > 1:
        ratios = (_ratio(first.latency.p50, system.latency.p50) for system in cost.systems)
        table.add_row(f"p50 of {first.name} over its own", *ratios)
    out.print(table)
    machine = ", ".join(f"{name} {value}" for name, value in cost.machine.items())
    out.print(
        f"{cost.utterances} utterances of {cost.data} in {len(cost.locales)} locales and"
        f" {len(cost.scripts)} scripts, {cost.repetitions} times, one thread, from text to labels;"
        f" per second: {cost.batch} at a time; floor: products of the weights alone; {machine}",
        markup=False,
        soft_wrap=True,
    )
