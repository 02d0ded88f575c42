"""`massive-kit feedback apply`: predictions with rewrites."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables


def apply(
    predictions: Annotated[
        Path, typer.Argument(help="Predictions of any system: a file, or a folder of files.")
    ],
    table: Annotated[Path, typer.Option(help="The table of rewrites, as `mine` writes it.")],
    out: Annotated[Path, typer.Option(help="The prediction file to write.", dir_okay=False)],
    languages: LanguagesOption = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Rewrite predictions by a table, and say how many were changed.

    A rewrite is used where the values of its slots stand in the words of the utterance; what was
    withdrawn is not used. From Python, `massive_kit.feedback.applying.RewritingSystem` wraps any
    system as it predicts.
    """
    from massive_kit.breakdown.tables import Table, columns
    from massive_kit.feedback.applying import apply_to_files
    from massive_kit.feedback.rewrite_table import read_table
    from massive_kit.feedback.rewriting import Rewriter
    from massive_kit.languages import LanguageTable

    known = LanguageTable.load(languages)
    rewriter = Rewriter.of(read_table(table, known))
    counts = apply_to_files(predictions, out, rewriter, known)
    heads = [
        ("predictions", "predictions"),
        ("rewritten", "rewritten"),
        ("unplaced", "not: a value is not in the words"),
    ]
    rows = [
        (locale, one.predictions, one.rewritten, one.unplaced) for locale, one in counts.items()
    ]
    head = columns("language", numbers=heads)
    notes = (f"{len(rewriter.targets):,} live rewrites in {table.name}.",)
    print_tables([Table("applied", "Predictions rewritten", head, tuple(rows), notes)], form)
    err.print(f"{out} written", markup=False, soft_wrap=True)
