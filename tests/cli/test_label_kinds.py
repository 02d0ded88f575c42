"""A corpus with slots alone or intents alone, through every command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import ConfigError, TrainingError, UsageError
from massive_kit.exports.evalai import evaluate
from massive_kit.schema.scores import Scores
from tests.data.own_corpus import write_own_corpus
from tests.known import known

Run = Callable[..., str]
TASK = ("--task", "own-zeroshot")
LANGUAGES = ("--languages", "tasks/languages.csv")
# What the rows lack, the metric that there is then, and what predictions may lack.
KINDS = [("intent", "slot_f1", "pred_intent"), ("annot_utt", "intent_accuracy", "pred_annot_utt")]


@pytest.fixture(params=KINDS, ids=["slots alone", "intents alone"], scope="module")
def kind(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    return tuple(request.param)


@pytest.fixture(scope="module")
def place(kind: tuple[str, str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "corpus"
    write_own_corpus(folder, without=kind[0])
    return folder


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(place)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(place / "home"))

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    if not (place / "home").exists():
        command("data", "import", "raw", "--name", "own", *LANGUAGES)
    return command


def test_it_is_looked_at(run: Run, kind: tuple[str, str, str]) -> None:
    report = json.loads(run("data", "check", "--data", "own", *LANGUAGES, "--format", "json"))
    assert report["ok"]
    labels = report["labels"]["all"]
    assert (labels["intents"] == 0, labels["slots"] == 0) == (
        kind[0] == "intent",
        kind[0] == "annot_utt",
    )
    assert run("data", "diff", "own", "raw", *LANGUAGES) == "the same data\n"
    sample = ("data", "sample", "--data", "own", *LANGUAGES, "--name", "few", "-k", "2")
    if kind[0] == "intent":
        with pytest.raises(UsageError, match="own has no intents"):
            run(*sample)
    else:
        assert "train 12" in run(*sample)


@pytest.mark.parametrize("recipe", ["majority", pytest.param("tiny", marks=pytest.mark.slow)])
def test_from_training_to_the_board(
    run: Run, place: Path, kind: tuple[str, str, str], recipe: str
) -> None:
    lacking, metric, optional = kind
    other = {"slot_f1": "intent_accuracy", "intent_accuracy": "slot_f1"}[metric]
    run("train", recipe, *TASK, "--out", f"runs/{recipe}")
    run("predict", f"runs/{recipe}", *TASK, "--out", f"{recipe}.jsonl")
    lines = [json.loads(line) for line in (place / f"{recipe}.jsonl").read_text().splitlines()]
    assert all(("pred_intent" in line) == (lacking != "intent") for line in lines)
    for line in lines:
        line.pop(optional, None)
        line.pop("pred_slots")
    least = place / f"{recipe}-least.jsonl"
    least.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for file in (f"{recipe}.jsonl", least.name):
        run("validate", file, *TASK)
    out = f"scores/{recipe}"
    text = run("eval", least.name, *TASK, "--out", out, "--resamples", "100", "--cross-check")
    title = {"slot_f1": "slot F1", "intent_accuracy": "intent accuracy"}[other]
    assert f"No {title}: " in text
    scores = Scores.model_validate_json((place / out / "scores.json").read_text())
    for score_set in (*scores.locales.values(), *scores.averages.values()):
        assert getattr(score_set, metric) is not None
        assert getattr(score_set, other) is None
        assert score_set.exact_match is not None
    if metric == "intent_accuracy":
        assert scores.averages["pooled"].exact_match == scores.averages["pooled"].intent_accuracy
    run("breakdown", out, "--by", "genus", "--by", "length", "--by", "intent", *LANGUAGES)
    manifest = {"system": f"own-{recipe}", "version": "1", "title": recipe, "team": "us"}
    manifest |= {"task": "own-zeroshot", "setting": "zero-shot", "date": "2026-01-31"}
    manifest |= {"architecture": "encoder"}
    changes = [part for key, value in manifest.items() for part in ("-o", f"{key}={value!r}")]
    run("leaderboard", "add", f"{recipe}.jsonl", *changes, "--resamples", "100")
    run("leaderboard", "build", "--out", f"site-{recipe}")
    (row,) = (
        row
        for row in json.loads((place / f"site-{recipe}" / "index.all.json").read_text())["rows"]
        if row["system"].startswith(manifest["system"])
    )
    assert row[other] is None
    assert row[metric] == pytest.approx(
        known(getattr(scores.averages["pooled"], metric)).value, abs=1e-6
    )


@pytest.mark.slow
def test_what_a_system_or_a_metric_needs_is_asked_for_first(
    run: Run, place: Path, kind: tuple[str, str, str]
) -> None:
    metric = {"slot_f1": "intent_accuracy", "intent_accuracy": "slot_f1"}[kind[1]]
    train = ("train", "tiny", *TASK, "--out", "runs/none", "-o", f"training.metric={metric}")
    with pytest.raises(ConfigError, match=f"training.metric: {metric}, but the dev set has no"):
        run(*train)
    recipe = place / "t2t.yaml"
    recipe.write_text(
        "kind: seq2seq\ntitle: small\nmodel:\n  tokenizer: {vocabulary: 300}\n"
        "  config: {model_type: mt5, num_decoder_layers: 1, d_model: 16, d_kv: 8, d_ff: 16,"
        " num_heads: 2, num_layers: 1}\ntraining: {epochs: 1, train_rows: 4, dev_rows: 2}\n"
    )
    if kind[0] == "intent":
        for how in (("--out", "runs/t2t"), ("--dry-run",)):
            with pytest.raises(TrainingError, match="own has none; train an encoder"):
                run("train", "t2t.yaml", *TASK, *how)
    else:
        run("train", "t2t.yaml", *TASK, "--out", "runs/t2t")


def test_a_challenge_asks_for_what_there_is(
    run: Run, place: Path, kind: tuple[str, str, str]
) -> None:
    run("train", "majority", *TASK, "--out", "runs/challenge")
    run("predict", "runs/challenge", *TASK, "--out", "challenge.jsonl")
    run("export", "evalai", "challenge", *TASK)
    page = (place / "challenge/templates/submission_guidelines.html").read_text()
    assert kind[2] not in page
    configuration = (place / "challenge/challenge_config.yaml").read_text()
    absent = {"slot_f1": "Intent accuracy", "intent_accuracy": "Slot F1"}[kind[1]]
    assert f"- {absent}\n" not in configuration
    (gold,) = (place / "challenge/annotations").iterdir()
    values = evaluate(str(gold), str(place / "challenge.jsonl"), "own-zeroshot")
    assert list(values["result"][0]["own-zeroshot-test"]) == [
        name for name in ("Exact match", "Intent accuracy", "Slot F1") if name != absent
    ] + ["Exact match, macro over locales", "Exact match, macro over genera"]
