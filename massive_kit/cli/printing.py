"""How `eval` prints scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.tables import TableFormat, print_tables
from massive_kit.errors import MassiveKitError

if TYPE_CHECKING:
    from massive_kit.languages import LanguageTable
    from massive_kit.scoring.evaluation import Evaluation


def print_evaluation(
    result: Evaluation, languages: LanguageTable, form: TableFormat, by: list[str]
) -> None:
    """The scores of one system, in the format asked for."""
    from massive_kit.breakdown import score_tables
    from massive_kit.files import jsonio

    scores = result.scores
    if form is TableFormat.json:
        emit(jsonio.dumps(scores.model_dump(mode="json")))
        return
    if form is TableFormat.csv:
        emit(scores.to_frame().to_csv(index=False))
        return
    more = score_tables.more_table(scores)
    tables = [
        score_tables.locales_table(scores, languages),
        *score_tables.group_tables(scores, by),
        *([score_tables.transfer_table(scores)] if scores.transfer else []),
        *([more] if len(more.columns) > 1 else []),
        score_tables.averages_table(scores),
    ]
    print_tables(tables, form)
    if form is TableFormat.text:
        out.print(f"\n{scores.signature}", markup=False, soft_wrap=True)


def print_agreement(result: Evaluation) -> None:
    """What seqeval and scikit-learn say of the same labels, on stderr.

    Raises:
        MassiveKitError: They do not agree.
    """
    from massive_kit.scoring.cross_check import TOLERANCE, cross_check

    numbers = cross_check(result.aligned, result.scores)
    apart = [number for number in numbers if not number.agrees]
    largest = max(abs(number.ours - number.theirs) for number in numbers)
    for number in numbers:
        if number.where == "pooled" or not number.agrees:
            err.print(
                f"{number.where} {number.metric}: ours {number.ours:.12f},"
                f" {number.tool} {number.theirs:.12f}",
                markup=False,
            )
    agree = len(numbers) - len(apart)
    err.print(
        f"cross-check: {agree} of {len(numbers)} numbers agree to {TOLERANCE:g}", markup=False
    )
    err.print(f"largest difference {largest:.3g}", markup=False)
    if apart:
        raise MassiveKitError("the cross-check does not agree; please report this as a bug")


def print_seeds(
    results: list[Evaluation], languages: LanguageTable, folder: Path | None, form: TableFormat
) -> None:
    """Mean and standard deviation over seeds; kept as `seeds.json` where there is a folder."""
    from massive_kit.breakdown.score_tables import seed_tables
    from massive_kit.files import jsonio
    from massive_kit.scoring.seeds import over_seeds

    spread = over_seeds([result.scores for result in results])
    value = spread.model_dump(mode="json")
    if folder:
        jsonio.write_json(folder / "seeds.json", value)
    if form is TableFormat.json:
        emit(jsonio.dumps(value))
        return
    print_tables(seed_tables(spread, languages), form)
    if form is TableFormat.text:
        out.print(f"\n{results[0].scores.signature}", markup=False, soft_wrap=True)
