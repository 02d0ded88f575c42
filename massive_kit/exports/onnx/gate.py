"""The accuracy gate: what an exported model says, beside what its run says of the same utterances.

Whether they agree is asked of text alone, in every language that the task scores. Exact match is
asked only where the task selects on labels, so that no label decides what it may not decide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MissingDataError
from massive_kit.systems.interface import System, Utterance

# A locale whose figures might be chance at this level is not said to have fallen.
_CHANCE = 0.01
# So many labelled rows in all, so that half a point of exact match is several of them.
_LABELLED_ROWS = 2000

Reading = tuple[str | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What an export may lose.

    Attributes:
        loss: Exact match over all labelled rows, in points.
        agreement: Least share of a locale's utterances that are read as the run reads them, in
            percent, chance aside.
    """

    loss: float = 0.5
    agreement: float = 90.0


@dataclass(frozen=True, slots=True)
class GateSample:
    """Utterances that a run and its export are asked.

    Attributes:
        utterances: All of them, locale after locale.
        gold: What is right, of each; `None` where labels are not looked at.
    """

    utterances: tuple[Utterance, ...]
    gold: tuple[Reading | None, ...]

    @classmethod
    def of(cls, task_data: TaskData, rows: int) -> GateSample:
        """Dev rows of every locale that a task scores, or test text where it has none.

        Args:
            task_data: The task.
            rows: How many per locale; of few locales with labels more.

        Raises:
            MissingDataError: There is no text.
        """
        dev, test = task_data.dev, task_data.test
        labelled = () if dev.text_only else dev.locales
        more = max(rows, math.ceil(_LABELLED_ROWS / max(1, len(labelled))))
        utterances: list[Utterance] = []
        gold: list[Reading | None] = []
        for locale in dict.fromkeys((*test.locales, *labelled)):
            has_labels = locale in labelled
            has_dev = dev.partition in dev.store.parts.get(locale, ())
            split = dev.only(locale) if has_dev else test.only(locale)
            chosen = split.capped_rows(more if has_labels else rows)
            texts = _utterances(split, chosen)
            utterances += texts
            gold += _gold(split, chosen) if has_labels else [None] * len(texts)
        if not utterances:
            raise MissingDataError(f"{test.store.name} has no text to compare the export on")
        return cls(tuple(utterances), tuple(gold))

    def readings(self, system: System) -> list[Reading]:
        """What a system says of them."""
        predictions = system.predict(self.utterances)
        return [(prediction.intent, tuple(prediction.labels)) for prediction in predictions]


@dataclass(frozen=True, slots=True)
class LocaleAgreement:
    """How an export reads the utterances of a locale, beside its run.

    Attributes:
        locale: The locale.
        rows: How many.
        same: How many are read the same, intent and all labels.
        labelled: How many have labels.
        run_right: How many of these the run reads right.
        lost: How many of these the export reads wrong.
        gained: How many the export reads right and the run does not.
    """

    locale: str
    rows: int
    same: int
    labelled: int = 0
    run_right: int = 0
    lost: int = 0
    gained: int = 0

    @property
    def agreement(self) -> float:
        """Share that is read the same, in percent."""
        return 100 * self.same / self.rows

    @property
    def loss(self) -> float:
        """Exact match that is lost, in points; 0 without labels."""
        return 100 * (self.lost - self.gained) / max(1, self.labelled)

    def fell(self, limits: GateLimits) -> bool:
        """Whether less is read the same than asked for, or more is lost, and not by chance."""
        least = limits.agreement / 100
        if self.agreement < limits.agreement and _at_most(self.same, self.rows, least) < _CHANCE:
            return True
        differing = self.lost + self.gained
        by_chance = _at_most(self.gained, differing, 0.5)
        return self.loss > limits.loss and by_chance < _CHANCE


@dataclass(frozen=True, slots=True)
class GateResult:
    """How an export reads the sample, beside its run.

    Attributes:
        locales: Each locale.
        limits: What it may lose.
    """

    locales: tuple[LocaleAgreement, ...]
    limits: GateLimits

    @classmethod
    def of(
        cls,
        sample: GateSample,
        run: Sequence[Reading],
        export: Sequence[Reading],
        limits: GateLimits,
    ) -> GateResult:
        """Compares readings of the run with those of the export, row by row."""
        counts: dict[str, dict[str, int]] = {}
        rows = zip(sample.utterances, sample.gold, run, export, strict=True)
        for utterance, gold, before, after in rows:
            count = counts.setdefault(utterance.locale, dict.fromkeys(_COUNTS, 0))
            count["rows"] += 1
            count["same"] += before == after
            if gold is not None:
                count["labelled"] += 1
                count["run_right"] += before == gold
                count["lost"] += before == gold != after
                count["gained"] += after == gold != before
        return cls(tuple(LocaleAgreement(name, **count) for name, count in counts.items()), limits)

    @property
    def total(self) -> LocaleAgreement:
        """All locales together."""
        sums = {name: sum(getattr(part, name) for part in self.locales) for name in _COUNTS}
        return LocaleAgreement("all", **sums)

    @property
    def fallen(self) -> tuple[LocaleAgreement, ...]:
        """The locales that fell, the worst first."""
        parts = [part for part in self.locales if part.fell(self.limits)]
        return tuple(sorted(parts, key=lambda part: (part.agreement, -part.loss)))

    @property
    def passed(self) -> bool:
        """Whether no locale fell, and not too much was lost over all."""
        return not self.fallen and self.total.loss <= self.limits.loss

    def facts(self) -> Mapping[str, Any]:
        """What `run.json` keeps of it."""
        total = self.total
        worst = min(self.locales, key=lambda part: part.agreement)
        facts: dict[str, Any] = {
            "rows": total.rows,
            "locales": len(self.locales),
            "agreement": round(total.agreement, 2),
            "lowest_agreement": {worst.locale: round(worst.agreement, 2)},
            "limits": {"loss": self.limits.loss, "agreement": self.limits.agreement},
        }
        if total.labelled:
            right = total.run_right
            facts["labelled_rows"] = total.labelled
            facts["labelled_locales"] = [part.locale for part in self.locales if part.labelled]
            facts["exact_match_of_run"] = round(100 * right / total.labelled, 2)
            facts["exact_match"] = round(
                100 * (right - total.lost + total.gained) / total.labelled, 2
            )
        return facts


_COUNTS = ("rows", "same", "labelled", "run_right", "lost", "gained")


def _at_most(count: int, trials: int, chance: float) -> float:
    """How likely at most so many of the trials succeed, where each does so with that chance."""
    return float(
        sum(
            math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
            for k in range(count + 1)
        )
    )


def _utterances(split: DataSplit, chosen: Any) -> list[Utterance]:
    names = ("id", "locale", "utt", "tokens")
    table = split.unlabelled().read(names)
    if chosen is not None:
        table = table.take(chosen)
    return [
        Utterance(*row) for row in zip(*(table[name].to_pylist() for name in names), strict=True)
    ]


def _gold(split: DataSplit, chosen: Any) -> list[Reading]:
    columns = split.labels()
    names = columns.inventory.intents
    rows = range(len(columns)) if chosen is None else chosen.tolist()
    return [
        (
            names[columns.intents[row]] if columns.intents[row] >= 0 else None,
            tuple(columns.row_labels(row)),
        )
        for row in rows
    ]
