"""Saves what pre-training leaves, and pulls what it trains towards its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from massive_kit.engine.objectives import Objective
from massive_kit.engine.pull import PulledObjective
from massive_kit.files.atomic import atomic_folder
from massive_kit.systems.alignment.aligned_encoder import AlignedEncoder
from massive_kit.systems.kind import Facts
from massive_kit.systems.language_modelling.language_encoder import LanguageEncoder
from massive_kit.systems.language_modelling.trimmed_softmax import TrimmedSoftmax, restore
from massive_kit.systems.pretraining.building import head_parameters
from massive_kit.systems.pretraining.recipe import PretrainingRecipe


@dataclass(frozen=True, slots=True)
class PretrainedSaving:
    """Saves the fitted model with its whole vocabulary; of an encoder, body and head apart.

    Attributes:
        trimmed: What its vocabulary was cut from; `None` where it is whole.
        tokenizer: Its tokenizer.
        facts: For `run.json`.
    """

    trimmed: TrimmedSoftmax | None
    tokenizer: Any
    facts: Facts

    def __call__(self, model: PreTrainedModel, folder: Path) -> Facts:
        """Writes the folder."""
        if self.trimmed is not None:
            restore(model.to("cpu"), self.trimmed)
        with atomic_folder(folder) as new:
            if isinstance(model, LanguageEncoder):
                model.body.save_pretrained(new)
                model.head.save(new)
            elif isinstance(model, AlignedEncoder):
                model.body.save_pretrained(new)
            else:
                model.save_pretrained(new)
            self.tokenizer.save_pretrained(new)
            # Weights are saved as a private file, the others as anybody's.
            mode = (new / "config.json").stat().st_mode
            for path in new.iterdir():
                path.chmod(mode)
        return self.facts


def pulled(recipe: PretrainingRecipe, objective: Objective, model: PreTrainedModel) -> Objective:
    """The objective, with a pull of all trained weights but a head's, where one is asked for."""
    if not recipe.optimiser.pull:
        return objective
    head = head_parameters(model)
    weights = {
        name: parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and name not in head
    }
    return PulledObjective(objective, recipe.optimiser.pull, weights)
