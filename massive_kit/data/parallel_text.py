"""Parallel text: utterances of one id in several languages, whose labels nobody reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from massive_kit.data.id_origins import id_origin
from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import UsedResource
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Part, Store
from massive_kit.data.subset import Subset
from massive_kit.data.task_data import TaskData
from massive_kit.data.unlabelled_text import text_split
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.pairs import PairSettings

_TWO = 2


@dataclass(frozen=True, slots=True)
class ParallelText:
    """Utterances to be paired by their ids.

    Attributes:
        split: They, as text alone; of ids whose labels are not read.
        ids: Which ids these are.
        pivot: The locale on one side of every pair; `None` where it may be any.
    """

    split: DataSplit
    ids: IdSplit
    pivot: str | None

    def used(self) -> UsedResource:
        """What reading them uses."""
        store = self.split.store
        return UsedResource(
            "parallel-text", (f"store {store.name}",), store.shots, self.split.locales, self.ids
        )


def parallel_text(task_data: TaskData, settings: PairSettings) -> ParallelText:
    """The utterances that a recipe pairs.

    Args:
        task_data: The task on its data, no id left out.
        settings: Which utterances.

    Raises:
        ConfigError: The data lack a locale, or there are not two.
    """
    ids = id_split(settings)
    split = text_split(task_data, settings.locales, "recipe: objective.pairs.locales")
    problems = []
    if len(split.locales) < _TWO:
        problems.append(
            Problem(
                "recipe",
                f"objective.pairs.locales means {', '.join(split.locales) or 'no locale'}",
                "two locales or more that the data have",
                "-o objective.pairs.locales=all",
            )
        )
    pivot = task_data.task.source_locale if settings.pivot is None else settings.pivot
    if settings.pivot is None and pivot not in split.locales:
        pivot = None
    elif pivot is not None and pivot not in split.locales:
        problems.append(
            Problem(
                "recipe",
                f"objective.pairs.pivot is {pivot!r}",
                f"one of {', '.join(split.locales[:10])}" + ", ..." * (len(split.locales) > 10),  # noqa: PLR2004 - a line
            )
        )
    if problems:
        raise ConfigError("the recipe does not fit the data", problems)
    return ParallelText(with_ids(split, ids, inside=True), ids, pivot)


def without_pairs(task_data: TaskData, settings: PairSettings) -> TaskData:
    """A task's data without the training rows of ids that are read in pairs."""
    ids = id_split(settings)
    return replace(task_data, train=with_ids(task_data.train, ids, inside=False), left_out=ids)


def id_split(settings: PairSettings) -> IdSplit:
    """The ids that settings mean."""
    return IdSplit(settings.ids, settings.seed)


def with_ids(split: DataSplit, ids: IdSplit, *, inside: bool) -> DataSplit:
    """A split of a store that shows, of the split's partition, the rows of some ids alone.

    Args:
        split: The split.
        ids: The ids.
        inside: Whether those of the share are shown, or all others.
    """
    store, partition = split.store, split.partition
    # A row that was made of another is in pairs where that one is.
    seen, origin = store.subset, id_origin(store.lineage)
    if seen is not None and all(ids.holds(origin(identity)) == inside for identity in seen.ids):
        return split
    having = [locale for locale in store.locales if partition in store.parts[locale]]
    of_locale = {
        locale: [
            identity
            for identity in store.read(partition, [locale], ["id"]).column("id").to_pylist()
            if ids.holds(origin(identity)) == inside
        ]
        for locale in having
    }
    subset = Subset(partition, frozenset().union(*of_locale.values()))
    parts = dict(store.parts)
    for locale, shown in of_locale.items():
        part = store.parts[locale][partition]
        # Caches are keyed by the file's hash, and signatures by the content's.
        sha256, content = (
            hashlib.sha256(f"{digest} {subset.name}".encode()).hexdigest()
            for digest in (part.sha256, part.content)
        )
        parts[locale] = store.parts[locale] | {partition: Part(len(shown), sha256, content)}
    return replace(split, store=replace(store, subset=subset, parts=parts))


def check_overlap(used: Iterable[UsedResource], train: DataSplit) -> None:
    """Refuses ids that were read in pairs and whose labels are trained on as well.

    Args:
        used: What a run uses, and what the runs used that it starts from.
        train: The training split, whose ids are counted.

    Raises:
        ConfigError: There are such ids; says how many, and who uses them.
    """
    chain = tuple(used)
    pairs = [resource for resource in chain if resource.resource == "parallel-text"]
    labels = [resource for resource in chain if resource.resource == "target-labels"]
    problems = list(_overlaps(pairs, labels, train)) if pairs and labels else []
    if problems:
        raise ConfigError("ids that are read in pairs lend their labels, too", problems)


def _overlaps(
    pairs: Iterable[UsedResource], labels: Iterable[UsedResource], train: DataSplit
) -> Iterator[Problem]:
    whole = replace(train.store, subset=None)
    origin = id_origin(whole.lineage)
    ids = {
        locale: {
            origin(identity)
            for identity in whole.read(train.partition, [locale], ["id"]).column("id").to_pylist()
        }
        for locale in train.locales
    }
    for pair, label in dict.fromkeys(product(pairs, labels)):
        if pair.ids is None or label.ids == pair.ids:
            continue
        own = label.by == (f"store {whole.name}",)
        of_pairs = {
            identity
            for locale, of_locale in ids.items()
            if not (own and _labelled_by_users(whole, locale))
            for identity in of_locale
            if pair.ids.holds(identity)
        }
        both = of_pairs if label.ids is None else {i for i in of_pairs if not label.ids.holds(i)}
        if both:
            keys = f"objective.pairs.ids={pair.ids.share:g} -o objective.pairs.seed={pair.ids.seed}"
            yield Problem(
                ", made of ".join(pair.by),
                f"{len(both):,} of its {len(of_pairs):,} ids in pairs have labels that"
                f" {', made of '.join(label.by)} is trained on",
                "no id both in a pair and with its labels, which are the same in every language",
                f"leave their labels out: -o {keys}",
            )


def _labelled_by_users(store: Store, locale: str) -> bool:
    """Whether the labels of a locale are what users meant, and none that an id has elsewhere."""
    lineage = store.lineage
    return lineage is not None and lineage.transform == "rephrases" and locale in store.labels_from
