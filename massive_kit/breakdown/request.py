"""What `breakdown` is asked for, turned into tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from massive_kit.breakdown import facets, score_tables
from massive_kit.breakdown.confusion import confusion, confusion_table
from massive_kit.breakdown.correlation import correlation_table
from massive_kit.breakdown.examples import Example, examples
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.breakdown.slot_errors import error_table
from massive_kit.breakdown.tables import Table
from massive_kit.breakdown.transfer import transfer_tables
from massive_kit.counted import counted
from massive_kit.data.opening import open_data
from massive_kit.data.store import Store
from massive_kit.data.subset import Subset
from massive_kit.data.subset_store import with_subset
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable, groups
from massive_kit.languages.groupings import grouping_columns
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Estimate, GroupScores
from massive_kit.scoring.averages import Scopes
from massive_kit.scoring.estimates import group_scores
from massive_kit.scoring.reports import slot_counts

SPANS = ("slot", "error")


@dataclass(frozen=True)
class Request:
    """An evaluation, and what of it to look at.

    Attributes:
        result: The evaluation.
        only: Locales to look at; none for all that averages run over.
        resamples: Bootstrap resamples of tables that are computed anew.
        seed: Of the resampling.
        data: What `--data` named, where texts are needed; `None` for the data set that was scored.
    """

    result: SavedEvaluation
    only: tuple[str, ...] = ()
    resamples: int = 1000
    seed: int = 0
    data: str | None = None

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales to look at.

        Raises:
            UsageError: One was not scored.
        """
        return self.result.chosen(list(self.only))

    def by(self, names: Iterable[str]) -> list[Table]:
        """A table for each name: a column of the language table, or a property of utterances.

        Raises:
            UsageError: No such name; it lists them all.
        """
        return [self._table(name) for name in names]

    def _table(self, name: str) -> Table:
        result = self.result
        if name in facets.UTTERANCE_FACETS:
            facet = facets.utterance_facet(name, result.aligned)
        elif name in facets.DATA_FACETS:
            partition = result.scores.data.partition
            facet = facets.data_facet(name, result.aligned, self._store(), partition)
            codes = facet.codes[result.rows(self.locales)]
            if len(codes) and not (codes >= 0).any():
                raise UsageError(
                    f"no row of {', '.join(self.locales)} says {name}: copies of MASSIVE may lack"
                    " it, and English has none; import the official files and evaluate on them"
                )
        elif name == "slot":
            scored = result.aligned.gold.locales
            positions = np.array([scored.index(locale) for locale in self.locales])
            reports = slot_counts(result.aligned).report(positions)
            return score_tables.label_table("slot", reports, self.locales if self.only else None)
        elif name == "error":
            return error_table(result.aligned, self.locales)
        else:
            return self._group(name)
        rows = result.rows(self.locales)
        return facets.facet_table(
            facet,
            result.aligned,
            rows,
            resamples=self.resamples,
            seed=self.seed,
            origins=result.statistics.origins if result.has_statistics else None,
        )

    def _group(self, name: str) -> Table:
        scores, languages = self.result.scores, self.result.languages
        if name not in grouping_columns(languages):
            properties = (*facets.UTTERANCE_FACETS, *facets.DATA_FACETS, *SPANS)
            raise UsageError(
                f"cannot break down by {name!r}; there are {', '.join(properties)}, and the columns"
                f" {', '.join(grouping_columns(languages))}"
            )
        stored = scores.groups.get(name)
        other_languages = (
            self.result.extended or languages.columns != LanguageTable.shipped().columns
        )
        if stored is None or self.only or other_languages:
            fresh = self._computed(name) if self.result.has_statistics else self._means(name)
            scores = scores.model_copy(update={"groups": fresh})
        return score_tables.group_tables(scores, [name])[0]

    def _computed(self, name: str) -> dict[str, dict[str, GroupScores]]:
        statistics = self.result.statistics
        scopes = Scopes.by_columns(self.result.languages, statistics.locales, self.locales, [name])
        return group_scores(statistics, scopes, self.resamples, self.seed)

    def _means(self, name: str) -> dict[str, dict[str, GroupScores]]:
        # Published systems have scores and no counts: means without intervals are what they give.
        local = self.result.scores.locales

        def means(members: tuple[str, ...]) -> GroupScores:
            columns: dict[str, Any] = {}
            over: dict[str, int] = {}
            for metric in MAIN_METRICS:
                estimates = [getattr(local[locale], metric) for locale in members]
                values = [estimate.value for estimate in estimates if estimate is not None]
                columns[metric] = Estimate(value=min(fmean(values), 1.0)) if values else None
                if 0 < len(values) < len(members):
                    over[metric] = len(values)
            return GroupScores(**columns, over=over, locales=list(members))

        divided = groups(self.result.languages, name, self.locales)
        return {name: {group.name: means(group.locales) for group in divided}}

    def transfer(self, source: SavedEvaluation | None, by: tuple[str, ...]) -> list[Table]:
        """The transfer gap, by locale and by those names that are columns; the others as `by`."""
        groupings = [name for name in by if name in grouping_columns(self.result.languages)]
        others = [name for name in by if name not in groupings]
        return [
            *self.by(others),
            *transfer_tables(
                self.result,
                source,
                groupings,
                self.locales,
                resamples=self.resamples,
                seed=self.seed,
            ),
        ]

    def confusion(self, what: str, top: int | None) -> Table:
        """What is taken for what, over the locales to look at."""
        matrix = confusion(what, self.result.aligned, self.result.rows(self.locales))
        return confusion_table(matrix, top)

    def correlation(self, column: str) -> Table:
        """Locale scores against a column."""
        scores = self.result.scores.model_copy(update={"averaged": list(self.locales)})
        return correlation_table(scores, self.result.languages, column, self.seed)

    def examples(self, number: int, kind: str | None) -> list[Example]:
        """Utterances with wrong slots."""
        partition = self.result.scores.data.partition
        return examples(
            self.result.aligned,
            self._store(),
            partition,
            self.locales,
            number,
            kind=kind,
            seed=self.seed,
        )

    def without_examples(self, kind: str | None) -> str:
        """What to say where no utterance has wrong slots: how many intents are wrong instead."""
        aligned, rows = self.result.aligned, self.result.rows(self.locales)
        wrong = int((aligned.gold.intents[rows] != aligned.predicted.intents[rows]).sum())
        where = ", ".join(self.only) if self.only else "the scored locales"
        kinds = f" of the kind {kind}" if kind else ""
        hint = ": see --by intent or --confusion intent" if wrong else ""
        return f"no slot errors{kinds} in {where}; {counted(wrong, 'wrong intent')}{hint}"

    def _store(self) -> Store:
        wanted = self.result.scores.data
        sampled = self.result.scores.setting == "few-shot"
        store = open_data(self.data, [wanted.name], sampled=sampled)
        content = store.content_hash(wanted.partition, self.result.scores.locales)
        if content != wanted.hash and wanted.subset is not None:
            gold = self.result.aligned.gold
            subset = Subset(wanted.partition, frozenset(gold.ids.tolist()))
            store = with_subset(store, subset, gold.locales, "the scores")
            content = store.content_hash(wanted.partition, gold.locales)
        if content != wanted.hash:
            raise UsageError(
                f"the data set {store.name} ({content}) is not the one that was scored"
                f" ({wanted.name}, {wanted.hash}); name that one with --data"
            )
        return store
