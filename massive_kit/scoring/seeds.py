"""Several runs of one recipe: mean and standard deviation over seeds.

Kept apart from the bootstrap: that says how far the score of one model would move on other
utterances, this says how far it moves when it is trained again. A score that some run does not have
gets no spread.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from massive_kit.errors import UsageError
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import MetricSpreads, Scores, ScoreSet, SeedScores, Spread


def over_seeds(runs: Sequence[Scores]) -> SeedScores:
    """Mean and standard deviation of every score.

    Raises:
        UsageError: There are fewer than two runs, or they are not of the same task and data.
    """
    first = runs[0] if runs else None
    if first is None or len(runs) < 2:  # noqa: PLR2004 - a spread needs two
        raise UsageError("a spread over seeds needs two runs or more")
    for run in runs[1:]:
        if (run.task, run.data, run.compat, run.scheme, list(run.locales)) != (
            first.task,
            first.data,
            first.compat,
            first.scheme,
            list(first.locales),
        ):
            raise UsageError(
                "these runs were not scored alike, so their scores have no common mean:"
                f" {first.signature} and {run.signature}"
            )
    return SeedScores(
        task=first.task,
        setting=first.setting,
        data=first.data,
        compat=first.compat,
        scheme=first.scheme,
        runs=len(runs),
        averages={name: _spreads([run.averages[name] for run in runs]) for name in first.averages},
        locales={name: _spreads([run.locales[name] for run in runs]) for name in first.locales},
        groups={
            by: {name: _spreads([run.groups[by][name] for run in runs]) for name in groups}
            for by, groups in first.groups.items()
        },
    )


def _spreads(scores: Sequence[ScoreSet]) -> MetricSpreads:
    spreads: dict[str, Spread | None] = {}
    for metric in MAIN_METRICS:
        estimates = [getattr(score_set, metric) for score_set in scores]
        if None in estimates:
            spreads[metric] = None
            continue
        values = [estimate.value for estimate in estimates]
        spreads[metric] = Spread(
            mean=statistics.fmean(values), sd=statistics.stdev(values), values=values
        )
    return MetricSpreads(**spreads)
