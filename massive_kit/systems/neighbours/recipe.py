"""The recipe of neighbours that vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from massive_kit.schema.recipe import Base, Recipe
from massive_kit.schema.resources import Resource
from massive_kit.schema.task import Task
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.vote_settings import Centring, Vote


class NeighboursRecipe(Recipe):
    """The nearest training rows by a frozen encoder; nothing is trained.

    Attributes:
        model: The encoder, and how its vectors are read.
        vote: How the nearest rows become an intent.
        copy_slots: Whether values that training rows of the intent have in a slot are labelled
            where they stand in the utterance, token for token; without it there are no slots.
        centring: With it, each language's vectors are centred by the mean of its text; that text
            is the resource `unlabelled-text`.
        languages: Whose training rows vote: those of the task's `source` locale alone, or of `all`
            its training locales; without it, the source's in the setting in-context, and all in
            any other.
        train_rows: Most training rows per locale, drawn at random with the same ids in every
            locale; without it, all.
        precision: Number format of the computation; `auto` is bf16 where the device has it, else
            fp32.
    """

    kind: Literal["neighbours"]
    model: SentenceEncoderSettings
    vote: Vote = Vote()
    copy_slots: bool = True
    centring: Centring | None = None
    languages: Literal["source", "all"] | None = None
    train_rows: int | None = Field(default=None, ge=1)
    precision: Literal["auto", "fp32", "bf16"] = "auto"

    def bases(self) -> tuple[Base, ...]:
        """The encoder."""
        return (Base("model.base", self.model.base),)

    def resources(self) -> tuple[Resource, ...]:
        """The text that vectors are centred by."""
        return () if self.centring is None else ("unlabelled-text",)

    def text_partitions(self) -> Mapping[str, str]:
        """That of this text."""
        return {} if self.centring is None else {"centring.partition": self.centring.partition}

    def answers_alone(self) -> bool:
        """Encoder and rows are saved."""
        return True

    def labelled_locales(self, task: Task, locales: tuple[str, ...]) -> tuple[str, ...]:
        """The source locale alone where that is asked for, or is what the setting is about."""
        source_alone = self.languages == "source" or (
            self.languages is None and task.setting == "in-context"
        )
        source = task.source_locale
        return (source,) if source_alone and source is not None and source in locales else locales
