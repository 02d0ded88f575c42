"""The tokenizer that a recipe asks for."""

from __future__ import annotations

from typing import Any

from massive_kit.data.derive.sample import capped_rows
from massive_kit.data.task_data import ResolvedTask
from massive_kit.engine.tokenizers import load_tokenizer, train_tokenizer
from massive_kit.schema.recipe import EncoderModel, OwnTokenizer, Seq2SeqModel, Training


def recipe_tokenizer(
    model: EncoderModel | Seq2SeqModel, resolved: ResolvedTask, training: Training
) -> Any:
    """The tokenizer that a recipe names, or one trained on the training rows."""
    if not isinstance(model.tokenizer, OwnTokenizer):
        name = model.tokenizer or model.base
        assert name is not None
        return load_tokenizer(name, model.revision)
    texts: list[str] = []
    for locale in resolved.train.locales:
        store, partition = resolved.store, resolved.train.partition
        table = store.read(partition, [locale], ["utt"])
        rows = capped_rows(store, partition, locale, training.train_rows)
        texts += (table if rows is None else table.take(rows)).column("utt").to_pylist()
    return train_tokenizer(texts, model.tokenizer.vocabulary)
