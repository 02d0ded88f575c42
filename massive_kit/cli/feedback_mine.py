"""`massive-kit feedback mine`: rewrites from sessions of users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, err
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables

if TYPE_CHECKING:
    from massive_kit.breakdown.tables import Table
    from massive_kit.feedback.learning import Learnt


def mine(
    logs: Annotated[list[Path], typer.Argument(help="Sessions: JSON lines, plain or gzip.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the table of rewrites (TSV). Default: stdout."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            help="The table that was in use: it stays, and what falls behind is withdrawn."
        ),
    ] = None,
    window: Annotated[
        float, typer.Option(min=0, help="Seconds within which the next turn follows.")
    ] = 60.0,
    barge_in: Annotated[
        float, typer.Option(min=0, help="A next turn within so many seconds interrupts.")
    ] = 3.0,
    similarity: Annotated[
        float, typer.Option(min=0, max=1, help="A text so near to the last one repeats it.")
    ] = 0.5,
    turns: Annotated[
        int, typer.Option(min=1, help="Least turns of what fails and of its target.")
    ] = 5,
    episodes: Annotated[
        int, typer.Option(min=1, help="Least episodes that led from one to the other.")
    ] = 3,
    prior: Annotated[
        float, typer.Option(min=0, max=1e6, help="Episodes that the chain's word is worth.")
    ] = 5.0,
    margin: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="How far those who come from what fails succeed more with the target.",
        ),
    ] = 0.3,
    gain: Annotated[
        float, typer.Option(min=0, max=1, help="How far the rewrite should succeed more often.")
    ] = 0.03,
    led: Annotated[
        float, typer.Option(min=0, max=1, help="Least share of its turns that led to the target.")
    ] = 0.1,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of all bounds.")] = 0.95,
    languages: LanguagesOption = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Mine rewrites: what those meant who said it again in other words.

    A line is one turn: session, turn, locale, text, hypothesis, and outcome and time where they are
    known. Turns of a session stand together. docs/feedback.md has the formats and the rules.
    """
    require_extra("feedback", "mining rewrites")
    from massive_kit.feedback.learning import learn
    from massive_kit.feedback.mining import MiningRules
    from massive_kit.feedback.rewrite_table import read_table, table_text, write_table
    from massive_kit.feedback.signals import SignalRules
    from massive_kit.languages import LanguageTable

    known = LanguageTable.load(languages)
    learnt = learn(
        logs,
        known,
        table=read_table(table, known) if table else (),
        signals=SignalRules(window, barge_in, similarity),
        rules=MiningRules(turns, episodes, prior, margin, gain, led, confidence),
    )
    if out is None:
        emit(table_text(learnt.rewrites))
        return
    write_table(out, learnt.rewrites)
    print_tables([_summary(learnt)], form)
    err.print(f"{out} written", markup=False, soft_wrap=True)


def _summary(learnt: Learnt) -> Table:
    from massive_kit.breakdown.tables import Table, columns

    rows = []
    for locale, of_locale in learnt.locales.items():
        here = [rewrite for rewrite in learnt.rewrites if rewrite.locale == locale]
        withdrawn = sum(rewrite.state == "withdrawn" for rewrite in here)
        chain = of_locale.chain
        turns = int(chain.totals.sum())
        rows.append((locale, turns, len(chain), len(chain.counts), len(here), withdrawn))
    kept = f"; {learnt.kept:,} were there before" if learnt.kept else ""
    simulated = f"{learnt.simulated:,} of them" if learnt.simulated else "none of them"
    notes = [
        f"{learnt.turns:,} turns of {learnt.sessions:,} sessions, {simulated} SIMULATED.",
        f"{len(learnt.rewrites):,} rewrites{kept}; {len(learnt.withdrawn):,} withdrawn now.",
    ]
    stranded = sum(of_locale.stranded for of_locale in learnt.locales.values())
    if stranded:
        notes.append(f"{stranded:,} interpretations were left by no turn that could end.")
    heads = [
        ("turns", "turns"),
        ("interpretations", "interpretations"),
        ("edges", "edges"),
        ("rewrites", "rewrites"),
        ("withdrawn", "withdrawn"),
    ]
    head = columns("language", numbers=heads)
    return Table("mined", "Rewrites", head, tuple(rows), tuple(notes))
