"""The recipe of a prompted language model."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from massive_kit.schema.config import Strict
from massive_kit.schema.recipe import Base, Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings

Choice = Literal["none", "fixed", "random", "lexical", "nearest"]


class PromptedModel(Strict):
    """Which language model is asked, and where it runs.

    Attributes:
        backend: `transformers` runs the model here; `openai` asks any endpoint that speaks as
            OpenAI's does (vLLM, llama.cpp's server, Ollama, a vendor).
        base: Of `transformers` a folder, a name on the Hugging Face hub, a run, or a GGUF file
            (`FOLDER/FILE.gguf`, `OWNER/NAME/FILE.gguf`); of `openai` the name of the model at the
            endpoint.
        revision: Branch, tag or commit of the hub's repository; `main` if not given.
        endpoint: The endpoint's address, such as `http://localhost:8000/v1`. Its key comes from the
            environment variable `OPENAI_API_KEY` alone.
        tokenizer: Of `openai`, a folder or hub name whose tokenizer counts tokens before they are
            sent; without one they are estimated.
        precision: Of `transformers`, `bf16`, `fp32`, or `auto` for what the device computes in.
    """

    backend: Literal["transformers", "openai"] = "transformers"
    base: str = Field(min_length=1, max_length=500)
    revision: str | None = None
    endpoint: str | None = None
    tokenizer: str | None = None
    precision: Literal["auto", "bf16", "fp32"] = "auto"

    @field_validator("endpoint")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            # Reading the port checks it.
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("an address such as http://localhost:8000/v1")
        return value.rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _address_is_not_shown(cls, values: Any) -> Any:
        # An address that may hold a key must not stand in a message about it.
        address = values.get("endpoint") if isinstance(values, dict) else None
        if isinstance(address, str) and {*"@?#"} & {*address}:
            raise ValueError("endpoint is an address alone: the key goes into OPENAI_API_KEY")
        return values

    @model_validator(mode="after")
    def _backend_has_its_keys(self) -> Self:
        if self.backend == "openai" and self.endpoint is None:
            raise ValueError(
                "backend openai needs endpoint, such as -o model.endpoint=http://localhost:8000/v1"
            )
        wrong = [
            key
            for key, backend in (
                ("endpoint", "openai"),
                ("tokenizer", "openai"),
                ("revision", "transformers"),
            )
            if getattr(self, key) is not None and backend != self.backend
        ]
        if wrong:
            raise ValueError(f"{' and '.join(wrong)} cannot be set for backend {self.backend}")
        return self


class Demonstrations(Strict):
    """The labelled examples in a prompt.

    Attributes:
        k: How many; 0 for none.
        choose: `none`; `fixed`, the same for every utterance; `random`, others for each utterance;
            `lexical`, those that share the most character n-grams with it; `nearest`, those whose
            vectors are nearest to its own. The first two go through the intents in turn, and fill
            up where the others find too few.
        languages: Where they come from: the task's `source` locale, the utterance's `own` locale
            (the run then uses the resource `target-labels`), or a `mix` of both in turn.
        order: `best_last` puts the best beside the utterance, `best_first` at the start;
            `shuffled` draws an order.
        ids: Of `fixed`, ids of training rows, in order; without them a draw.
        vectors: Of `nearest`, the encoder and how it is read, or its `base` alone.
        pool: At most so many training rows per locale to choose from, drawn; all by default.
        seed: Of the draws.
    """

    k: int = Field(default=8, ge=0, le=200)
    choose: Choice = "lexical"
    languages: Literal["source", "own", "mix"] = "source"
    order: Literal["best_last", "best_first", "shuffled"] = "best_last"
    ids: list[str] = []
    vectors: SentenceEncoderSettings | None = None
    pool: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)

    @field_validator("vectors", mode="before")
    @classmethod
    def _base_alone(cls, value: Any) -> Any:
        return {"base": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _choice_has_its_keys(self) -> Self:
        if self.choose == "nearest" and self.vectors is None and self.k:
            raise ValueError("choose nearest needs vectors: an encoder's folder, hub name or run")
        if self.vectors is not None and self.choose != "nearest":
            raise ValueError("vectors are for choose nearest")
        if self.ids and self.choose != "fixed":
            raise ValueError("ids are for choose fixed")
        if len(self.ids) > self.k:
            raise ValueError(f"{len(self.ids)} ids, and k is {self.k}")
        return self

    @property
    def count(self) -> int:
        """How many stand in a prompt."""
        return 0 if self.choose == "none" else self.k


class PromptSettings(Strict):
    """How a question is put.

    Attributes:
        template: A file of `baselines/prompts/` by name, or the path of a `.jinja` file.
        language: The instruction's language: `english`, or the utterance's `own` where
            `baselines/prompts/instructions.yaml` has it.
        labels: How intents and slots are listed: by `names`, `described` by a line each (of
            `data_cards/labels.yaml`), or `none`, where the demonstrations must do.
        format: What is asked for: `two_step` asks for the intent, and then for the slots that stand
            with it in the training data; `annotated` for the intent and the utterance with slots in
            brackets; `json` for an object.
    """

    template: str = "default"
    language: Literal["english", "own"] = "english"
    labels: Literal["names", "described", "none"] = "names"
    format: Literal["two_step", "annotated", "json"] = "two_step"


class Decoding(Strict):
    """How answers are had.

    Attributes:
        concurrency: Of `openai`, most requests at a time.
        attempts: Of `openai`, how often a request is sent that fails for a passing reason.
        timeout: Of `openai`, seconds after which a request has failed; where it was late, the next
            attempt has twice as long.
        longest_wait: Of `openai`, most seconds between two attempts, whatever the endpoint asks.
        requests_per_minute: Of `openai`, most requests in a minute; any number by default.
        max_tokens: Of `openai`, most tokens of an answer.
        temperature: Of `openai`; 0 for the most likely answer.
        seed: Of `openai`, sent along where it is given.
        structured: Of `openai`, whether answers are held to a JSON schema: `auto` where the
            endpoint offers it, or `never`.
        parameters: Of `openai`, further keys of a request that the endpoint knows.
        prior: Of `transformers`, whether the score that a label has for an utterance without
            content is taken off its score.
        candidates: Of `transformers`, `all` intents, or those of the prompt's `demonstrations`.
        batch: Of `transformers`, utterances at a time.
    """

    concurrency: int = Field(default=16, ge=1, le=256)
    attempts: int = Field(default=6, ge=1, le=20)
    timeout: float = Field(default=120, gt=0, le=3600)
    longest_wait: float = Field(default=60, ge=0, le=3600)
    requests_per_minute: float | None = Field(default=None, gt=0)
    max_tokens: int = Field(default=512, ge=1, le=100_000)
    temperature: float = Field(default=0, ge=0, le=2)
    seed: int | None = None
    structured: Literal["auto", "never"] = "auto"
    parameters: dict[str, Any] = {}
    prior: bool = True
    candidates: Literal["all", "demonstrations"] = "all"
    batch: int = Field(default=8, ge=1, le=1024)


class Budget(Strict):
    """Where predicting stops.

    What is spent counts from the beginning of the run, over all calls.

    Attributes:
        tokens: Most tokens, of prompts and answers together.
        cost: Highest price, in the currency of `prices`.
    """

    tokens: int | None = Field(default=None, ge=1)
    cost: float | None = Field(default=None, gt=0)


class Prices(Strict):
    """What the endpoint asks for a million tokens.

    Attributes:
        prompt: For what is sent.
        answer: For what comes back.
        currency: In which money.
    """

    prompt: float = Field(ge=0)
    answer: float = Field(ge=0)
    currency: str = Field(default="USD", min_length=1, max_length=20)


class PromptedRecipe(Recipe):
    """A language model that is asked in context; nothing is fine-tuned.

    Attributes:
        model: Which model is asked, and where it runs.
        demonstrations: The labelled examples in a prompt.
        prompt: How a question is put.
        decoding: How answers are had.
        budget: Where predicting stops.
        prices: What tokens cost; without it nothing is said of cost.
    """

    seed_key: ClassVar[str | None] = "demonstrations.seed"

    kind: Literal["prompted"]
    model: PromptedModel
    demonstrations: Demonstrations = Demonstrations()
    prompt: PromptSettings = PromptSettings()
    decoding: Decoding = Decoding()
    budget: Budget = Budget()
    prices: Prices | None = None

    @model_validator(mode="after")
    def _cost_can_be_known(self) -> Self:
        if self.budget.cost is not None and self.prices is None:
            raise ValueError("budget.cost needs prices.prompt and prices.answer")
        return self

    def bases(self) -> tuple[Base, ...]:
        """The model, where it runs here, and the encoder that finds demonstrations."""
        vectors = self.demonstrations.vectors
        here = self.model.backend == "transformers"
        return (
            *([Base("model.base", self.model.base)] if here else []),
            *([Base("demonstrations.vectors.base", vectors.base, "encoder")] if vectors else []),
        )

    def labelled_locales(self, task: Task, locales: tuple[str, ...]) -> tuple[str, ...]:
        """The source locale alone, or all where demonstrations are of the utterance's language."""
        if self.demonstrations.count and self.demonstrations.languages != "source":
            return locales
        source = task.source_locale
        return (source,) if source is not None and source in locales else locales[:1]
