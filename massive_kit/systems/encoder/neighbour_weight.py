"""Prepares neighbours that have a say in the intent, and weighs them on the dev set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.task_data import TaskData
from massive_kit.schema.metrics import Metric
from massive_kit.systems.dev_scores import score_dev
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.inference import IntentPrior, infer_each
from massive_kit.systems.encoder.intent_neighbours import NeighbourVotes, split_texts
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.kind import Facts
from massive_kit.systems.model_size import parameter_facts

_WEIGHTS = tuple(tenths / 10 for tenths in range(10))


@dataclass(frozen=True, slots=True)
class PreparedNeighbours:
    """Neighbours whose weight may still have to be chosen.

    Attributes:
        votes: The rows that vote.
        dev: The dev set, as the model that is trained reads it.
        shares: Shape (dev rows, intents), their votes on the dev set.
        inventory: The labels.
        metric: What decides on the weight.
        precision: bf16 or fp32.
    """

    votes: NeighbourVotes
    dev: EncoderDataset
    shares: NDArray[np.float32]
    inventory: Inventory
    metric: Metric
    precision: str

    @classmethod
    def of(
        cls, recipe: EncoderRecipe, task_data: TaskData, dev: EncoderDataset, precision: str
    ) -> PreparedNeighbours | None:
        """Those that a recipe asks for; `None` where it asks for none.

        Raises:
            MissingDataError: The encoder is not found, or a language has no text to centre by.
            ConfigError: The settings do not fit encoder or data.
        """
        settings, training = recipe.inference.neighbours, recipe.training
        if settings is None:
            return None
        votes = NeighbourVotes.of(settings, task_data, precision, training.train_rows)
        texts: list[str] = []
        locales: list[str] = []
        for split in task_data.dev.by_locale():
            rows = split_texts(split, training.dev_rows)
            texts += [text for text, _ in rows]
            locales += [split.locales[0]] * len(rows)
        shares = votes.shares(texts, locales)
        # Training needs the device's memory for itself.
        votes.encoder.body.to("cpu")
        return cls(votes, dev, shares, task_data.store.inventory, training.metric, precision)

    def weighed(self, model: JointModel) -> WeighedNeighbours:
        """The same with their weight, and what they are worth on the dev set.

        Args:
            model: The fitted model.
        """
        chosen = self.votes.settings.weight
        weights = _WEIGHTS if chosen == "dev" else (0.0, chosen)
        priors = [IntentPrior(self.shares, weight) for weight in weights]
        predicted = infer_each(model, self.dev, self.inventory, priors, precision=self.precision)
        scores = {
            weight: score_dev(self.dev, labels, self.inventory).values
            for weight, labels in zip(weights, predicted, strict=True)
        }
        # Of equally good ones the lowest.
        best = max(scores, key=lambda candidate: (scores[candidate][self.metric], -candidate))
        weight = best if chosen == "dev" else chosen
        return WeighedNeighbours(replace(self.votes, weight=weight), scores)


@dataclass(frozen=True, slots=True)
class WeighedNeighbours:
    """Neighbours as they are saved.

    Attributes:
        votes: The rows that vote, with their weight.
        scores: Dev scores by weight.
    """

    votes: NeighbourVotes
    scores: Mapping[float, Mapping[str, float]]

    def added_to(self, facts: Facts) -> Facts:
        """The facts of a run with them: the frozen encoder is a part of the system."""
        counts = parameter_facts(self.votes.encoder.body)
        sums = {
            key: facts[key] + counts[key] for key in ("parameters", "parameters_without_embeddings")
        }
        told = {
            "rows": len(self.votes.index),
            "weight": self.votes.weight,
            "centred_locales": sorted(self.votes.index.means),
            "dev": {str(weight): dict(values) for weight, values in self.scores.items()},
        }
        return facts | sums | {"neighbours": told}
