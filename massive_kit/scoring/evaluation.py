"""From labels to `scores.json`: metrics, averages, groups, transfer, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from massive_kit.data.id_origins import id_origin
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Compat
from massive_kit.data.subset_store import scored_subset
from massive_kit.data.task_data import TaskData
from massive_kit.errors import UsageError
from massive_kit.files import jsonio
from massive_kit.languages import LanguageTable
from massive_kit.notebook import ShownAsTable
from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import (
    DataRef,
    GroupScores,
    Interval,
    LocaleScores,
    MeanScores,
    Scores,
)
from massive_kit.schema.task import Setting
from massive_kit.scoring.alignment import Aligned, align
from massive_kit.scoring.averages import DEFAULT_GROUPINGS, Scopes, genus_members
from massive_kit.scoring.bootstrap import Units, resample
from massive_kit.scoring.estimates import Estimates
from massive_kit.scoring.labels import save_labels
from massive_kit.scoring.metrics import METRICS, slot_f1_macro_types
from massive_kit.scoring.replicates import Replicates
from massive_kit.scoring.reports import intent_counts, slot_counts
from massive_kit.scoring.signature import signature
from massive_kit.scoring.slot_methods import slot_method_scores
from massive_kit.scoring.statistics import SufficientStatistics, count_aligned
from massive_kit.scoring.stats_file import (
    LABELS_FILE,
    SCORES_FILE,
    STATS_FILE,
    ScoredOn,
    save_stats_file,
)
from massive_kit.scoring.transfer import transfer_gaps

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Context:
    """What is scored, beside the labels themselves.

    Attributes:
        task: Name of the task.
        setting: Its setting.
        data: Which data.
        languages: The language table.
        averaged: The locales that averages and groups run over.
        source_locale: The locale that transfer is measured from.
        compat: Whose labels the gold labels are, if not this package's own.
        origin: Gives the id of the row that a row was made of; `None` where no row was.
    """

    task: str
    setting: Setting
    data: DataRef
    languages: LanguageTable
    averaged: tuple[str, ...]
    source_locale: str | None = None
    compat: Compat | None = None
    origin: Callable[[str], str] | None = None

    @classmethod
    def of(cls, task_data: TaskData, compat: Compat | None = None) -> Context:
        """The context of a task on a store."""
        task, test = task_data.task, task_data.test
        data = DataRef(
            name=test.store.name,
            version=test.store.version,
            hash=test.hash,
            partition=test.partition,
            subset=scored_subset(test),
        )
        return cls(
            task.name,
            task.setting,
            data,
            task_data.languages,
            task_data.averaged,
            task.source_locale,
            compat,
            None if test.store.lineage is None else id_origin(test.store.lineage),
        )


@dataclass(frozen=True, slots=True)
class Evaluation(ShownAsTable):
    """All that scoring one system on one task gives.

    Attributes:
        scores: What `scores.json` holds.
        statistics: The counts that the scores come from.
        replicates: The main metrics under resampling, for `stats.npz`; `None` without resampling.
        aligned: The labels themselves, for closer looks.
        scored_on: What the counts are of.
        slot_methods: As `replicates`, of the parts that `slot_method` tells apart; `None` where no
            row says.
    """

    scores: Scores
    statistics: SufficientStatistics
    replicates: Replicates | None
    aligned: Aligned
    scored_on: ScoredOn
    slot_methods: Replicates | None = None

    def to_frame(self) -> pd.DataFrame:
        """The scores as a pandas data frame, as `Scores.to_frame` gives them."""
        return self.scores.to_frame()

    def save(self, folder: Path) -> None:
        """Writes `scores.json`, `stats.npz` and `labels.npz`."""
        save_labels(folder / LABELS_FILE, self.aligned)
        kept = self.statistics, self.replicates, self.slot_methods
        save_stats_file(folder / STATS_FILE, self.scored_on, *kept)
        jsonio.write_json(folder / SCORES_FILE, self.scores.model_dump(mode="json"))


def evaluate(
    gold: LabelColumns,
    predicted: LabelColumns,
    task_data: TaskData,
    *,
    compat: Compat | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    by: Sequence[str] = DEFAULT_GROUPINGS,
    source: SufficientStatistics | None = None,
) -> Evaluation:
    """Scores predictions on a task.

    Args:
        gold: Labels of the task's test split, n rows.
        predicted: Predictions for the same n rows over the same tokens.
        task_data: The task on the store that `gold` comes from.
        compat: What `gold` was read with.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        by: Columns of the language table to group by.
        source: Counts of the same system in the source locale, where the task itself does not test
            it.

    Raises:
        PredictionError: Predictions and gold labels are not of the same utterances and tokens.
        UsageError: No such column, or no locale to average over.
    """
    context = Context.of(task_data, compat)
    evaluation = evaluate_labels(
        context, gold, predicted, resamples=resamples, seed=seed, by=by, source=source
    )
    methods = slot_method_scores(
        task_data.test, evaluation.statistics, context.averaged, resamples, seed
    )
    scores = evaluation.scores.model_copy(update={"slot_methods": methods.scores})
    return replace(evaluation, scores=scores, slot_methods=methods.replicates)


def evaluate_labels(
    context: Context,
    gold: LabelColumns,
    predicted: LabelColumns,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    by: Sequence[str] = DEFAULT_GROUPINGS,
    source: SufficientStatistics | None = None,
) -> Evaluation:
    """As `evaluate`, for labels that do not come from a task."""
    if not context.averaged:
        raise UsageError(
            f"nothing to average over: in the setting {context.setting} averages leave out the"
            f" training locales, and {context.task} tests no other"
            f" ({', '.join(gold.locales) or 'no locale'})"
        )
    aligned = align(gold, predicted)
    statistics = count_aligned(aligned)
    if context.origin is not None:
        statistics = statistics.with_origins(context.origin)
    scopes = Scopes.by_columns(context.languages, gold.locales, context.averaged, by)
    averaged = scopes.averaged
    drawn = (
        resample(statistics, METRICS, averaged, resamples, seed)
        if resamples and len(statistics)
        else None
    )
    slots, intents = slot_counts(aligned), intent_counts(aligned)
    by_locale = np.array([slots.macro_f1(np.array([i])) for i in range(len(gold.locales))])
    macro_types = {slot_f1_macro_types.INFO.name: (by_locale, slots.macro_f1(averaged))}
    estimates = Estimates(statistics, scopes, drawn, macro_types)
    facts = {name: statistics.sums(name) for name in ("n", "tokens", "gold", "predicted")}
    locales = {
        locale: LocaleScores(
            **estimates.of("locale", locale),
            n=int(facts["n"][i]),
            tokens=int(facts["tokens"][i]),
            gold_spans=int(facts["gold"][i]),
            predicted_spans=int(facts["predicted"][i]),
        )
        for i, locale in enumerate(gold.locales)
    }
    groups: dict[str, dict[str, GroupScores]] = {}
    for group in scopes.groups:
        groups.setdefault(group.by, {})[group.name] = GroupScores(
            **estimates.mean(group.by, group.name), locales=list(group.locales)
        )
    scores = Scores(
        task=context.task,
        setting=context.setting,
        source_locale=context.source_locale,
        compat=context.compat,
        scheme=gold.inventory.scheme,
        signature=signature(
            context.task,
            context.data,
            gold.locales,
            context.averaged,
            scheme=gold.inventory.scheme,
            compat=context.compat,
            resamples=resamples,
            seed=seed,
        ),
        data=context.data,
        interval=_interval(resamples if drawn else 0, seed, Units.of(statistics)),
        averaged=list(context.averaged),
        locales=locales,
        averages={name: MeanScores(**estimates.mean("average", name)) for name in AVERAGES},
        groups=groups,
        transfer=transfer_gaps(statistics, source, context.source_locale, resamples, seed, drawn),
        intents=intents.report(averaged),
        slots=slots.report(averaged),
    )
    replicates = estimates.replicates(gold.locales) if drawn else None
    return Evaluation(scores, statistics, replicates, aligned, _scored_on(context, scores))


def _scored_on(context: Context, scores: Scores) -> ScoredOn:
    return ScoredOn(
        task=scores.task,
        setting=scores.setting,
        data=scores.data,
        source_locale=scores.source_locale,
        compat=scores.compat,
        scheme=scores.scheme,
        averaged=scores.averaged,
        groups={
            by: {name: group.locales for name, group in groups.items()}
            for by, groups in scores.groups.items()
        },
        genera=[list(members) for members in genus_members(context.languages, context.averaged)],
        signature=scores.signature,
    )


def _interval(resamples: int, seed: int, units: Units) -> Interval:
    if not resamples:
        return Interval(method="none")
    return Interval(method="bootstrap", unit=units.kind, resamples=resamples, seed=seed)
