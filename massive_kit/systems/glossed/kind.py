"""The glossed run as a kind."""

from __future__ import annotations

from massive_kit.systems.glossed.recipe import GlossedRecipe
from massive_kit.systems.kind import Kind, ModelCard

_LOADING = """\
from pathlib import Path
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.glossed.system import GlossedSystem
print(*predict_texts(GlossedSystem.load(Path("model")), ["weck mich um fünf"], "de-DE"))"""

_PURPOSE = """\
Reads an utterance to a voice assistant, as it is and word by word in another language, says its
intent and the slot of each token. The words, in `glossaries`, are from bilingual dictionaries,
whose licences hold for them, or are found by an encoder, whose licence holds for it, or both."""

KIND = Kind(
    name="glossed",
    recipe=GlossedRecipe,
    architecture="encoder",
    # No other recipe can start from it.
    card=ModelCard("massive-kit", _LOADING, weights=False, purpose=_PURPOSE),
    prepare_path="",
    load_path="massive_kit.systems.glossed.system:load",
    made_by="train a run, then `massive-kit gloss RUN --out DIR`",
    extra="train",
    prediction_keys=frozenset({"weight"}),
    distributions=True,
    assemble_path="massive_kit.systems.glossed.system:assemble",
)
