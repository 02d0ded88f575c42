"""What is asked of a probe, before any model is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.analysis.probed_rows import Choices
from massive_kit.analysis.probing import Passed, Probing
from massive_kit.data.opening import open_data
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Probe
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

DEFAULT_STORE = "1.1"


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One probe of any model.

    Attributes:
        choices: Which utterances.
        locales: Of which languages, the one compared with first.
        layers: Which layers, below 0 from the last; `None` for all.
        prefix: Text before each utterance.
        precision: `bf16`, `fp32`, or `auto` for what the machine computes fast.
        languages: The language table, whose groups clusters are compared with.
    """

    choices: Choices
    locales: tuple[str, ...]
    layers: tuple[int, ...] | None
    prefix: str
    precision: str
    languages: LanguageTable

    @classmethod
    def of(
        cls,
        data: str | None,
        *,
        partition: str,
        against: str,
        locales: Sequence[str],
        candidates: int | None,
        reference_rows: int,
        layers: str | None,
        prefix: str,
        precision: str = "auto",
        drawn: bool = True,
        languages: LanguageTable | None = None,
    ) -> ProbeRequest:
        """The request of a command line.

        Raises:
            MissingDataError: The store, a locale or the partition is not there.
            UsageError: The layers cannot be read, or there is nothing to compare: one locale alone,
                or one that shares no id with the one compared with.
        """
        asked_layers = None if layers is None else _layers(layers)
        table = languages or LanguageTable.shipped()
        store = open_data(data, (DEFAULT_STORE,), table)
        where = f"the store {store.name}"
        having = [code for code in store.locales if partition in store.parts[code]]
        if not having:
            raise MissingDataError(
                f"{where} has no partition {partition!r}; it has {', '.join(store.partitions)}"
            )
        home = table.find([against], having, where)
        asked = table.find(locales, having, where) if locales else having
        chosen = tuple(dict.fromkeys((*home, *asked)))
        if len(chosen) == 1:
            raise UsageError(f"{against} alone is compared with nothing; name others by --locale")
        choices = Choices.of(store, chosen, partition, candidates, reference_rows, drawn=drawn)
        choices.refuse_unshared(chosen)
        return cls(choices, chosen, asked_layers, prefix, precision, table)

    @property
    def texts(self) -> int:
        """About how many texts are passed through the model."""
        choices = (self.choices.searched, self.choices.reference)
        return sum(choice.count(locale) for choice in choices for locale in self.locales)

    def measure(self, name: str, folder: Path, kind: str, passed: Passed) -> Probe:
        """Probes a model.

        Args:
            name: What it is called.
            folder: Where it is.
            kind: What kind of run it is of.
            passed: Called with a locale and how many more of its texts are through.

        Raises:
            MassiveKitError: The model cannot be read.
            UsageError: It lacks a layer.
        """
        encoder = SentenceEncoder.load(
            SentenceEncoderSettings(base=str(folder), prefix=self.prefix)
        )
        count = int(encoder.body.config.num_hidden_layers) + 1
        layers = range(count) if self.layers is None else self.layers
        wrong = [layer for layer in layers if not -count <= layer < count]
        if wrong:
            raise UsageError(
                f"--layers: {name} has no layer {', '.join(map(str, wrong))}; it has 0 to"
                f" {count - 1}"
            )
        chosen = sorted({layer % count for layer in layers})
        probing = Probing(encoder, self.choices, self.locales, chosen, passed, self.languages)
        return probing.measure(name, kind)


def _layers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"-?[0-9]{1,4}", part) for part in parts):
        raise UsageError(f"--layers {text!r} cannot be read; give numbers, such as 0,6,12 or -1")
    return tuple(map(int, parts))
