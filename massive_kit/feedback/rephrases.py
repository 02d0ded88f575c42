"""Texts of users with labels that their rephrases gave them, as rows of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from massive_kit.data.confidences import CONFIDENCES
from massive_kit.data.derivation import Derivation, Transform, UsedFile
from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.feedback.carrying import ENDING, Carrying
from massive_kit.feedback.interpretations import normalised
from massive_kit.feedback.labelled_parts import (
    LabelledPart,
    carried_part,
    confidences_text,
    joined_parts,
    report_of,
    said_part,
    tested_texts,
)
from massive_kit.feedback.rephrased_texts import RephrasedText
from massive_kit.schema.resources import Resource

_PARTITION = "train"


@dataclass(frozen=True, slots=True)
class Rephrases(Transform):
    """How texts of sessions become rows.

    Attributes:
        texts: By locale, texts and what they mean.
        run: The run that users talked to.
        sources: The locales whose labels the run has learnt.
        sessions: The files of sessions.
        confidence: Texts that are less sure are left out.
        into: The locales whose text is labelled by what was said in others.
        by: How that text is found.
        parallel_ids: The ids that are read in several languages for it, as `IdSplit` keeps them.
        carrying: What finds and reads it; `None` where labels stay in their language.
    """

    description: ClassVar[str] = "Label what users said by what they turned out to mean."

    texts: Mapping[str, Sequence[RephrasedText]] = field(metadata={"recorded": False})
    run: LabellingRun = field(metadata={"recorded": False})
    sources: tuple[str, ...] = field(metadata={"recorded": False})
    sessions: tuple[Path, ...] = field(metadata={"recorded": False})
    confidence: float = 0.6
    into: tuple[str, ...] = ()
    by: str | None = None
    parallel_ids: Mapping[str, float] | None = None
    carrying: Carrying | None = field(default=None, metadata={"recorded": False})

    def resources(self) -> tuple[Resource, ...]:
        """The text, what users did, and how it was carried into other languages."""
        more = None if self.carrying is None else self.carrying.matcher.resource
        return ("unlabelled-text", "feedback", *(() if more is None else (more,)))

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The sessions."""
        del locales
        return {"sessions": [UsedFile.of(path) for path in self.sessions]}

    def labelling_runs(self) -> tuple[LabellingRun, ...]:
        """The run that users talked to: its labels are what they confirmed."""
        return (self.run, *(() if self.carrying is None else self.carrying.runs))

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of rows that labels were carried to."""
        del stores
        return () if self.carrying is None else (ENDING,)

    def labels_from(self, stores: Sequence[Store], locales: Sequence[str]) -> dict[str, str]:
        """All labels are made of those that the run has learnt."""
        del stores
        return {locale: self.sources[0] for locale in locales if locale not in self.sources}

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows of the run's own locales, and those of the sessions of all others.

        Raises:
            UsageError: The confidence is out of its range.
            MissingDataError: No other locale has sessions.
            ConfigError: No text can be labelled.
        """
        (store,) = stores
        if not 0 <= self.confidence <= 1:
            raise UsageError("--confidence is between 0 and 1")
        chosen = [name for name in locales if name in self.texts and name not in self.sources]
        if not chosen:
            raise MissingDataError(
                f"no sessions of a locale of {store.name} whose labels the run has not learnt"
            )
        made = {
            locale: said_part(store, locale, self.texts[locale], self.confidence)
            for locale in chosen
        }
        if self.carrying is not None:
            carried = {locale: self._carried(store, locale, made) for locale in self.into}
            made |= {
                locale: part if locale not in made else joined_parts(made[locale], part)
                for locale, part in carried.items()
            }
        report = report_of(made, carried=self.carrying is not None)
        made = {locale: part for locale, part in made.items() if len(part.table)}
        if not made:
            found = f"nothing of {', '.join(chosen)} at a confidence of {self.confidence}"
            raise ConfigError("no text gets a label", [Problem("the sessions", found)])
        labelled = [locale for locale in self.sources if locale in store.parts]
        partitions = {locale: tuple(store.parts[locale]) for locale in labelled}
        partitions |= dict.fromkeys(made, (_PARTITION,))

        def rows(locale: str, partition: str) -> pa.Table:
            return (
                made[locale].table if locale in made else self._own_rows(store, locale, partition)
            )

        return Derivation(
            partitions,
            rows,
            store.inventory,
            store.character_locales & {*partitions},
            report,
            {CONFIDENCES: confidences_text(made)},
        )

    def _own_rows(self, store: Store, locale: str, partition: str) -> pa.Table:
        """The rows of a locale of the run, but for those of ids that are read in others, too."""
        table = store.read(partition, [locale])
        if partition != _PARTITION or self.parallel_ids is None:
            return table
        paired = IdSplit.from_json(self.parallel_ids)
        return table.filter(pa.array([not paired.holds(name) for name in table["id"].to_pylist()]))

    def _carried(self, store: Store, locale: str, said: Mapping[str, LabelledPart]) -> LabelledPart:
        """Text of a locale with what was said in the others."""
        assert self.carrying is not None
        others = {name: part.kept for name, part in said.items() if name != locale}
        own = {normalised(entry.text) for entry in said[locale].kept} if locale in said else set()
        return carried_part(
            DataSplit(store, _PARTITION, (locale,), text_only=True),
            others,
            self.carrying,
            frozenset(own | tested_texts(store, locale)),
        )
