"""A decoder with its tokenizer, loaded to be read with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import PreTrainedModel

from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import MassiveKitError
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.decoders.loading import load_decoder
from massive_kit.systems.decoders.precision import frozen_dtype
from massive_kit.systems.prompted.local.branches import Branch, BranchingReader, Tree, read_head
from massive_kit.systems.prompted.local.room import room_of
from massive_kit.systems.prompted.recipe import PromptedModel

_UNSEEN = "?"
# By how much a mask may change what a model says of the next token, in nats.
_TOLERANCE = {torch.float32: 0.05, torch.bfloat16: 0.5}


@dataclass(frozen=True)
class LanguageModel:
    """A decoder.

    Attributes:
        model: In evaluation mode, on its device.
        tokenizer: Its tokenizer.
    """

    model: PreTrainedModel
    tokenizer: Any
    _known: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    _before: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, settings: PromptedModel) -> LanguageModel:
        """The model that a recipe names: safetensors or GGUF; no code that comes with it is run.

        Raises:
            MissingDataError: It is not found.
            MassiveKitError: It cannot be read with.
        """
        quiet()
        tokenizer = load_tokenizer(settings.base, settings.revision)
        base = BaseModelSettings(base=settings.base, revision=settings.revision)
        precision = choose_precision(settings.precision)
        model = load_decoder(base, tokenizer, frozen_dtype(precision))
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        loaded = cls(model.to(device).eval().requires_grad_(requires_grad=False), tokenizer)
        loaded._check_branches(settings.base)
        return loaded

    @property
    def room(self) -> int | None:
        """How many tokens it can read; `None` where it does not say."""
        return room_of(self.model.config)

    def encode(self, text: str) -> tuple[int, ...]:
        """The tokens of a text from its beginning, with what the tokenizer puts before it."""
        ids = self.tokenizer(text).input_ids
        end = self.tokenizer.eos_token_id
        if ids and ids[-1] == end:
            # The text goes on.
            ids = ids[:-1]
        return tuple(ids)

    def continuation(self, text: str, before: str) -> tuple[int, ...]:
        """The tokens of a text that follows another one."""
        key = (text, before)
        known = self._known.get(key)
        if known is None:
            # Many texts follow the same one.
            first = self._before.get(before)
            if first is None:
                first = self._before[before] = self._plain(before)
            both = self._plain(before + text)
            joined = both[: len(first)] != first
            known = self._plain(text) if joined else both[len(first) :]
            if text and not known:
                # Some tokenizers drop characters that cannot be seen; what is chosen needs a token.
                known = self._plain(_UNSEEN)
            self._known[key] = known
        return known

    def _plain(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=False).input_ids)

    def _check_branches(self, name: str) -> None:
        """Makes sure that the model heeds the masks by which texts stand side by side.

        Raises:
            MassiveKitError: It does not, or sees what is still to come: what it said would be
                wrong.
        """
        ids = self._plain("wake me up at nine am on friday")[:8]
        half = len(ids) // 2
        try:
            logits, alone_half = self._logits(ids), self._logits(ids[:half])[-1]
            alone, in_whole = logits[-1], logits[half - 1]
            head = read_head(self.model, ids[:half])
            reader = BranchingReader(self.model, head, 1)
            other = Branch(reader.start(0), Tree.chain(ids[:half][::-1]))
            branch = Branch(reader.start(0), Tree.chain(ids[half:]))
            beside = reader.read([other, branch], [[], [len(ids) - half - 1]])[1].logits[0]
        except (TypeError, ValueError, RuntimeError, AttributeError, LookupError) as error:
            line = str(error).strip().partition("\n")[0]
            raise MassiveKitError(f"{name} cannot be read by branches: {line}") from None
        tolerance = _TOLERANCE.get(self.model.dtype, _TOLERANCE[torch.bfloat16])
        if not _difference(alone_half, in_whole) < tolerance:
            raise MassiveKitError(
                f"{name} ({self.model.config.model_type}) sees the tokens that are still to come,"
                " as an encoder does; name a decoder-only language model (model.base)"
            )
        worst = _difference(alone, beside)
        if not worst < tolerance:
            raise MassiveKitError(
                f"{name} ({self.model.config.model_type}) does not heed the masks by which texts"
                f" are read side by side (off by {worst:.2f} nats); run it behind an endpoint"
            )

    @torch.inference_mode()
    def _logits(self, ids: Sequence[int]) -> torch.Tensor:
        output = self.model(input_ids=torch.tensor([ids], device=self.model.device))
        logits: torch.Tensor = output.logits[0].float()
        return logits


def _difference(logits: torch.Tensor, others: torch.Tensor) -> float:
    """By how many nats two distributions differ at most, in the tokens that the first likes."""
    differences = (logits.log_softmax(-1) - others.log_softmax(-1)).abs()
    # Tokens that are out of the question may differ by more.
    likely = logits.topk(min(10, len(logits))).indices
    return float(differences[likely].max())
