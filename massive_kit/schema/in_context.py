"""How a language model was asked, as a manifest says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from massive_kit.schema.amounts import PastDay, WholeNumber
from massive_kit.schema.config import Strict
from massive_kit.schema.line import Line

Count = Annotated[int, Field(ge=0, le=10**15)]
Amount = Annotated[float, Field(ge=0, le=1e9)]


class InContext(Strict):
    """How a language model was asked, and what its answers to the test set took.

    Attributes:
        model: The model, as its makers or the endpoint call it.
        revision: Which revision of it.
        backend: What ran it, such as `transformers`, or `openai` for an endpoint that speaks as
            OpenAI's does.
        demonstrations: How many labelled examples stand in a prompt; 0 for none.
        chosen: How they were chosen: `fixed`, `random`, `lexical`, `nearest`, or in other words.
        languages: Where they come from: the `source` locale, the utterance's `own`, or a `mix`.
        format: The format that was asked for, such as `two_step`, `annotated` or `json`.
        prompt: A hash of all that prompts are made of, or the address of a prompt.
        decoding: The parameters that decide answers, such as `temperature`.
        answered_by: What the models that answered call themselves.
        dates: The first day on which it answered, and the last.
        requests: How often it was asked.
        failed: To how many utterances no answer could be read.
        estimated: Of how many requests the tokens are estimated, as nothing counted them.
        prompt_tokens: Tokens that it read.
        answer_tokens: Tokens that it wrote.
        seconds: How long the answers took, one after the other.
        cost: Their price.
        currency: In which money.
    """

    model: Line = Field(examples=["SmolLM2-135M-Instruct"])
    revision: Line | None = None
    backend: Line | None = None
    demonstrations: Annotated[int, Field(ge=0, le=10_000)] | None = None
    chosen: Line | None = None
    languages: Literal["source", "own", "mix"] | None = None
    format: Line | None = None
    prompt: Line | None = None
    decoding: Annotated[dict[Line, bool | WholeNumber | float | Line], Field(max_length=30)] = {}
    answered_by: Annotated[list[Line], Field(max_length=10)] = []
    dates: Annotated[list[PastDay], Field(max_length=2)] = []
    requests: Count | None = None
    failed: Count | None = None
    estimated: Count | None = None
    prompt_tokens: Count | None = None
    answer_tokens: Count | None = None
    seconds: Amount | None = None
    cost: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[^\n\r]{1,20}$")] = "USD"
