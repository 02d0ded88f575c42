"""The tokenizer that a recipe asks for."""

from __future__ import annotations

from typing import Any

from massive_kit.data.task_data import TaskData
from massive_kit.engine.tokenizers import load_tokenizer, train_tokenizer
from massive_kit.schema.recipe import EncoderModel, OwnTokenizer, Seq2SeqModel, Training


def recipe_tokenizer(
    model: EncoderModel | Seq2SeqModel, task_data: TaskData, training: Training
) -> Any:
    """The tokenizer that a recipe names, or one trained on the training rows."""
    if not isinstance(model.tokenizer, OwnTokenizer):
        name = model.tokenizer or model.base
        assert name is not None
        return load_tokenizer(name, model.revision)
    texts: list[str] = []
    for split in task_data.train.by_locale():
        table = split.read(["utt"])
        rows = split.capped_rows(training.train_rows)
        texts += (table if rows is None else table.take(rows)).column("utt").to_pylist()
    return train_tokenizer(texts, model.tokenizer.vocabulary)
