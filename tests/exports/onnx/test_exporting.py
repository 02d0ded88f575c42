"""A run as an ONNX graph: it reads as the run does, without PyTorch, and knows where it is from."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError, ContentError
from massive_kit.exports.onnx.exporting import Export, Exporter
from massive_kit.exports.onnx.gate import GateLimits
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import read_utterances
from massive_kit.systems.encoder.portable import write
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.interface import ConfidentSystem, DistributionSystem, Utterance
from massive_kit.systems.onnx_encoder.system import OnnxEncoderSystem
from massive_kit.systems.subwords.portable import CARD, FILES, HASHES, write_hashes
from tests.small_encoder import small_recipe

TEXTS = ["", " ", "wake me at 5", "明日の天気は", "ما هو الطقس", "a\u0301" * 90, "😀 ok", "ऐप खोलो"]


def exporter(run: RunFolder, task_data: TaskData, **limits: float) -> Exporter:
    return Exporter.of(
        run.path, task_data, rows=5, limits=GateLimits(**limits), note=lambda text: None
    )


@pytest.fixture(scope="session")
def export(
    plain: RunFolder, zero_shot: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> Export:
    return exporter(plain, zero_shot).write(tmp_path_factory.mktemp("onnx") / "run")


def test_it_reads_as_the_run_does(plain: RunFolder, export: Export, zero_shot: TaskData) -> None:
    utterances = read_utterances(zero_shot.test.only("ja-JP", "ar-SA", "de-DE"))[::7]
    utterances += [Utterance(str(i), "en-US", text, text.split()) for i, text in enumerate(TEXTS)]
    before, after = load_system(plain.path), load_system(export.folder.path)
    assert [*before.predict(utterances)] == [*after.predict(utterances)]
    assert isinstance(before, ConfidentSystem)
    assert isinstance(after, ConfidentSystem)
    sure = [[p.confidence for p in s.predict_confidently(utterances)] for s in (before, after)]
    assert sure[0] == pytest.approx(sure[1], abs=1e-5)
    assert isinstance(before, DistributionSystem)
    assert isinstance(after, DistributionSystem)
    of_run, of_export = (s.label_distributions(utterances) for s in (before, after))
    # Kept in half precision, whose steps are 0.004 for logarithms of 4 to 8.
    assert np.allclose(of_run.intents, of_export.intents, atol=0.01)
    assert np.allclose(of_run.labels, of_export.labels, atol=0.01)
    assert np.array_equal(of_run.read, of_export.read)
    with pytest.raises(ConfigError, match="no hidden states"):
        after.label_distributions(utterances, StatesAsked((0,), 8))
    assert before.inventory == after.inventory
    assert before.character_locales == after.character_locales


def test_it_is_a_run_with_the_lineage_of_its_own(plain: RunFolder, export: Export) -> None:
    facts, of_run = export.folder.facts(), plain.facts()
    assert facts["kind"] == "onnx_encoder"
    for key in ("title", "task", "setting", "data", "parameters"):
        assert facts[key] == of_run[key]
    assert facts["parents"][0]["run"] == str(plain.path)
    assert facts["resources"][0]["by"] == [f"run {plain.path}", *of_run["resources"][0]["by"]]
    assert facts["export"]["agreement"] == 100
    assert facts["export"]["exact_match"] == facts["export"]["exact_match_of_run"]
    assert {path.name for path in export.folder.model.iterdir()} == {*FILES, HASHES, CARD}


BLOCKED = """
import sys
blocked = ("torch", "transformers", "safetensors", "onnx", "datasets", "accelerate")
sys.modules.update(dict.fromkeys(blocked))
from massive_kit.cli.app import main
sys.argv = ["massive-kit", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
def test_it_predicts_and_is_scored_where_torch_is_not_installed(
    export: Export, tmp_path: Path
) -> None:
    folder = str(export.folder.path)
    for arguments in (
        ["predict", folder, "--text", "wake me up at five", "--format", "json", "-o", "threads=1"],
        ["eval", folder, "--task", "demo-zeroshot", "--resamples", "0", "--out", str(tmp_path)],
    ):
        done = subprocess.run(
            [sys.executable, "-c", BLOCKED, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "scores.json").is_file()


def test_what_does_not_read_as_the_run_is_not_written(
    plain: RunFolder, zero_shot: TaskData, tmp_path: Path
) -> None:
    with pytest.raises(ContentError, match="the graph in float32 does not read as") as caught:
        exporter(plain, zero_shot, loss=-1).write(tmp_path / "run")
    assert [problem.where for problem in caught.value.problems] == ["all locales"]
    assert not [*tmp_path.iterdir()]


def test_neighbours_are_not_exported(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path, weight=0.5)
    assert isinstance(recipe, EncoderRecipe)
    with pytest.raises(ConfigError, match=r"configure RUN -o inference\.neighbours=null"):
        write(tmp_path, recipe, tmp_path)


@pytest.mark.slow
def test_weights_of_8_bits_are_taken_where_it_still_passes(
    plain: RunFolder, zero_shot: TaskData, tmp_path: Path
) -> None:
    small = exporter(plain, zero_shot, agreement=0, loss=100).write(tmp_path / "run", int8=True)
    products, embeddings = small.taken
    assert products == "products in 8 bits, a scale per column of the weights"
    assert embeddings == "embeddings as rows of 8 bits"
    facts = small.folder.facts()
    assert facts["recipe"]["model"]["precision"] == facts["export"]["precision"] == "int8"
    assert facts["export"]["taken"] == [*small.taken]
    assert "| Export | int8; products" in (small.folder.model / CARD).read_text()
    # The graph that is kept is the one that was measured.
    gate = exporter(plain, zero_shot, agreement=0, loss=100)
    readings = gate.sample.readings(load_system(small.folder.path))
    of_run = gate.sample.readings(load_system(plain.path))
    same = sum(a == b for a, b in zip(readings, of_run, strict=True))
    assert same == small.gate.total.same


FOREIGN = {
    "a pickle": ("weights.pkl", b"\x80\x04K\x01.", r"weights\.pkl: a file that no export writes"),
    "a module": ("custom.py", b"print()", r"custom\.py: a file that no export writes"),
    "external data": (
        "model.onnx.data",
        b"1234",
        r"model\.onnx\.data: a file that no export writes",
    ),
    "a tokenizer of other text": ("tokenizer.json", b"{}", r"tokenizer\.json: 2 bytes of SHA-256"),
    "hashes that are none": ("hashes.json", b"[]", r"hashes\.json: no mapping"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused(name: str, export: Export, tmp_path: Path) -> None:
    file, raw, message = FOREIGN[name]
    model = Path(shutil.copytree(export.folder.model, tmp_path / "model"))
    (model / file).write_bytes(raw)
    with pytest.raises(ContentError, match=message):
        OnnxEncoderSystem.load(model)


def test_links_and_files_that_are_too_large_are_refused_together(
    export: Export, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(export.folder.model, tmp_path / "model"))
    graph = model / "model.onnx"
    graph.unlink()
    graph.symlink_to(export.folder.model / "model.onnx")
    with (model / "tokenizer.json").open("r+b") as stream:
        stream.truncate(1 << 28)
    (model / "reading.json").unlink()
    with pytest.raises(ContentError) as caught:
        OnnxEncoderSystem.load(model)
    told = [(Path(problem.where).name, problem.found) for problem in caught.value.problems]
    assert told == [
        ("model.onnx", "a link"),
        ("tokenizer.json", "268,435,456 bytes"),
        ("reading.json", "not found"),
    ]


@pytest.mark.parametrize(
    ("file", "raw", "message"),
    [
        ("tokenizer.json", b"{}", r"tokenizer\.json cannot be read"),
        ("tokenizer.json", b"\xff", r"tokenizer\.json: byte 0 is not UTF-8"),
        ("inventory.json", b"{}", r"inventory\.json is not an inventory"),
        (
            "inventory.json",
            b'{"intents": {"a": ""}, "slots": []}',
            "intent_logits of 60; expected 1",
        ),
        ("reading.json", b'{"pad": -1}', r"pad is -1"),
        ("model.onnx", b"PK\x03\x04", "not an ONNX file"),
    ],
)
def test_files_that_fit_their_hashes_are_not_believed(
    file: str, raw: bytes, message: str, export: Export, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(export.folder.model, tmp_path / "model"))
    (model / file).write_bytes(raw)
    write_hashes(model)
    with pytest.raises(ContentError, match=message):
        OnnxEncoderSystem.load(model)


def test_a_changed_file_is_told_with_its_hash(export: Export, tmp_path: Path) -> None:
    copy = RunFolder(shutil.copytree(export.folder.path, tmp_path / "copy"))
    reading = copy.model / "reading.json"
    values = json.loads(reading.read_text()) | {"max_pieces": 9}
    reading.write_text(json.dumps(values))
    with pytest.raises(ContentError, match=r"reading\.json: .* of SHA-256 .*; expected .* as hash"):
        load_system(copy.path)
