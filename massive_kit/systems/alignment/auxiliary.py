"""What an encoder of labels learns beside its task: what it reads for that, and its losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from massive_kit.data.task_data import TaskData
from massive_kit.data.unlabelled_text import text_split
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.batches_beside import BatchesBeside
from massive_kit.engine.objectives import ObjectiveSettings, auxiliary_settings, reads
from massive_kit.engine.pair_texts import LanguageBatches, PairBatches, PairTexts, encode_pairs
from massive_kit.engine.sentence_vectors import check_layer
from massive_kit.engine.texts import Texts, encode_texts
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.text_locales import TextLocales
from massive_kit.systems.alignment.losses import (
    AuxiliaryLosses,
    LabelContrast,
    LanguageAdversary,
    PairContrast,
)
from massive_kit.systems.language_modelling.auxiliary_text import (
    AuxiliaryText,
    BatchesWithText,
    text_objectives,
)

# What the objectives read that are built here; the others are a kind's own.
_READ = frozenset({"text", "languages", "pairs", "labels"})
# Pairs that a batch is cut from, for each pair that it takes; more of them make for less padding.
_CANDIDATES = 8
# How many times an id may be drawn, with other locales each time.
_VERSIONS = 2**20


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """What an encoder learns beside its task.

    Attributes:
        settings: What the recipe says.
        text: Text, and how it is corrupted; `None` where nothing is told.
        languages: Text whose languages are told apart; `None` where none are.
        pairs: Pairs; `None` where none are read.
    """

    settings: ObjectiveSettings
    text: AuxiliaryText | None
    languages: Texts | None
    pairs: PairTexts | None

    @classmethod
    def of(
        cls,
        settings: ObjectiveSettings,
        task_data: TaskData,
        tokenizer: Any,
        *,
        locales: TextLocales | None,
        max_length: int,
        rows: int | None,
    ) -> Auxiliary | None:
        """What a recipe asks for; `None` where it asks for nothing.

        Args:
            settings: What the recipe says.
            task_data: The task on its data.
            tokenizer: Cuts text; gets the special subwords that it lacks.
            locales: Whose text is read; `None` where none is.
            max_length: Most subwords of a text.
            rows: Most texts of a locale.

        Raises:
            ConfigError: The data do not have what is asked for.
            TrainingError: There are too few pairs.
        """
        if not any(reads(name) in _READ for name in settings.auxiliary):
            return None
        # Before anything is cut: a tokenizer may get a mask.
        objectives = text_objectives(settings, tokenizer)
        texts = None
        told_apart = [name for name in settings.auxiliary if reads(name) == "languages"]
        if locales is not None and (objectives or told_apart):
            split = text_split(task_data, locales)
            texts = encode_texts(split, tokenizer, max_length=max_length, rows=rows)
        if texts is not None and told_apart and len(texts.locales) == 1:
            problem = Problem(
                "recipe",
                f"{told_apart[0]} tells languages apart, and objective.text means"
                f" {texts.locales[0]} alone",
                "text of two languages or more",
                "-o objective.text=all",
            )
            raise ConfigError("the objective does not fit the data", [problem])
        pairs = None
        if (parallel := task_data.parallel) is not None:
            pairs = encode_pairs(
                parallel.split, parallel.pivot, tokenizer, max_length=max_length, rows=rows
            )
        if "supervised-contrast" in settings.auxiliary and not task_data.store.inventory.intents:
            problem = Problem("recipe", "supervised-contrast is by intent", "a corpus with intents")
            raise ConfigError("the objective does not fit the data", [problem])
        return cls(
            settings,
            AuxiliaryText(texts, objectives, settings.auxiliary)
            if texts is not None and objectives
            else None,
            texts if told_apart else None,
            pairs,
        )

    @property
    def texts(self) -> tuple[Texts, ...]:
        """All that is read."""
        pairs = None if self.pairs is None else self.pairs.texts
        text = None if self.text is None else self.text.texts
        return tuple(texts for texts in (text, self.languages, pairs) if texts is not None)

    @property
    def facts(self) -> dict[str, int]:
        """For `run.json`: how much is read."""
        text = self.languages if self.text is None else self.text.texts
        read = {} if text is None else {"text_rows": len(text)}
        return read if self.pairs is None else read | {"pair_ids": len(self.pairs)}

    def remapped(self, table: NDArray[np.int32]) -> Auxiliary:
        """The same with other subword ids: `table[old] = new`."""
        return replace(
            self,
            text=self.text and self.text.remapped(table),
            languages=None if self.languages is None else self.languages.remapped(table),
            pairs=None if self.pairs is None else self.pairs.remapped(table),
        )

    def losses(self, body: Any, embedding: nn.Module, rows: int) -> AuxiliaryLosses:
        """The losses, with new heads.

        Args:
            body: The encoder.
            embedding: Its word embeddings.
            rows: How many rows of them are subwords.

        Raises:
            ConfigError: The encoder lacks a layer.
        """
        width = int(body.config.hidden_size)
        heads = None if self.text is None else self.text.heads(width, embedding, rows)
        aligned: dict[str, nn.Module] = {}
        by_labels = None
        for name in self.settings.auxiliary:
            settings, what = auxiliary_settings(self.settings, name), reads(name)
            if what in _READ - {"text"}:
                check_layer(settings.layer, body, f"objective.auxiliary_settings.{name}.layer")
            if what == "pairs":
                aligned[name] = PairContrast(settings)
            elif what == "languages":
                assert self.languages is not None
                aligned[name] = LanguageAdversary(settings, width, len(self.languages.locales))
            elif what == "labels":
                by_labels = LabelContrast(settings)
        return AuxiliaryLosses(heads, aligned, by_labels, self.settings.auxiliary)

    def beside(self, labelled: BatchDataset, seed: int) -> BatchDataset:
        """Labelled batches, each with what is read beside it."""
        batches = labelled
        if self.text is not None:
            batches = self.text.beside(batches, seed)
        for name in self.settings.auxiliary:
            if reads(name) == "languages" and self.languages is not None:
                texts = {name: LanguageBatches(self.languages)}
                # Not the texts that another objective draws.
                batches = BatchesWithText(batches, self.languages.lengths, texts, seed + 1)
            elif reads(name) == "pairs" and self.pairs is not None:
                count = int(auxiliary_settings(self.settings, name).pairs)
                pairs = {name: PairBatches(self.pairs, seed)}
                batches = BatchesWithPairs(batches, pairs, count, seed)
        return batches


class BatchesWithPairs(BatchesBeside):
    """Labelled batches, each with pairs."""

    stream = (2,)

    def __init__(
        self, labelled: BatchDataset, pairs: Mapping[str, PairBatches], count: int, seed: int
    ) -> None:
        super().__init__(labelled, pairs, seed)
        self.pairs = pairs
        self.count = count

    def drawn(
        self, batch: Mapping[str, Any], rows: NDArray[np.int64], chance: np.random.Generator
    ) -> dict[str, Any]:
        """Pairs, others for each name."""
        del batch, rows
        return {name: self._drawn(batches, chance) for name, batches in self.pairs.items()}

    def _drawn(self, batches: PairBatches, chance: np.random.Generator) -> dict[str, Any]:
        """Pairs of like length, no id twice, any as likely as another."""
        ids = len(batches.pairs)
        count = min(self.count, ids)
        blocks = min(_CANDIDATES, ids // count)
        candidates = chance.permutation(ids)[: blocks * count]
        order = np.argsort(batches.pairs.lengths[candidates], kind="stable")
        start = count * int(chance.integers(blocks))
        chosen = candidates[order][start : start + count]
        return batches.__getitems__(chosen + ids * int(chance.integers(_VERSIONS)))
