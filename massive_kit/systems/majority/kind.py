"""The majority system as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.majority.recipe import MajorityRecipe

_LOADING = """\
from pathlib import Path
from massive_kit.systems.majority.counting import Majority
print(Majority.load(Path("model")).intent)"""

KIND = Kind(
    name="majority",
    recipe=MajorityRecipe,
    architecture="other",
    card=ModelCard("massive-kit", _LOADING, weights=False),
    prepare_path="massive_kit.systems.majority.training:prepare",
    load_path="massive_kit.systems.majority.system:load",
)
