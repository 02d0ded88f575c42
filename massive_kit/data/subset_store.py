"""A store seen through a subset: a partition of it has some of its rows alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from massive_kit.data.intake.conversion import content_hash
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Part, Store
from massive_kit.data.subset import Subset, subset_name
from massive_kit.errors import ConfigError, Problem

_SHOWN = 5


def with_subset(store: Store, subset: Subset, locales: Collection[str], where: str) -> Store:
    """The store with the rows of a subset alone in its partition.

    Its hashes are those of these rows, as if nothing else were in the files.

    Args:
        store: The store.
        subset: The partition and the ids that are left of it.
        locales: The locales that must have all of the ids; others lose the partition if they lack
            some.
        where: What names the ids, for messages.

    Raises:
        ConfigError: A locale lacks ids.
        MissingDataError: A file of the store is missing.
    """
    seen = replace(store, subset=subset)
    parts, problems = {}, []
    for locale, partitions in store.parts.items():
        if subset.partition not in partitions:
            parts[locale] = partitions
            continue
        part, table = partitions[subset.partition], seen.read(subset.partition, [locale])
        missing = sorted(subset.ids - {*table.column("id").to_pylist()})
        others = {name: kept for name, kept in partitions.items() if name != subset.partition}
        if missing and locale in locales:
            shown = ", ".join(missing[:_SHOWN]) + ", ..." * (len(missing) > _SHOWN)
            words = f"{len(missing):,} of {len(subset.ids):,} ids are not in {locale}: {shown}"
            problems.append(Problem(where, words, f"ids of {subset.partition} of {store.name}"))
        elif missing:
            parts[locale] = others
            continue
        # Caches are keyed by the file's hash.
        digest = hashlib.sha256(f"{part.sha256} {subset.name}".encode()).hexdigest()
        parts[locale] = others | {
            subset.partition: Part(len(table), digest, content_hash(table.combine_chunks()))
        }
    if problems:
        raise ConfigError("the task does not fit the data", problems)
    return replace(seen, parts=parts)


def scored_subset(split: DataSplit) -> str | None:
    """The name of the subset that a split is of its partition; `None` where it is all of it.

    A store that was sampled from another one holds a subset, too.
    """
    store = split.store
    if store.subset is not None and store.subset.partition == split.partition:
        return store.subset.name
    if store.lineage is not None and store.lineage.sampled(split.partition):
        ids = split.read(["id"]).column("id").to_pylist()
        return subset_name(ids) if ids else None
    return None


def unscored_ids(split: DataSplit) -> frozenset[str]:
    """The ids of a split's partition that are not of its subset."""
    subset = split.store.subset
    if subset is None or not split.locales:
        return frozenset()
    whole = replace(split.store, subset=None).read(split.partition, split.locales[:1], ["id"])
    every: set[str] = {*whole.column("id").to_pylist()}
    return frozenset(every - subset.ids)
