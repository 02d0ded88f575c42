"""Neighbours that vote as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.neighbours.recipe import NeighboursRecipe

_LOADING = """\
from pathlib import Path
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.neighbours.system import NeighboursSystem
print(*predict_texts(NeighboursSystem.load(Path("model")), ["wake me up at five"], "en-US"))"""

KIND = Kind(
    name="neighbours",
    recipe=NeighboursRecipe,
    architecture="encoder",
    card=ModelCard("massive-kit", _LOADING),
    prepare_path="massive_kit.systems.neighbours.training:prepare",
    load_path="massive_kit.systems.neighbours.system:load",
    extra="train",
    prediction_keys=frozenset({"vote.k", "vote.temperature", "copy_slots", "precision"}),
)
