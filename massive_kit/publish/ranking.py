"""The order of systems in a section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from massive_kit.breakdown.rank_bands import RankBand
from massive_kit.publish.board_model import Standing
from massive_kit.publish.entries import Entry, merit
from massive_kit.schema.board import Board
from massive_kit.schema.metrics import Mean
from massive_kit.schema.scores import Estimate

# A score of an entry in a metric, by which it is placed.
ScoreOf = Callable[[Entry, str], Estimate | None]


def order_key(entry: Entry, board: Board, score: ScoreOf | None = None) -> tuple[float | str, ...]:
    """What a section is sorted by: the score, the tie-breaks, the name.

    Args:
        entry: The entry.
        board: Says which metric ranks, and what breaks ties.
        score: Its scores under another mean than the board's.
    """
    score_of = score or _headline(board)
    keys: list[float | str] = [-merit(score_of(entry, board.metric), board.metric)]
    for rule in board.tie_break:
        if rule == "date":
            keys.append(entry.manifest.date.isoformat())
        elif rule == "parameters":
            keys.append(float(entry.manifest.parameters.total or float("inf")))
        else:
            keys.append(-merit(score_of(entry, rule), rule))
    return (*keys, entry.key)


def rank(
    entries: Sequence[Entry],
    board: Board,
    bands: Mapping[str, Mapping[str, RankBand]],
    mean: Mean | None = None,
    score: ScoreOf | None = None,
) -> tuple[Standing, ...]:
    """The entries of a section, best first, with the ranks that paired tests leave open.

    Args:
        entries: The entries.
        board: Says what ranks them.
        bands: The ranks that tests leave open, by what is scored and system.
        mean: Another mean than the board's.
        score: Their scores under it.
    """
    score_of = score or _headline(board)
    ordered = sorted(entries, key=lambda entry: order_key(entry, board, score_of))
    scored = sum(score_of(entry, board.metric) is not None for entry in ordered)
    return placed(ordered, bands.get(f"average:{mean or board.average}", {}), scored)


def _headline(board: Board) -> ScoreOf:
    return lambda entry, metric: entry.headline(board, metric)


def placed(
    ordered: Sequence[Entry], bands: Mapping[str, RankBand], scored: int
) -> tuple[Standing, ...]:
    """Entries that are in order already, with their bands.

    Tests run among the systems that have statistics. Their ranks count places in the whole table,
    so that a published row between two tied systems moves neither of them.

    Args:
        ordered: The entries.
        bands: The ranks that tests leave open.
        scored: How many of the entries have the score; the others come last.
    """
    tested = [place for place, entry in enumerate(ordered, 1) if entry.key in bands]
    standings = []
    for place, entry in enumerate(ordered, 1):
        band = bands.get(entry.key)
        # One system alone has nothing to be tested against.
        if band is None or len(tested) != len(bands) or len(tested) == 1:
            alone = len(ordered) == 1
            standings.append(Standing(entry, place, alone=alone, scored=place <= scored))
        else:
            low, high = tested[band.best - 1], tested[band.worst - 1]
            standings.append(Standing(entry, place, low, high))
    return tuple(standings)
