"""A recipe: how a system is trained. Its `kind` says which family it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from massive_kit import content
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.config import Strict, check, merge, parse_overrides, read_yaml
from massive_kit.schema.metrics import DEFAULT_METRIC, Metric
from massive_kit.schema.placement import Placement as Placement  # noqa: PLC0414 - a recipe's, too

# Most pieces of a batch where a recipe says nothing of its batches.
DEFAULT_BATCH_TOKENS = 4096


class OwnTokenizer(Strict):
    """A tokenizer trained on the training split, for a model from scratch.

    Attributes:
        vocabulary: Most pieces it has.
    """

    vocabulary: int = Field(default=8000, ge=300)


class Head(Strict):
    """A classifier on top of the encoder.

    Attributes:
        layers: Hidden layers before the last linear one.
        width: Of the hidden layers; the encoder's width if not given.
        activation: Between them.
        dropout: Before every linear layer.
    """

    layers: int = Field(default=0, ge=0, le=8)
    width: int | None = Field(default=None, ge=1)
    activation: Literal["gelu", "elu", "tanh", "relu"] = "gelu"
    dropout: float = Field(default=0.1, ge=0, lt=1)


class Freeze(Strict):
    """What keeps its pre-trained weights.

    Attributes:
        embeddings: The word embeddings.
        layers: How many of the lowest layers, with everything below them.
        parameters: Further parameters, by exact name within the body.
    """

    embeddings: bool = False
    layers: int = Field(default=0, ge=0)
    parameters: list[str] = []


class EncoderModel(Strict):
    """An encoder body with a head for intents and one for slots.

    Attributes:
        base: A folder or a hub name; `None` builds `config` with random weights.
        revision: Of the hub's repository.
        config: A `transformers` configuration (with `model_type`) for a body from scratch; over a
            base, keys to change.
        tokenizer: A folder or hub name if it is not that of the base, or one to train.
        placement: Which piece speaks for a token.
        label_pieces: Which pieces of a token carry its label in training: the `one` that speaks
            for it, or `all` of them.
        subword_sampling: Each epoch cuts the training text into other pieces, drawn by their
            unigram probability to this power (Kudo 2018; 0.3 to 0.7 are usual); 0 takes the best
            cut always.
        max_length: Most pieces an utterance may have.
        pooling: What the intent is read from: the first piece, or the mean or maximum over the
            text's pieces.
        layer: Which layer both heads read, from 0; `last` is the body's output.
        intent: The intent head.
        slots: The slot head.
        slot_loss: Weight of the slots' loss against the intent's.
        joint_decoding: An intent and a slot that never stand together in the training rows are not
            predicted together.
        label_smoothing: Share of a label's weight that goes to all labels.
        freeze: What is not trained.
        trim_vocabulary: Train only the embedding rows that occur; the saved model is the same.
    """

    base: str | None = None
    revision: str | None = None
    config: dict[str, Any] = {}
    tokenizer: str | OwnTokenizer | None = None
    placement: Placement = Placement.raw_text
    label_pieces: Literal["one", "all"] = "one"
    subword_sampling: float = Field(default=0.0, ge=0, le=10)
    max_length: int = Field(default=512, ge=8)
    pooling: Literal["first", "mean", "max"] = "mean"
    layer: int | Literal["last"] = "last"
    intent: Head = Head()
    slots: Head = Head()
    slot_loss: float = Field(default=1.0, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    joint_decoding: bool = False
    freeze: Freeze = Freeze()
    trim_vocabulary: bool = True

    @model_validator(mode="after")
    def _has_a_body(self) -> EncoderModel:
        if self.base is None and "model_type" not in self.config:
            raise ValueError("a model from scratch needs config.model_type, any other needs base")
        if self.base is None and self.tokenizer is None:
            raise ValueError("a model from scratch needs a tokenizer")
        return self


class TextFormat(Strict):
    """How an utterance with its labels is written as text; every setting can be read back.

    Attributes:
        prompt: Stands before the input's words; "" for none.
        intent_first: The intent stands before the labels, not behind.
        words: Each label follows its word, so that the output repeats the utterance.
        inside: What the second and later words of a slot carry: the slot's name again, or a mark of
            their own.
        outside: Stands for words outside of slots.
    """

    prompt: str = "Annotate: "
    intent_first: bool = False
    words: bool = False
    inside: Literal["slot_name", "inside_slot_name", "inside"] = "slot_name"
    outside: str = Field(default="Other", pattern=r"^\S+$")


class Seq2SeqModel(Strict):
    """A text-to-text model that writes the labels out.

    Attributes:
        base: A folder or a hub name; `None` builds `config` with random weights.
        revision: Of the hub's repository.
        config: A `transformers` configuration (with `model_type`) from scratch; over a base, keys
            to change.
        tokenizer: A folder or hub name if it is not that of the base, or one to train.
        format: How labels are written.
        constrained: Decode only what can be read back: labels of the inventory, one for each token.
        beams: Of the search; 1 is greedy.
        max_input: Most pieces of an input.
        max_output: Most pieces of an output where decoding is not constrained.
    """

    base: str | None = None
    revision: str | None = None
    config: dict[str, Any] = {}
    tokenizer: str | OwnTokenizer | None = None
    format: TextFormat = TextFormat()
    constrained: bool = True
    beams: int = Field(default=1, ge=1, le=32)
    max_input: int = Field(default=512, ge=8)
    max_output: int = Field(default=512, ge=8)

    @model_validator(mode="after")
    def _has_a_body(self) -> Seq2SeqModel:
        if self.base is None and "model_type" not in self.config:
            raise ValueError("a model from scratch needs config.model_type, any other needs base")
        if self.base is None and self.tokenizer is None:
            raise ValueError("a model from scratch needs a tokenizer")
        return self


class Optimiser(Strict):
    """AdamW and its schedule.

    Attributes:
        lr: Highest learning rate.
        schedule: How it goes on behind the warm-up.
        warmup: Steps, or a share of all steps if below 1.
        weight_decay: Decoupled.
        beta1: Weight of the past in the mean of the gradients.
        beta2: Weight of the past in the mean of their squares.
        eps: In the denominator.
        max_grad_norm: Gradients are clipped to it; 0 clips none.
        layer_decay: Factor on the learning rate from a layer to the one below.
        head_lr: Factor on the learning rate for the heads.
    """

    lr: float = Field(default=1e-4, gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(default=0.05, ge=0)
    weight_decay: float = Field(default=0.01, ge=0)
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.999, ge=0, lt=1)
    eps: float = Field(default=1e-8, gt=0)
    max_grad_norm: float = Field(default=1.0, ge=0)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    head_lr: float = Field(default=1.0, gt=0)


class Training(Strict):
    """The course of a run.

    Attributes:
        epochs: Passes over the training rows; may be a fraction.
        batch_tokens: Most pieces, padding included, of one device's batch; 4096 if neither this nor
            `batch_rows` is given.
        batch_rows: Rows of one device's batch instead (the reference's way); batches are then not
            sorted by length.
        accumulate: Batches an optimiser step.
        evaluations: How often the dev set is scored, spread evenly over the run.
        metric: What the best checkpoint and early stopping go by.
        patience: Evaluations without a better score before the run ends; `None` never ends it
            early.
        dev_rows: At most so many dev rows a locale, drawn, the same ids everywhere; `None`: all.
        train_rows: Likewise of the training rows.
        precision: `auto` is bf16 where the device has it.
        compile: Use `torch.compile`.
        seed: Of everything random.
        deterministic: Only algorithms that repeat exactly, at some cost.
        shrink_on_oom: Halve the batches (and accumulate twice as often) when memory runs out.
        average: Weight of the past in an average of the weights over the steps; 0 keeps no average.
        log_steps: Steps between lines of the log.
        report_to: TensorBoard, W&B, MLflow: what `transformers` knows.
    """

    epochs: float = Field(default=3, gt=0, le=10_000)
    batch_tokens: int | None = Field(default=None, ge=16)
    batch_rows: int | None = Field(default=None, ge=1)
    accumulate: int = Field(default=1, ge=1)
    evaluations: int = Field(default=5, ge=1)
    metric: Metric = DEFAULT_METRIC
    patience: int | None = Field(default=None, ge=1)
    dev_rows: int | None = Field(default=None, ge=1)
    train_rows: int | None = Field(default=None, ge=1)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: bool = False
    seed: int = Field(default=0, ge=0, lt=2**32)
    deterministic: bool = False
    shrink_on_oom: bool = False
    average: float = Field(default=0.0, ge=0, lt=1)
    log_steps: int = Field(default=50, ge=1)
    report_to: list[str] = []

    @model_validator(mode="after")
    def _one_size(self) -> Training:
        if self.batch_tokens is not None and self.batch_rows is not None:
            raise ValueError(
                "give batch_tokens or batch_rows, not both"
                " (-o training.batch_tokens=null takes the first away)"
            )
        return self

    @property
    def token_budget(self) -> int | None:
        """Most pieces of a batch, or `None` where batches are counted in rows."""
        if self.batch_rows is not None:
            return None
        return self.batch_tokens or DEFAULT_BATCH_TOKENS


class _Recipe(Strict):
    title: str
    published: str | None = None
    note: str = ""


class EncoderRecipe(_Recipe):
    """An encoder with joint heads; see `EncoderModel`."""

    kind: Literal["encoder"]
    model: EncoderModel
    optimiser: Optimiser = Optimiser()
    training: Training = Training()


class Seq2SeqRecipe(_Recipe):
    """A text-to-text model; see `Seq2SeqModel`."""

    kind: Literal["seq2seq"]
    model: Seq2SeqModel
    optimiser: Optimiser = Optimiser()
    training: Training = Training()


class MajorityRecipe(_Recipe):
    """The most frequent intent of the training rows, and no slots."""

    kind: Literal["majority"]


Recipe = EncoderRecipe | Seq2SeqRecipe | MajorityRecipe
TrainedRecipe = EncoderRecipe | Seq2SeqRecipe

_KINDS: dict[str, type[EncoderRecipe | Seq2SeqRecipe | MajorityRecipe]] = {
    "encoder": EncoderRecipe,
    "seq2seq": Seq2SeqRecipe,
    "majority": MajorityRecipe,
}
RecipeAdapter: TypeAdapter[Recipe] = TypeAdapter(Annotated[Recipe, Field(discriminator="kind")])


def parse_recipe(values: dict[str, Any], where: str) -> Recipe:
    """A recipe from its keys.

    Raises:
        ConfigError: With a problem for every wrong, missing and unknown key.
    """
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        found = "the key 'kind' is missing" if kind is None else f"kind is {kind!r}"
        problem = Problem(where, found, " or ".join(_KINDS))
        raise ConfigError(f"{where} is not a valid recipe", [problem])
    return check(_KINDS[kind], values, where)


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of that name, or in the file of that path, with `key=value` overrides on top.

    A recipe may build on another one of the same folder: `extends: xlmr-base`.

    Raises:
        MissingDataError: There is none.
        ConfigError: It is wrong; every mistake is told.
    """
    path = content.find("baselines", name)
    values = read_yaml(path)
    seen = [path.stem]
    while base := values.pop("extends", None):
        # A path would lead out of the folder.
        plain = isinstance(base, str) and Path(base).name == base and "\\" not in base
        if not plain or base in seen or not path.with_name(f"{base}.yaml").is_file():
            expected = "the plain name of another recipe of this folder"
            problem = Problem(str(path), f"extends {base!r}", expected)
            raise ConfigError(f"{path} cannot be read", [problem])
        seen.append(base)
        values = merge(read_yaml(path.with_name(f"{base}.yaml")), values)
    return parse_recipe(merge(values, parse_overrides(overrides)), str(path))
