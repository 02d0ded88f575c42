"""Tokenizers: those of a base model, or one trained on the training split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from massive_kit.data.split import DataSplit
from massive_kit.engine.model_source import UNREADABLE, ModelSource, why_unreadable
from massive_kit.errors import MissingDataError, MissingModelError
from massive_kit.schema.base_model import BaseModelSettings, TokenizerTraining

_PAD, _UNKNOWN, _BEGIN, _END = _SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")


def load_tokenizer(name: str | Path, revision: str | None = None) -> PreTrainedTokenizerFast:
    """The fast tokenizer in a folder, a GGUF file or a hub repository.

    Raises:
        MissingModelError: It is not there, or it has no fast form.
    """
    try:
        source = ModelSource.of(str(name))
        tokenizer = AutoTokenizer.from_pretrained(
            source.name,
            revision=revision or "main",
            trust_remote_code=False,
            **source.options,
        )
    except UNREADABLE as error:
        why = why_unreadable(str(name), "tokenizer.json", error)
        raise MissingModelError(f"no tokenizer at {name}: {why}") from None
    fast: PreTrainedTokenizerFast = tokenizer
    return fast


def backend_of(tokenizer: Any) -> Tokenizer:
    """The `tokenizers` object inside, without padding and truncation.

    Raises:
        MissingDataError: The tokenizer has no such object, so that no offsets are to be had.
    """
    backend: Tokenizer | None = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise MissingDataError(
            f"{type(tokenizer).__name__} gives no offsets; encoders need a fast tokenizer"
        )
    backend.no_padding()
    backend.no_truncation()
    return backend


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-pair tokenizer trained on texts; the same for the same texts."""
    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=list(_SPECIAL), show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        unk_token=_UNKNOWN,
        bos_token=_BEGIN,
        cls_token=_BEGIN,
        eos_token=_END,
        sep_token=_END,
        model_max_length=512,
    )


def settings_tokenizer(
    settings: BaseModelSettings,
    train: DataSplit,
    train_rows: int | None,
    more_texts: Sequence[str] = (),
) -> PreTrainedTokenizerFast:
    """The tokenizer that a recipe names, or one trained on the training rows' text.

    Args:
        settings: What the recipe says of its model.
        train: The training split; its text alone is read.
        train_rows: At most so many rows per locale; `None` for all.
        more_texts: Further texts that a tokenizer is trained on.
    """
    if not isinstance(settings.tokenizer, TokenizerTraining):
        name = settings.tokenizer or settings.base
        assert name is not None
        return load_tokenizer(name, settings.revision)
    texts = train.unlabelled().read(["utt"], train_rows).column("utt").to_pylist()
    return train_tokenizer([*texts, *more_texts], settings.tokenizer.vocabulary)


def fingerprint(tokenizer: Any) -> str:
    """A hash of all that decides how a tokenizer cuts text."""
    if getattr(tokenizer, "backend_tokenizer", None) is not None:
        # An earlier call may have left its truncation, which is not part of the tokenizer.
        text = backend_of(tokenizer).to_str()
    else:
        text = f"{type(tokenizer).__name__} {sorted(tokenizer.get_vocab().items())}"
    return hashlib.sha256(text.encode()).hexdigest()
