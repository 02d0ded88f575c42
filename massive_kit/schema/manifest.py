"""`manifest.yaml`: the description of a system in a submission."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, StringConstraints, field_validator, model_validator

from massive_kit.schema.amounts import ParameterCount, PastDay, WholeNumber
from massive_kit.schema.config import Strict
from massive_kit.schema.in_context import InContext
from massive_kit.schema.line import Line
from massive_kit.schema.measured import Measured
from massive_kit.schema.patterns import LINK, SLUG
from massive_kit.schema.pretraining import Pretraining
from massive_kit.schema.resources import Resource
from massive_kit.schema.task import Architecture, Setting

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Link = Annotated[str, StringConstraints(pattern=LINK, max_length=500)]


class Parameters(Strict):
    """How many parameters a system has.

    Attributes:
        total: All of them, embeddings included; the number that the caps of MMNLU-22 are about.
        without_embeddings: All but the embedding matrix.
    """

    total: ParameterCount | None = None
    without_embeddings: ParameterCount | None = None

    @model_validator(mode="after")
    def _part_of_the_whole(self) -> Self:
        if self.total and self.without_embeddings and self.without_embeddings > self.total:
            raise ValueError(
                f"without_embeddings is {self.without_embeddings:,}, more than the total of"
                f" {self.total:,}; expected at most the total"
            )
        return self


class TrainingData(Strict):
    """One data set that went into the system.

    Attributes:
        name: Its name and, if not all of it was used, the part.
        licence: The licence under which it may be used.
        url: Address where it can be found.
    """

    name: Line
    licence: Line | None = None
    url: Link | None = None


class Manifest(Strict):
    """A system and how it came to be.

    What has no default must be given: nothing on a board is made up.

    Attributes:
        system: Short name in the results tree: a-z, 0-9, dots, dashes and underscores.
        version: Version of the system, which never changes once it is on a board. Put it in quotes
            where it looks like a number, so that `1.10` stays `1.10`.
        title: What the board calls the system.
        team: Who made it.
        task: Name of the task that it was made for.
        setting: The setting of that task.
        date: Day on which the system was made, as YYYY-MM-DD; of a run, the day that training
            ended.
        architecture: Decides which cap of MMNLU-22 holds (350 M encoder, 700 M seq2seq parameters).
        parameters: How many parameters it has.
        pretrained_model: The model that training started from.
        pretraining: What that model had seen before: its languages, and whether MASSIVE.
        training_data: Every data set that went into fine-tuning.
        label_languages: Every language whose labels it learnt, as `en`, `zh-CN` or `sw-KE`; what is
            not named here it has no labels of. A run knows it. Leave it out where it is not known.
        resources: What was used beside the labels that the setting is about; a run knows it.
        shots: Of a few-shot sample, how many labelled utterances of each intent and language were
            learnt at most (k); a run knows it.
        ladder: A name that systems of one team share which differ in nothing but the labels that
            they learnt, from zero-shot to full; the board then draws what more labels bring.
        in_context: How a language model was asked, where one was; the board then shows the system
            in sections of the setting `in-context`. A run knows it.
        measured: What it needs to predict, where that was measured.
        facts: Whatever else a board may show in a column of its own, by name: numbers, or short
            text.
        open_weights: Whether anyone may download the weights; not known if not given.
        seeds: Seeds of its training runs.
        paper: Address of the paper that describes it.
        code: Address of its source code.
        weights: Address of its weights.
        description: One paragraph for readers of the board, 2000 characters at most.
        scorer: What computed its scores; only scores copied from papers come from elsewhere than
            the kit.
    """

    system: Slug = Field(examples=["my-system"])
    version: Slug = Field(examples=["1"])
    title: Line = Field(examples=["My system"])
    team: Line = Field(examples=["My team"])
    task: Slug = Field(examples=["massive-full"])
    setting: Setting = Field(examples=["full"])
    date: PastDay = Field(examples=["2026-01-31"])
    architecture: Architecture = Field(examples=["encoder"])
    parameters: Parameters = Parameters()
    pretrained_model: Line | None = None
    pretraining: Pretraining | None = None
    training_data: list[TrainingData] = []
    label_languages: Annotated[list[Line], Field(max_length=8000)] | None = None
    resources: list[Resource] = []
    shots: Annotated[int, Field(gt=0, le=10**9)] | None = None
    ladder: Slug | None = None
    in_context: InContext | None = None
    measured: Measured | None = None
    facts: Annotated[dict[Slug, WholeNumber | float | Line], Field(max_length=30)] = {}
    open_weights: bool | None = None
    seeds: list[WholeNumber] = []
    paper: Link | None = None
    code: Link | None = None
    weights: Link | None = None
    description: Annotated[str, StringConstraints(max_length=2000)] = ""
    scorer: Literal["massive-kit", "published, original scorer"] = "massive-kit"

    @field_validator("version", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        # YAML reads an unquoted 1.0 as a number.
        return (
            str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        )

    def to_yaml(self) -> str:
        """The manifest as YAML: keys in the order of the schema, without those that say nothing."""
        values = self.model_dump(mode="json", exclude_defaults=True)
        return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
