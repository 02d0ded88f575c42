"""`massive-kit feedback evaluate`: rewrites held to the truth of SIMULATED sessions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables

if TYPE_CHECKING:
    from massive_kit.breakdown.tables import Cell, Table
    from massive_kit.feedback.evaluation import Defects, FeedbackEvaluation, GuardScores


def evaluate(
    folder: Annotated[
        Path, typer.Argument(help="A folder written by `feedback simulate`.", file_okay=False)
    ],
    table: Annotated[Path, typer.Option(help="The table of rewrites.")],
    episodes: Annotated[int, typer.Option(min=1, help="Least episodes of the baselines.")] = 3,
    resamples: Annotated[
        int, typer.Option(min=0, max=100_000, help="For intervals; 0 for none.")
    ] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    languages: LanguagesOption = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Hold rewrites to the truth of SIMULATED sessions, beside two baselines.

    Precision and recall of the rewrites, defects before and after by language with intervals, and
    what the guard did where bad rewrites were planted.
    """
    require_extra("feedback", "evaluating rewrites")
    from massive_kit.feedback import evaluation
    from massive_kit.feedback.rewrite_table import read_table
    from massive_kit.feedback.simulated_folder import read_planted, read_truth
    from massive_kit.languages import LanguageTable

    known = LanguageTable.load(languages)
    result = evaluation.evaluate(
        folder,
        read_truth(folder),
        read_table(table, known),
        known,
        planted=read_planted(folder, known),
        episodes=episodes,
        resamples=resamples,
        seed=seed,
    )
    tables = [
        _scores(result),
        _defects("said", "SIMULATED: defects of utterances that were said", result.said),
        _defects("held_out", "SIMULATED: defects of utterances nobody said", result.held_out),
    ]
    tables += [_guard(result.guard)] if result.guard else []
    print_tables([table for table in tables if table.rows], form)


def _scores(result: FeedbackEvaluation) -> Table:
    from massive_kit.breakdown.tables import Table, columns

    rows = [
        (locale, method, one.rewrites, one.right, one.failures, one.precision, one.recall)
        for locale, by_method in result.scores.items()
        for method, one in by_method.items()
    ]
    heads = [
        ("rewrites", "rewrites"),
        ("right", "right"),
        ("failures", "planted failures"),
        ("precision", "precision"),
        ("recall", "recall"),
    ]
    notes = (
        "A planted failure: most users mean something that the system understands in other words.",
        "Recall is over all of them, rare ones too.",
    )
    head = columns("language", "method", numbers=heads)
    return Table("rewrites", "SIMULATED: rewrites and the truth", head, tuple(rows), notes)


def _defects(key: str, title: str, by_locale: Mapping[str, Defects]) -> Table:
    from massive_kit.breakdown.tables import Table, columns

    rows: list[tuple[Cell, ...]] = [
        (locale, one.utterances, one.before, *one.after.values(), *one.change.values())
        for locale, one in by_locale.items()
    ]
    methods = [*next(iter(by_locale.values())).after] if by_locale else []
    heads = [
        ("utterances", "utterances"),
        ("before", "before"),
        *((f"after {name}", name) for name in methods),
        *((f"change {name}", f"change by {name}") for name in methods),
    ]
    notes = (
        "In percent, with 95 % intervals over ids that all languages share.",
        "Rewrites are used where their values stand in the words.",
    )
    return Table(key, title, columns("language", numbers=heads), tuple(rows), notes)


def _guard(by_locale: Mapping[str, GuardScores]) -> Table:
    from massive_kit.breakdown.tables import Table, columns

    rows = [
        (
            locale,
            one.planted,
            one.met,
            one.withdrawn,
            one.others,
            one.others_withdrawn,
            one.right_withdrawn,
        )
        for locale, one in by_locale.items()
    ]
    heads = [
        ("planted", "bad ones planted"),
        ("met", "acted on"),
        ("withdrawn", "withdrawn"),
        ("others", "other rewrites"),
        ("others_withdrawn", "withdrawn"),
        ("right_withdrawn", "of these right"),
    ]
    head = columns("language", numbers=heads)
    return Table("guard", "SIMULATED: planted bad rewrites", head, tuple(rows))
