"""`eval RUN`: predicts, scores, and sums up seeds."""

from __future__ import annotations

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from massive_kit.schema.scores import Scores, SeedScores
from tests.command_line import massive_kit
from tests.known import known

pytestmark = pytest.mark.slow
TASK = """
name: small
title: Two locales of the demo corpus, trained on English
setting: zero-shot
data: [demo]
source_locale: en-US
train: {partition: train, locales: [en-US]}
dev: {partition: dev, locales: [en-US]}
test: {partition: test, locales: [de-DE, nl-NL]}
"""

T5 = "model_type: mt5, d_model: 32, d_kv: 8, d_ff: 64, num_heads: 4, num_layers: 1"
SMALL = {
    "encoder": f"model: {{config: {{{T5}}}, tokenizer: {{vocabulary: 1000}}, pooling: mean}}",
    "seq2seq": (
        f"model: {{config: {{{T5}, num_decoder_layers: 1}}, tokenizer: {{vocabulary: 1000}}}}"
    ),
}


def run(*arguments: object, code: int = 0) -> CompletedProcess[str]:
    done = massive_kit(*arguments)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    root = tmp_path_factory.mktemp("runs")
    (root / "small.yaml").write_text(TASK, encoding="utf-8")
    less = ["training.epochs=0.2", "training.evaluations=1", "training.dev_rows=5"]
    overrides = [part for override in less for part in ("-o", override)]
    run("train", "tiny", "--task", root / "small.yaml", "--out", root / "one", *overrides)
    return root


def test_a_run_is_predicted_with_its_source_locale(folder: Path) -> None:
    out = folder / "scores"
    run("eval", folder / "one", "--task", folder / "small.yaml", "--out", out)
    scores = Scores.model_validate_json((out / "scores.json").read_text(encoding="utf-8"))
    assert list(scores.locales) == ["de-DE", "nl-NL"]
    # The task does not test English, yet the gap to it is there.
    assert set(scores.transfer) == {"de-DE", "nl-NL"}


def test_runs_of_one_recipe_are_seeds_and_others_are_refused(folder: Path) -> None:
    two = folder / "two"
    shutil.copytree(folder / "one", two, dirs_exist_ok=True)
    recipe = (two / "recipe.yaml").read_text(encoding="utf-8")
    (two / "recipe.yaml").write_text(recipe.replace("seed: 0", "seed: 1"), encoding="utf-8")
    arguments = ["eval", folder / "one", two, "--task", folder / "small.yaml"]
    spread = SeedScores.model_validate_json(run(*arguments, "--format", "json").stdout)
    assert spread.runs == 2
    assert known(spread.averages["pooled"].intent_accuracy).sd == 0
    (two / "recipe.yaml").write_text(recipe.replace("slot_loss: 2.0", "slot_loss: 4.0"))
    done = run(*arguments, code=2)
    assert "recipes differ in model" in done.stderr


@pytest.mark.parametrize("kind", SMALL)
def test_both_families_of_mt5_go_from_training_to_scores(
    kind: str, folder: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "mt5.yaml"
    course = "training: {epochs: 0.5, batch_tokens: 1024, evaluations: 1, dev_rows: 5}"
    recipe.write_text(f"kind: {kind}\ntitle: mT5, {kind}\n{SMALL[kind]}\n{course}\n")
    task = ["--task", folder / "small.yaml"]
    run("train", recipe, *task, "--out", tmp_path / "run")
    done = run("eval", tmp_path / "run", *task, "--out", tmp_path / "scores", "--format", "json")
    scores = Scores.model_validate_json(done.stdout)
    assert list(scores.locales) == ["de-DE", "nl-NL"]
    assert known(scores.averages["pooled"].exact_match).value >= 0
    spoken = run("predict", tmp_path / "run", "--text", "weck mich auf", "--locale", "de-DE")
    assert spoken.stdout.strip()
