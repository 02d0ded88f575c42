"""Text of the language whose labels are learnt, for what is made of its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from massive_kit.data.lineage import Lineage
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError


@dataclass(frozen=True, slots=True)
class SourceText:
    """Whose words are looked at.

    Attributes:
        store: The data.
        source: The locale; no other is read.
        partitions: Its partitions.
    """

    store: Store
    source: str
    partitions: Sequence[str] = ("train",)

    def rows(self) -> Iterator[Sequence[str]]:
        """The tokens of its utterances, without labels.

        Raises:
            MissingDataError: The store has no such text.
            ConfigError: The text is not the corpus's own.
            UsageError: The locale is scored by character.
        """
        store = self.store
        if self.source in store.character_locales:
            raise UsageError(f"{self.source} is scored by character, so it has no words to look up")
        parts = store.parts.get(self.source, {})
        absent = [name for name in self.partitions if name not in parts]
        if absent:
            names = ", ".join(absent)
            raise MissingDataError(f"the store {store.name} has no {names} of {self.source}")
        used = [] if store.lineage is None else [*store.lineage.used(store.name)]
        switched = store.lineage is not None and _has_dictionaries(store.lineage)
        if used or switched:
            names = ", ".join(sorted({resource.resource for resource in used}) or ["dictionaries"])
            problem = Problem(
                "--data",
                f"{store.name}, which was made with {names}",
                "a corpus as it was imported",
                "take the store that it was made of",
            )
            raise ConfigError("the words of that text come from elsewhere", [problem])
        return (
            row
            for name in self.partitions
            for row in store.read(name, [self.source], ["tokens"]).column("tokens").to_pylist()
        )


def _has_dictionaries(lineage: Lineage) -> bool:
    """Whether words of a store came from dictionaries, those of an encoder included."""
    parents = (parent.lineage for parent in lineage.parents)
    return bool(lineage.parameters.get("lexicon")) or any(
        parent is not None and _has_dictionaries(parent) for parent in parents
    )
