"""`massive-kit feedback simulate`: SIMULATED sessions around a system's real predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption, StoreName
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables

if TYPE_CHECKING:
    from massive_kit.breakdown.tables import Table
    from massive_kit.feedback.simulated_folder import SimulatedLog


def simulate(
    predictions: Annotated[
        Path,
        typer.Argument(help="A system's predictions of the utterances: a file, or a folder."),
    ],
    out: Annotated[
        Path, typer.Option(help="A folder for sessions, and for the truth.", file_okay=False)
    ],
    data: StoreName = None,
    partition: Annotated[str, typer.Option(help="Whose utterances users say.")] = "test",
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Only this locale; repeatable.")
    ] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Sessions of each language.")] = 2_000,
    rephrase: Annotated[
        float, typer.Option(min=0, max=1, help="Probability to say it in other words.")
    ] = 0.7,
    change: Annotated[
        float, typer.Option(min=0, max=1, help="Probability to turn to something else instead.")
    ] = 0.2,
    more: Annotated[
        float, typer.Option(min=0, max=1, help="Probability to go on after a success.")
    ] = 0.2,
    tries: Annotated[int, typer.Option(min=1, help="Most times that the same is said.")] = 5,
    barge_in: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rephrases that interrupt.")
    ] = 0.3,
    known: Annotated[
        float, typer.Option(min=0, max=1, help="Share of turns whose outcome the log knows.")
    ] = 0.8,
    slips: Annotated[
        float, typer.Option(min=0, max=1, help="Share of texts with a slip of the hand.")
    ] = 0.1,
    misheard: Annotated[
        float, typer.Option(min=0, max=1, help="Share understood as any other utterance.")
    ] = 0.02,
    held_out: Annotated[
        float, typer.Option(min=0, max=0.99, help="Share of utterances that nobody says.")
    ] = 0.2,
    table: Annotated[
        Path | None, typer.Option(help="A table of rewrites that is acted on.")
    ] = None,
    bad_rewrites: Annotated[
        int, typer.Option(min=0, help="Bad rewrites of each language to plant into the table.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of all draws.")] = 0,
    languages: LanguagesOption = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """SIMULATE users around real predictions: no log of real ones exists in the open.

    Users say utterances of the store; where the system understands something else, they say it in
    other words of the same meaning, turn to something else, or give up. The truth is kept in a
    folder of its own, which `feedback mine` never reads.
    """
    from massive_kit.errors import UsageError
    from massive_kit.feedback.population import predicted_populations
    from massive_kit.feedback.rewrite_table import read_table
    from massive_kit.feedback.simulated_folder import simulate as write
    from massive_kit.feedback.simulation import UserModel

    model = UserModel(
        sessions, rephrase, change, more, tries, barge_in, known, slips, misheard, held_out, seed
    )
    if problems := model.problems():
        raise UsageError("; ".join(problems))
    if bad_rewrites and table is None:
        raise UsageError("--bad-rewrites are planted into a table; name one with --table")
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable

    known_languages = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], known_languages)
    chosen = (
        known_languages.find(locale, store.locales, f"the store {store.name}") if locale else None
    )
    populations = predicted_populations(store, partition, predictions, known_languages, chosen)
    logs = write(
        out,
        {name: of_locale.phrasings for name, of_locale in populations.items()},
        model,
        character_locales=store.character_locales,
        facts={
            "store": store.name,
            "hash": store.content_hash(partition, [*populations]),
            "partition": partition,
            "predictions": predictions.name,
        },
        table=read_table(table, known_languages) if table else None,
        bad_rewrites=bad_rewrites,
    )
    lacking = sum(of_locale.unpredicted for of_locale in populations.values())
    print_tables([_summary(logs, lacking)], form)
    err.print(f"{out} written: SIMULATED sessions", markup=False, soft_wrap=True)


def _summary(logs: list[SimulatedLog], lacking: int) -> Table:
    from massive_kit.breakdown.tables import Table, columns

    rows = [(log.locale, log.sessions, log.turns, log.misunderstood, log.rewritten) for log in logs]
    heads = [
        ("sessions", "sessions"),
        ("turns", "turns"),
        ("misunderstood", "misunderstood"),
        ("rewritten", "rewritten"),
    ]
    notes = ["SIMULATED: users are a model; utterances and what the system understands are real."]
    if lacking:
        notes.append(f"{lacking:,} utterances have no prediction and are not said.")
    head = columns("language", numbers=heads)
    return Table("simulated", "SIMULATED sessions", head, tuple(rows), tuple(notes))
