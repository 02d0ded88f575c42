"""The glossed run as a kind."""

from __future__ import annotations

from massive_kit.systems.glossed.recipe import GlossedRecipe
from massive_kit.systems.kind import Kind, ModelCard

_LOADING = """\
from pathlib import Path
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.glossed.system import GlossedSystem
print(*predict_texts(GlossedSystem.load(Path("model")), ["weck mich um fünf"], "de-DE"))"""

KIND = Kind(
    name="glossed",
    recipe=GlossedRecipe,
    architecture="encoder",
    # No other recipe can start from it.
    card=ModelCard("massive-kit", _LOADING, weights=False),
    prepare_path="massive_kit.systems.glossed.training:prepare",
    load_path="massive_kit.systems.glossed.system:load",
    extra="train",
    prediction_keys=frozenset({"weight"}),
    distributions=True,
    assemble_path="massive_kit.systems.glossed.system:assemble",
)
