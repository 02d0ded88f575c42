"""The ensemble as a kind."""

from __future__ import annotations

from massive_kit.systems.ensemble.recipe import EnsembleRecipe
from massive_kit.systems.kind import Kind, ModelCard

_LOADING = """\
from pathlib import Path
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.ensemble.system import EnsembleSystem
print(*predict_texts(EnsembleSystem.load(Path("model")), ["wake me up at five"], "en-US"))"""

KIND = Kind(
    name="ensemble",
    recipe=EnsembleRecipe,
    architecture="encoder",
    # No other recipe can start from it.
    card=ModelCard("massive-kit", _LOADING, weights=False),
    prepare_path="",
    load_path="massive_kit.systems.ensemble.system:load",
    made_by="train each member, then `massive-kit ensemble RUN... --out DIR`",
    extra="train",
    distributions=True,
    assemble_path="massive_kit.systems.ensemble.system:assemble",
)
