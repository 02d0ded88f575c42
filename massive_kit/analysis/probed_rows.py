"""Which utterances a probe searches, and which others it takes means from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.split import DataSplit, draw_rank
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.schema.probe import ProbedRows

# Where means come from, unless these are searched.
_REFERENCES = ("dev", "train", "test")
_SHOWN = 10
_HALVES: tuple[Literal["one half"], Literal["other half"]] = ("one half", "other half")


@dataclass(frozen=True, slots=True)
class LocaleRows:
    """Utterances of one locale.

    Attributes:
        locale: The locale.
        ids: Their ids.
        texts: As they are written.
        tokens: How many tokens all of them have.
        intents: The intent of each; `None` where it is not known.
        classes: A name for each intent with its slots; `None` where they are not known.
    """

    locale: str
    ids: list[str]
    texts: list[str]
    tokens: int
    intents: list[str | None]
    classes: list[str | None]


@dataclass(frozen=True, slots=True)
class RowChoice:
    """Utterances of one partition, the same ids in every locale.

    Attributes:
        store: The data.
        partition: The partition.
        most: At most so many of a locale.
        drawn: Whether these are drawn by their ids, or else the first of the file.
        half: 0 or 1 for one half of the ids, where the other half serves another purpose.
    """

    store: Store
    partition: str
    most: int | None
    drawn: bool = True
    half: int | None = None

    def of(self, locale: str) -> LocaleRows:
        """The utterances of a locale, in the store's order."""
        split = DataSplit(self.store, self.partition, (locale,))
        table = split.read(["id", "utt", "tokens", "intent", "labels"])
        ids = table.column("id").to_pylist()
        table = table.take(self._chosen(ids))
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
        classes = [
            None if intent is None or labels is None else _class_name(intent, labels)
            for intent, labels in zip(columns["intent"], columns["labels"], strict=True)
        ]
        tokens = sum(map(len, columns["tokens"]))
        return LocaleRows(locale, columns["id"], columns["utt"], tokens, columns["intent"], classes)

    def ids(self, locale: str) -> list[str]:
        """The ids of these utterances alone."""
        ids = DataSplit(self.store, self.partition, (locale,)).read(["id"]).column("id").to_pylist()
        return [ids[row] for row in self._chosen(ids)]

    def count(self, locale: str) -> int:
        """About how many utterances a locale has here."""
        rows = self.store.parts[locale][self.partition].rows
        rows = rows if self.half is None else rows // 2
        return rows if self.most is None else min(rows, self.most)

    def described(self, rows: int) -> ProbedRows:
        """What to tell of the choice, of which a language has so many rows at most."""
        share = "all" if self.half is None else _HALVES[self.half]
        return ProbedRows(partition=self.partition, rows=rows, ids=share, drawn=self.drawn)

    def _chosen(self, ids: Sequence[str]) -> list[int]:
        ranks = [draw_rank(0, self.partition, identity) for identity in ids]
        order = [*range(len(ids))]
        if self.drawn:
            order.sort(key=ranks.__getitem__)
        if self.half is not None:
            # By the id alone, so that no id is on both sides, whatever a locale lacks.
            order = [row for row in order if ranks[row][-1] % 2 == self.half]
        return sorted(order[: self.most])


@dataclass(frozen=True, slots=True)
class Choices:
    """What is searched, and what means are taken from: no utterance is in both.

    Attributes:
        searched: Where translations are looked for.
        reference: Where means come from.
    """

    searched: RowChoice
    reference: RowChoice

    @classmethod
    def of(
        cls,
        store: Store,
        locales: Sequence[str],
        partition: str,
        most: int | None,
        most_reference: int,
        *,
        drawn: bool = True,
    ) -> Choices:
        """The choice for some locales: another partition for means, or one half of the only one.

        Args:
            store: The data.
            locales: The locales.
            partition: What is searched.
            most: At most so many rows of a locale are.
            most_reference: At most so many others of a locale are means made of.
            drawn: Whether these are drawn, or else the first of the file.

        Raises:
            MissingDataError: A locale lacks the partition.
        """
        lacking = [code for code in locales if partition not in store.parts[code]]
        if lacking:
            raise MissingDataError(
                f"{store.name} has no {partition} of {', '.join(lacking[:10])}; it has"
                f" {', '.join(store.partitions)}; name another one with --partition"
            )
        others = (
            name
            for name in dict.fromkeys((*_REFERENCES, *store.partitions))
            if name != partition and all(name in store.parts[code] for code in locales)
        )
        other = next(others, None)
        if other is None:
            return cls(
                RowChoice(store, partition, most, drawn, half=0),
                RowChoice(store, partition, most_reference, drawn, half=1),
            )
        return cls(
            RowChoice(store, partition, most, drawn),
            RowChoice(store, other, most_reference, drawn),
        )

    def refuse_unshared(self, locales: Sequence[str]) -> None:
        """Refuses locales in which no translation can be looked for.

        Args:
            locales: The locales, the one compared with first.

        Raises:
            UsageError: One shares no id with the first.
        """
        against, *others = locales
        ids = {*self.searched.ids(against)}
        apart = [code for code in others if ids.isdisjoint(self.searched.ids(code))]
        if apart:
            raise UsageError(
                f"{', '.join(apart[:_SHOWN])}{', ...' if len(apart) > _SHOWN else ''}:"
                f" no utterance of {self.searched.partition} in {self.searched.store.name} has the"
                f" id of one of {against}, with which they are compared; expected translations with"
                " equal ids; leave these locales out (--locale), compare with another one"
                " (--against), or probe more rows"
            )


def numbered(names: Sequence[str | None], numbers: dict[str, int]) -> NDArray[np.int64]:
    """A number for each name, -1 for none; new names get new numbers in `numbers`."""
    return np.array(
        [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names],
        np.int64,
    )


def _class_name(intent: str, labels: Sequence[str]) -> str:
    """An intent with the slots of an utterance, each once, whatever their order."""
    return " ".join([intent, *sorted({label for label in labels if label != "Other"})])
