"""What a model starts from: a pre-trained base, or a configuration and a tokenizer to train."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from massive_kit.schema.config import Strict


class TokenizerTraining(Strict):
    """A tokenizer trained on the training split, for a model from scratch.

    Attributes:
        vocabulary: Most subwords it has.
    """

    vocabulary: int = Field(default=8000, ge=300)


class BaseModelSettings(Strict):
    """A pre-trained model, or one with random weights.

    Attributes:
        base: A folder, a hub name or a run; `None` builds `config` with random weights.
        revision: Of the hub's repository.
        config: A `transformers` configuration (with `model_type`) from scratch; over a base, keys
            to change.
        tokenizer: A folder or hub name if it is not that of the base, or one to train.
    """

    base: str | None = None
    revision: str | None = None
    config: dict[str, Any] = {}
    tokenizer: str | TokenizerTraining | None = None

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if self.base is None and "model_type" not in self.config:
            raise ValueError("a model from scratch needs config.model_type, any other needs base")
        if self.base is None and self.tokenizer is None:
            raise ValueError("a model from scratch needs a tokenizer")
        return self
