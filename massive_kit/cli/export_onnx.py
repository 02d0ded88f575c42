"""`massive-kit export onnx`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName

if TYPE_CHECKING:
    from massive_kit.exports.onnx.exporting import Export


def onnx(
    run: Annotated[Path, typer.Argument(help="A finished run.", file_okay=False)],
    out_: Annotated[Path, typer.Option("--out", help="A new folder.", file_okay=False)],
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights as 8-bit integers, where it still passes.")
    ] = False,
    data: DataName = None,
    rows: Annotated[
        int, typer.Option(min=1, help="Utterances of each locale that are compared with the run.")
    ] = 40,
    loss: Annotated[
        float, typer.Option("--max-loss", min=0, max=100, help="Points of exact match it may lose.")
    ] = 0.5,
    agreement: Annotated[
        float,
        typer.Option(
            "--min-agreement",
            min=0,
            max=100,
            help="Least share of each locale's utterances that are read as the run reads them.",
        ),
    ] = 90.0,
) -> None:
    """Write a run as an ONNX graph that predicts without PyTorch, if it reads as the run does."""
    from massive_kit.runs.folder import RunFolder
    from massive_kit.runs.own_task import open_own_task

    require_extra("export", "exporting")
    from massive_kit.exports.onnx.exporting import Exporter
    from massive_kit.exports.onnx.gate import GateLimits

    def note(text: str) -> None:
        err.print(text, markup=False, soft_wrap=True)

    exporter = Exporter.of(
        run,
        open_own_task(RunFolder(run), data=data),
        rows=rows,
        limits=GateLimits(loss, agreement),
        note=note,
    )
    _print(exporter.write(out_, int8=int8))


def _print(export: Export) -> None:
    gate = export.gate
    total, lowest = gate.total, min(gate.locales, key=lambda part: part.agreement)
    lines = [f"{export.folder.path}: {export.bytes / 1e6:.1f} MB with tokenizer"]
    lines += [f"  {taken}" for taken in export.taken]
    lines.append(
        f"  read as the run reads them: {total.agreement:.1f} % of {total.rows:,} utterances in"
        f" {len(gate.locales)} locales, least {lowest.locale} {lowest.agreement:.1f} %"
    )
    if total.labelled:
        before = 100 * total.run_right / total.labelled
        lines.append(
            f"  exact match {before - total.loss:.2f}, of the run {before:.2f},"
            f" on {total.labelled:,} labelled dev rows"
        )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
