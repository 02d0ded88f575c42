"""What a model starts from: a pre-trained base, or a configuration and a tokenizer to train."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from massive_kit.schema.config import Strict


class TokenizerTraining(Strict):
    """A tokenizer trained on the training split, for a model from scratch.

    Attributes:
        vocabulary: Most subwords in its vocabulary.
    """

    vocabulary: int = Field(default=8000, ge=300)


class BaseModelSettings(Strict):
    """A pre-trained model, or one with random weights.

    Attributes:
        base: Where the weights come from: a folder, a name on the Hugging Face hub, a run of the
            kit, or a GGUF file (`FOLDER/FILE.gguf`, `OWNER/NAME/FILE.gguf`). Without it the model
            is built from `config`, with random weights.
        revision: Branch, tag or commit of the hub's repository; `main` if not given.
        config: With a base, keys of its `transformers` configuration to change; from scratch, the
            whole configuration, `model_type` included.
        tokenizer: A folder, a hub name or a run, where it is not the base's own tokenizer; or a
            mapping with `vocabulary`, to train one. A model from scratch needs one of the two.
    """

    base: str | None = None
    revision: str | None = None
    config: dict[str, Any] = {}
    tokenizer: str | TokenizerTraining | None = None

    @field_validator("config", mode="before")
    @classmethod
    def _null_is_nothing(cls, value: Any) -> Any:
        # What a recipe's `config` says is taken away with `-o model.config=null`.
        return {} if value is None else value

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if self.base is None and "model_type" not in self.config:
            raise ValueError("a model from scratch needs config.model_type, any other needs base")
        if self.base is None and self.tokenizer is None:
            raise ValueError("a model from scratch needs a tokenizer")
        return self
