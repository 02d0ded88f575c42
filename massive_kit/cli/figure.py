"""`massive-kit figure`: figures for papers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err, print_text
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import LanguagesOption


class FigureKind(StrEnum):
    """What is drawn."""

    forest = "forest"
    heatmap = "heatmap"
    scatter = "scatter"
    ladder = "ladder"
    layers = "layers"


class FigureStyle(StrEnum):
    """Whether there are colours beside marks, lines and hatches."""

    colour = "colour"
    grey = "grey"


# What `--by` is where nobody says it.
_BY = {FigureKind.scatter: "speakers"}


def figure(
    scores: Annotated[
        list[Path],
        typer.Argument(
            help="Folders written by `eval --out`; for ladder sweep.csv, for layers probe.json."
        ),
    ],
    kind: Annotated[FigureKind, typer.Option(help="What is drawn.")],
    out: Annotated[
        Path, typer.Option(help="The file; .pdf, .svg or .png says its format.", dir_okay=False)
    ],
    metric: Annotated[
        str, typer.Option(help="A score, such as slot_f1 or scenario_accuracy.")
    ] = "exact_match",
    by: Annotated[
        str | None,
        typer.Option(
            help="A column of the language table: that groups (default: genus), or for scatter one"
            " with numbers, or tokens_per_utterance, slots_per_utterance, speakers (default)."
        ),
    ] = None,
    locale: Annotated[
        list[str] | None,
        typer.Option(help="Only these locales; for ladder also pooled. Repeat for more."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="What a system is called, once for each. Default: its folder's name."),
    ] = None,
    columns: Annotated[
        int, typer.Option(min=1, max=2, help="How many columns of a page it is wide.")
    ] = 1,
    style: Annotated[
        FigureStyle, typer.Option(help="Colours beside marks and hatches, or shades of grey.")
    ] = FigureStyle.colour,
    languages: LanguagesOption = None,
) -> None:
    """Draw a figure for a paper, and print a draft of its caption."""
    require_extra("figures", "a figure")
    from massive_kit.breakdown.figures.forest import draw_forest
    from massive_kit.breakdown.figures.heatmap import draw_heatmap
    from massive_kit.breakdown.figures.ladder import draw_ladder
    from massive_kit.breakdown.figures.layers import draw_layers
    from massive_kit.breakdown.figures.request import FigureRequest
    from massive_kit.breakdown.figures.scatter import draw_scatter
    from massive_kit.breakdown.figures.sheet import checked_suffix
    from massive_kit.languages import LanguageTable

    checked_suffix(out)
    draw = {
        FigureKind.forest: draw_forest,
        FigureKind.heatmap: draw_heatmap,
        FigureKind.scatter: draw_scatter,
        FigureKind.ladder: draw_ladder,
        FigureKind.layers: draw_layers,
    }[kind]
    caption = draw(
        FigureRequest(
            sources=scores,
            names=name or (),
            out=out,
            metric=metric,
            by=by or _BY.get(kind, "genus"),
            locales=locale or (),
            columns=columns,
            style=style.value,
            languages=LanguageTable.load(languages),
            languages_file=languages,
        )
    )
    err.print(f"written: {out}", markup=False, soft_wrap=True)
    print_text(caption)
