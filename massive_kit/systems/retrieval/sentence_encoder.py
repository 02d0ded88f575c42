"""A frozen encoder at work: utterances to vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from massive_kit.data.ragged import flat
from massive_kit.engine.attention_masks import known_whole
from massive_kit.engine.base_models import base_config, check_vocabulary, most_positions
from massive_kit.engine.encoder_bodies import load_body
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast, choose_precision, quiet
from massive_kit.engine.tokenizers import backend_of, load_tokenizer
from massive_kit.engine.transfers import Computed, brought_back, moved
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.kind import register_models
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.shared_encoders import EncoderFiles, SharedEncoders
from massive_kit.systems.retrieval.vector_index import Vectors, of_length_one

# Most subwords of a batch, padding included.
_BUDGET = 8192
# Most texts whose vectors are kept for another that asks for the same.
_KEPT = 8192
_IN_USE = SharedEncoders()


class EncodedTexts(NamedTuple):
    """Texts as an encoder reads them, its prefix before each.

    Attributes:
        subwords: The ids of each.
        spans: For each of these where its characters begin and end, counted from the prefix on.
        special: For each of these whether it is not text.
    """

    subwords: list[list[int]]
    spans: list[list[tuple[int, int]]]
    special: list[list[int]]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class SentenceEncoder:
    """An encoder that stays as it is.

    Attributes:
        body: In evaluation mode, on its device.
        tokenizer: Its tokenizer.
        settings: How its vectors are read.
        precision: bf16 or fp32.
    """

    body: PreTrainedModel
    tokenizer: Any
    settings: SentenceEncoderSettings
    precision: str
    _last: list[tuple[list[str], Vectors]] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def load(cls, settings: SentenceEncoderSettings, precision: str = "auto") -> SentenceEncoder:
        """The encoder that settings name; weights from safetensors alone.

        Raises:
            MissingDataError: The base is not found.
            ConfigError: The settings do not fit it.
        """
        quiet()
        # A base may be the model of a run.
        register_models()
        base = BaseModelSettings(base=settings.base, revision=settings.revision)
        tokenizer = load_tokenizer(settings.base, settings.revision)
        config = base_config(base, tokenizer)
        if settings.layer != "last" and not hasattr(config, "num_hidden_layers"):
            problem = Problem("recipe", "model.layer is set", "last")
            raise ConfigError(
                f"{settings.base} is a trained encoder, whose body is taken whole", [problem]
            )
        model = load_body(base, config, settings.layer)
        # Of a model with heads, what is below them.
        body: PreTrainedModel = model.base_model.eval().requires_grad_(requires_grad=False)
        check_vocabulary(body, tokenizer)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return cls(body.to(device), tokenizer, settings, choose_precision(precision))

    @classmethod
    def saved(
        cls, folder: Path, settings: SentenceEncoderSettings, precision: str = "auto"
    ) -> SentenceEncoder:
        """The encoder that `save` wrote into a folder; `settings` are those it had then.

        Where one that was read from the same files is in use, it is that one.
        """
        files = EncoderFiles.of(folder, settings, choose_precision(precision))
        encoder = _IN_USE.like(files)
        if encoder is None:
            # What was saved has no layers above the one that is read.
            changes = {"base": str(folder), "revision": None, "layer": "last"}
            encoder = cls.load(settings.model_copy(update=changes), precision)
            _IN_USE.keep(files, encoder)
        return encoder

    def save(self, folder: Path) -> None:
        """Writes weights (safetensors), configuration and tokenizer into a folder."""
        self.body.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, width): a vector of length 1 for each text; computed longest with longest.

        They are not to be written to: whoever asks for the same texts next is given the same.
        """
        asked = list(texts)
        for known, kept in tuple(self._last):
            if known == asked:
                return kept
        made: Vectors = self._computed(asked)
        made.setflags(write=False)
        if len(asked) <= _KEPT:
            self._last[:] = [(asked, made)]
        return made

    @torch.inference_mode()
    def _computed(self, texts: Sequence[str]) -> Vectors:
        subwords, offsets = flat(self._subwords(texts))
        lengths = np.diff(offsets)
        order = np.argsort(lengths, kind="stable")
        made = np.zeros((len(texts), int(self.body.config.hidden_size)), np.float32)
        device = next(self.body.parameters()).device

        def computed() -> Iterator[Computed]:
            for rows in length_batches(lengths, order, _BUDGET):
                columns = np.arange(lengths[rows].max())
                inside = columns < lengths[rows][:, None]
                at = np.where(inside, offsets[rows][:, None] + columns, 0)
                ids = np.where(inside, subwords[at], self.tokenizer.pad_token_id or 0)
                mask = moved(torch.from_numpy(inside), device)
                with known_whole(whole=bool(inside.all())):
                    output = self.body(
                        input_ids=moved(torch.from_numpy(ids.astype(np.int64)), device),
                        attention_mask=mask.long(),
                    )
                vectors = self._pooled(output.last_hidden_state.float(), mask)
                yield Computed(rows, (vectors,))

        with autocast(device, self.precision):
            for read in brought_back(computed()):
                (made[read.rows],) = read.values
        return of_length_one(made)

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """The subwords of texts, cut to what the encoder can read, with where they stand.

        Raises:
            MissingDataError: The tokenizer does not say where.
        """
        if not texts:
            return EncodedTexts([], [], [])
        backend_of(self.tokenizer)
        encoded = self._encoded(texts, return_offsets_mapping=True, return_special_tokens_mask=True)
        names = ("input_ids", "offset_mapping", "special_tokens_mask")
        return EncodedTexts(*(encoded[name] for name in names))

    def _subwords(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        subwords: list[list[int]] = self._encoded(texts)["input_ids"]
        # A tokenizer without special subwords makes nothing of an empty text.
        return [row or [self.tokenizer.pad_token_id or 0] for row in subwords]

    def _encoded(self, texts: Sequence[str], **wanted: bool) -> Any:
        longest = most_positions(self.body) or self.settings.max_length
        return self.tokenizer(
            [self.settings.prefix + text for text in texts],
            truncation=True,
            max_length=min(self.settings.max_length, longest),
            return_attention_mask=False,
            **wanted,
        )

    def _pooled(self, hidden: Tensor, mask: Tensor) -> Tensor:
        if self.settings.pooling == "first":
            return hidden[:, 0]
        if self.settings.pooling == "last":
            last = mask.long().sum(dim=1) - 1
            return hidden[torch.arange(len(hidden), device=hidden.device), last]
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weights).sum(dim=1) / weights.sum(dim=1)
