"""What every recipe says that fits a model with gradients."""

from __future__ import annotations

from typing import ClassVar

from massive_kit.engine.objectives import (
    ObjectiveSettings,
    auxiliary_settings,
    reading,
    reads_text,
    teaching_objective,
)
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.schema.optimiser import Optimiser
from massive_kit.schema.pairs import PairSettings
from massive_kit.schema.recipe import Base, Recipe
from massive_kit.schema.task import Architecture
from massive_kit.schema.text_locales import TextLocales
from massive_kit.schema.training import Training


class TrainedRecipe(Recipe):
    """A recipe whose model the engine fits.

    Attributes:
        model: What the model starts from and how it is built.
        objective: What training minimises.
        optimiser: AdamW and its schedule.
        training: Epochs, batches, evaluations, precision and seed.
    """

    seed_key: ClassVar[str | None] = "training.seed"
    # What its model is, where it may learn from text beside labels.
    learns_text_beside: ClassVar[Architecture | None] = None

    model: BaseModelSettings
    objective: ObjectiveSettings = ObjectiveSettings()
    optimiser: Optimiser = Optimiser()
    training: Training = Training()

    def bases(self) -> tuple[Base, ...]:
        """What its model starts from, nothing from scratch; its tokenizer; and who teaches it."""
        base, tokenizer = self.model.base, self.model.tokenizer
        return (
            *(() if base is None else (Base("model.base", base),)),
            *(
                (Base("model.tokenizer", tokenizer, tokenizer_alone=True),)
                if isinstance(tokenizer, str)
                else ()
            ),
            *self.teachers(),
        )

    def answers_alone(self) -> bool:
        """Its model is saved whole."""
        return True

    def text_locales(self) -> TextLocales | None:
        """Whose text its auxiliary objectives read."""
        return self.objective.text if reads_text(self.objective) else None

    def teachers(self) -> tuple[Base, ...]:
        """The runs whose distributions over labels it learns."""
        name = teaching_objective(self.objective)
        if name is None:
            return ()
        runs = auxiliary_settings(self.objective, name).teachers
        return tuple(Base(f"objective.auxiliary_settings.{name}.teacher", run) for run in runs)

    def parallel_text(self) -> PairSettings | None:
        """Which ids its objectives read in pairs, or leave out."""
        return self.objective.pairs

    def reads_pairs(self) -> bool:
        """Whether one of its objectives does."""
        return "pairs" in reading(self.objective).values()
