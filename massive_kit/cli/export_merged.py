"""`massive-kit export merged`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.extras import require_extra


def merged(
    run: Annotated[Path, typer.Argument(help="A finished run that trained adapters (LoRA).")],
    out_: Annotated[Path, typer.Option("--out", help="A new folder for the model.")],
) -> None:
    """Write a whole model: a run's adapters, added to the weights of their base."""
    from massive_kit.exports.merged_model import export_merged

    require_extra("llm", "merging adapters")
    export_merged(run, out_)
    out.print(str(out_), soft_wrap=True)
