"""From files of sessions to a table of rewrites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import DataError, Problem
from massive_kit.feedback.counting import LiveRecord, counted
from massive_kit.feedback.guard import guarded
from massive_kit.feedback.mining import MinedLocale, MiningRules, mined
from massive_kit.feedback.rewrites import Rewrite
from massive_kit.feedback.signals import SignalRules, Step, episodes
from massive_kit.feedback.simulation import SIMULATED
from massive_kit.feedback.turns import TurnReader
from massive_kit.languages import LanguageTable


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of sessions.

    Attributes:
        rewrites: The new table: the rewrites of the table before, then the new ones.
        locales: By locale, what was mined.
        sessions: How many sessions were read.
        turns: How many turns.
        simulated: How many of the sessions are simulated, by their names.
        withdrawn: The rewrites that the guard withdrew now.
        kept: How many rewrites were in the table before.
    """

    rewrites: tuple[Rewrite, ...]
    locales: dict[str, MinedLocale]
    sessions: int
    turns: int
    simulated: int
    withdrawn: tuple[Rewrite, ...]
    kept: int


def learn(
    paths: Sequence[Path],
    languages: LanguageTable,
    *,
    table: Iterable[Rewrite] = (),
    signals: SignalRules | None = None,
    rules: MiningRules | None = None,
) -> Learnt:
    """Mines rewrites, and holds those of a table to their live record.

    What the table rewrites already is not mined again, also where it was withdrawn.

    Args:
        paths: Files of sessions.
        languages: What locales there are.
        table: The rewrites that were acted on while the sessions were recorded.
        signals: When a turn counts as failed.
        rules: When a rewrite is made.

    Raises:
        MissingDataError: A file is not there.
        DataError: Lines are wrong; all are told, and nothing is mined.
    """
    signals, rules = signals or SignalRules(), rules or MiningRules()
    reader = TurnReader(languages)
    simulated = 0

    def read() -> Iterator[list[Step]]:
        nonlocal simulated
        for session in reader.read(paths):
            simulated += session[0].session.startswith(SIMULATED)
            yield from episodes(session, signals)

    counts = counted(read())
    reader.mistakes.raise_if_any("the sessions cannot be used")
    if not reader.turns:
        problem = Problem(", ".join(map(str, paths)), "no line", "sessions, a turn a line")
        raise DataError("there is nothing to learn from", [problem])
    before = [*table]
    after = []
    for rewrite in before:
        live = counts[rewrite.locale].live if rewrite.locale in counts else {}
        record = live.get((rewrite.source, rewrite.target), LiveRecord())
        after.append(guarded(rewrite, record, rules.confidence))
    taken = {(rewrite.locale, rewrite.source) for rewrite in before}
    locales = {locale: mined(locale, of_locale, rules) for locale, of_locale in counts.items()}
    new = [
        rewrite
        for of_locale in locales.values()
        for rewrite in of_locale.rewrites
        if (rewrite.locale, rewrite.source) not in taken
    ]
    withdrawn = [
        later for earlier, later in zip(before, after, strict=True) if earlier.state != later.state
    ]
    return Learnt(
        (*after, *new),
        locales,
        reader.sessions,
        reader.turns,
        simulated,
        tuple(withdrawn),
        len(before),
    )
