"""How a frozen encoder makes one vector of an utterance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class SentenceEncoderSettings(Strict):
    """A frozen encoder, and how its vectors are read.

    Attributes:
        base: Where the encoder comes from: a folder, a name on the Hugging Face hub, or a run of
            the kit.
        revision: Branch, tag or commit of the hub's repository; `main` if not given.
        prefix: Text before each utterance, as the encoder was trained to see it; the models of the
            E5 family want `query: `.
        pooling: What the vector is read from: the mean over all subwords, or the first or the last
            of them.
        layer: The layer that is read, counted from 0; `last` is the encoder's output.
        max_length: Most subwords of an utterance, the prefix included; longer ones are cut.
    """

    base: str = Field(min_length=1, examples=["intfloat/multilingual-e5-small"])
    revision: str | None = None
    prefix: str = ""
    pooling: Literal["mean", "first", "last"] = "mean"
    layer: int | Literal["last"] = "last"
    max_length: int = Field(default=128, ge=8, le=8192)
