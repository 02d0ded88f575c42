from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.analysis.layer_vectors import encoded, layer_vectors
from massive_kit.cli.app import app
from massive_kit.errors import MassiveKitError
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.probe import Probe, load_probe
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

SMALL = ["--data", "demo", "--locale", "de-DE", "--locale", "ja-JP", "--candidates", "30"]
SMALL += ["--reference-rows", "20", "--precision", "fp32"]


def probed(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["probe", *map(str, arguments), *SMALL])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_vector_of_a_text_is_the_mean_over_its_subwords(small_encoder: Path) -> None:
    import torch

    settings = SentenceEncoderSettings(base=str(small_encoder))
    encoder = SentenceEncoder.load(settings, "fp32")
    texts = ["wake me up at nine", "", "play"]
    through: list[int] = []
    vectors = layer_vectors(encoder, encoded(encoder, texts), [0, 2], through.append)
    assert vectors.shape == (2, 3, 64)
    assert sum(through) == 3
    batch = encoder.tokenizer(texts[0], return_tensors="pt")
    with torch.inference_mode():
        states = encoder.body(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            output_hidden_states=True,
        ).hidden_states
    for position, layer in enumerate((0, 2)):
        # What opens and closes a text is left out.
        expected = states[layer][0, 1:-1].mean(dim=0).numpy()
        np.testing.assert_allclose(vectors[position, 0], expected, atol=1e-5)


def test_a_folder_with_weights(small_encoder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("locale,language\nde-DE,Saxon\n", encoding="utf-8")
    text = probed(small_encoder, "--out", tmp_path, "--languages", own)
    assert "Retrieval by layer" in text
    assert "Saxon" in text
    assert "30 en-US utterances of test; offsets, means and centroids of 20 of dev" in text
    probe = load_probe(tmp_path / "probe.json")
    assert (probe.kind, probe.layers, sorted(probe.locales)) == (
        "base",
        [0, 1, 2],
        ["de-DE", "en-US", "ja-JP"],
    )
    english = probe.locales["en-US"].layers[-1]
    assert english.raw_euclidean.at_1 == english.centred_cosine.at_1 == 1
    assert probe.locales["de-DE"].queries == 30
    assert probe.any_to_any is not None
    assert {*probe.any_to_any.hits["ja-JP"]} == {"en-US", "de-DE"}
    assert probe.map is not None
    assert {*probe.map.places} == {*probe.locales}
    assert len(probe.agreement) == 3
    assert {path.name for path in tmp_path.glob("*.svg")} == {
        "layers.svg",
        "languages.svg",
        "tree.svg",
    }
    assert probe.locales["ja-JP"].subwords_per_token > 0


def test_a_run_beside_an_earlier_probe(
    plain: RunFolder, small_encoder: Path, tmp_path: Path
) -> None:
    probed(small_encoder, "--out", tmp_path)
    text = probed(plain.path, "--compare", tmp_path / "probe.json", "--layers=-1")
    assert f"run less {small_encoder.name}" in text
    values = json.loads(probed(plain.path, "--layers=-1", "--format", "json"))
    probe = Probe.model_validate(values)
    assert (probe.kind, probe.layers) == ("encoder", [2])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing"], 1, "name a run or the folder of a model"),
        (["."], 1, "no encoder to look into"),
        ([".", "--layers", "x"], 2, "cannot be read"),
        ([".", "--partition", "nope"], 1, "no partition 'nope'"),
    ],
)
def test_what_cannot_be_probed(
    arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["probe", *arguments, *SMALL])
    assert isinstance(result.exception, MassiveKitError)
    assert result.exception.exit_code == code
    assert message in str(result.exception)
