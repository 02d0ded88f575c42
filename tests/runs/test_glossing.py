"""A glossed run reads texts as they are and word by word, and has used its dictionaries."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, DataError, MassiveKitError, MissingDataError, UsageError
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.ensembling import ensemble_runs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.glossing import Glossing
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.pseudo_labelling import RunTeacher
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.glossed.system import GlossedSystem
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.recipes import changed
from tests.systems.encoder.test_distillation import taught

UTTERANCES = [
    Utterance("1", "de-DE", "wecker um fünf", ["wecker", "um", "fünf"]),
    Utterance("2", "en-US", "play music", ["play", "music"]),
]
GLOSS = [Utterance("1", "de-DE", "alarm at five", ["alarm", "at", "five"]), UTTERANCES[1]]


def glossing(run: Path, lexicons: list[str], **more: Any) -> Glossing:
    return Glossing.of(run, lexicons, source="en-US", **more)


@pytest.fixture
def lexicons(tmp_path: Path) -> Path:
    folder = tmp_path / "lexicons"
    folder.mkdir()
    (folder / "de-DE.tsv").write_text(
        "alarm\tWecker\nat\tum\nfive\tfünf\nzebra\tZebra\n", encoding="utf-8"
    )
    (folder / "fr-FR.tsv").write_text("zebra\tzèbre\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(runs: dict[str, Path], tmp_path: Path) -> Path:
    """A run whose task allows a lexicon."""
    folder = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "run"))
    task = folder.task()
    assert task is not None
    folder.write_task({**task, "allow": [*task.get("allow", []), "lexicon"]})
    return folder.path


def test_it_says_the_mean_of_what_the_run_says_of_text_and_gloss(
    run: Path, lexicons: Path, tmp_path: Path
) -> None:
    counted: list[tuple[int, int]] = []
    made = glossing(run, [str(lexicons)]).write(
        tmp_path / "new", lambda done, total: counted.append((done, total))
    )
    assert counted == [(1, 2), (2, 2)]
    # No word of the other dictionary occurs.
    assert made.words == {"de-DE": 3, "fr-FR": 0}
    glossed, alone = load_system(made.run.path), load_system(run)
    assert isinstance(glossed, DistributionSystem)
    assert isinstance(alone, DistributionSystem)
    of_both = [np.exp(alone.label_distributions(texts).intents) for texts in (UTTERANCES, GLOSS)]
    said = np.exp(glossed.label_distributions(UTTERANCES).intents)
    np.testing.assert_allclose(said, np.mean(of_both, axis=0), atol=2e-3)
    lighter = load_system(made.run.path, ["weight=0"])
    assert [*lighter.predict(UTTERANCES)] == [*alone.predict(UTTERANCES)]
    with pytest.raises(UsageError, match="run cannot change after training"):
        load_system(made.run.path, ["run=elsewhere"])


def test_it_stands_alone_and_keeps_what_the_run_cost_and_used(
    run: Path, lexicons: Path, tmp_path: Path
) -> None:
    made = glossing(run, [str(lexicons)], weight=0.3).write(tmp_path / "new").run
    before, facts = RunFolder(run).facts(), made.facts()
    assert facts["title"] == "encoder (glossed)"
    assert facts["parameters"] == before["parameters"]
    assert facts["seconds"] >= before["seconds"]
    assert facts["recipe"]["weight"] == 0.3
    assert facts["recipe"]["dictionaries"] == ["de-DE.tsv", "fr-FR.tsv"]
    files = facts["glosses"]["files"]["lexicon"]
    assert [file["name"] for file in files] == ["de-DE.tsv", "fr-FR.tsv"]
    text = facts["glosses"]["text"]
    assert (text["source"], text["partitions"], len(text["hash"])) == ("en-US", ["train"], 16)
    card = (made.model / "README.md").read_text(encoding="utf-8")
    assert "licences" in card
    assert "| Glossed by | de-DE.tsv, fr-FR.tsv; in en-US |" in card
    assert "| Resources beside labels | lexicon |" in card
    assert GlossedSystem.load(made.model).weight == 0.3
    assert [parent["run"] for parent in facts["parents"]] == [str(run)]
    assert {used.resource for used in run_resources(made)} == {"target-labels", "lexicon"}
    shutil.rmtree(run)
    shutil.rmtree(lexicons)
    assert len([*load_system(made.path).predict(UTTERANCES)]) == len(UTTERANCES)


def test_a_task_that_allows_no_lexicon_refuses_it(
    runs: dict[str, Path], lexicons: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="lexicon was used"):
        glossing(runs["encoder"], [str(lexicons)])
    result = CliRunner().invoke(
        app,
        [
            *("gloss", str(runs["encoder"]), "--lexicon", str(lexicons)),
            *("--source", "en-US", "--out", str(tmp_path / "new")),
        ],
    )
    assert result.exit_code == 1
    assert not (tmp_path / "new").exists()


def test_it_teaches_and_labels(
    recipes: dict[str, Recipe],
    run: Path,
    lexicons: Path,
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    glossed = glossing(run, [str(lexicons)]).write(tmp_path / "new").run
    assert RunTeacher.load(glossed.path).sources
    recipe = changed(
        taught(recipes["encoder"], glossed.path),
        {"training": {"epochs": 0.1, "evaluations": 1}},
        "taught",
    )
    task = task_data.task.model_copy(update={"allow": ["target-labels", "lexicon"]})
    student = train_run(recipe, replace(task_data, task=task), tmp_path / "student")
    assert [parent["kind"] for parent in student.facts()["parents"]] == ["glossed"]
    assert "lexicon" in {used.resource for used in run_resources(student)}


def test_an_ensemble_is_glossed_and_a_glossed_run_is_not_put_into_one(
    run: Path, lexicons: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    ensemble = ensemble_runs([run, copy], tmp_path / "both").path
    glossed = glossing(ensemble, [str(lexicons)]).write(tmp_path / "new").run.path
    assert [*load_system(glossed, ["weight=0"]).predict(UTTERANCES)] == [
        *load_system(run).predict(UTTERANCES)
    ]
    with pytest.raises(ConfigError, match="a run of kind glossed"):
        ensemble_runs([run, glossed], tmp_path / "three")
    with pytest.raises(
        ConfigError, match=f"glossed already; expected a run that is not: {ensemble}"
    ):
        glossing(glossed, [str(lexicons)])


def test_what_does_not_fit_is_refused(
    runs: dict[str, Path], run: Path, lexicons: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="a run of kind majority"):
        glossing(runs["majority"], [str(lexicons)])
    with pytest.raises(MissingDataError, match=r"lexicons2 not found"):
        glossing(run, [f"{lexicons}2"])
    with pytest.raises(UsageError, match="no source language; name the one"):
        Glossing.of(run, [str(lexicons)])
    with pytest.raises(DataError, match=r"fr-FR\.tsv: no entry is a word of the en-US text"):
        glossing(run, [str(lexicons / "fr-FR.tsv")]).write(tmp_path / "new")
    with pytest.raises(MissingDataError, match="name the data whose words are counted"):
        glossing(run, [str(lexicons)], data="elsewhere")
    (lexicons / "fr-FR.tsv").write_text("one two three\nalarm\t\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        glossing(run, [str(lexicons)]).write(tmp_path / "new")
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "new").exists()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").touch()
    with pytest.raises(MassiveKitError, match="holds other files"):
        glossing(run, [str(lexicons / "de-DE.tsv")]).write(tmp_path / "new")


def test_the_language_of_glosses_is_one_that_was_learnt(run: Path, lexicons: Path) -> None:
    (lexicons / "en-ja.tsv").write_text("alarm\tアラーム\n", encoding="utf-8")
    with pytest.raises(MissingDataError, match="no locale 'xx'"):
        Glossing.of(run, [str(lexicons)], source="xx")
    with pytest.raises(ConfigError, match="has not learnt the language of the glosses"):
        Glossing.of(run, [str(lexicons)], source="fr-FR")


def test_another_task_has_the_same_dev_rows(run: Path, lexicons: Path) -> None:
    with pytest.raises(ConfigError, match="the data are not those of the run"):
        glossing(run, [str(lexicons)], task="demo-zeroshot-open")


def test_a_damaged_model_is_told(run: Path, lexicons: Path, tmp_path: Path) -> None:
    made = glossing(run, [str(lexicons)]).write(tmp_path / "new").run
    glossary = made.model / "glossaries" / "de-DE.tsv"
    glossary.write_text("no\tpair\nof words here\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"de-DE.tsv"):
        [*load_system(made.path).predict(UTTERANCES)]
    glossary.unlink()
    with pytest.raises(MissingDataError, match="no glossary; make the run again"):
        load_system(made.path)


def test_a_lost_glossary_is_missed(run: Path, lexicons: Path, tmp_path: Path) -> None:
    (lexicons / "fr-FR.tsv").write_text("alarm\tréveil\n", encoding="utf-8")
    made = glossing(run, [str(lexicons)]).write(tmp_path / "new").run
    folder = made.model / "glossaries"
    (folder / "fr-FR.tsv").unlink()
    with pytest.raises(MissingDataError, match=r"holds no fr-FR\.tsv; make the run again"):
        load_system(made.path)
    # Of earlier versions nobody noted which there were.
    about = json.loads((folder / "glossaries.json").read_text())
    del about["targets"]
    (folder / "glossaries.json").write_text(json.dumps(about))
    load_system(made.path)


def test_nothing_trains_it(
    recipes: dict[str, Recipe], run: Path, lexicons: Path, task_data: TaskData, tmp_path: Path
) -> None:
    recipe = glossing(run, [str(lexicons)]).recipe
    task = task_data.task.model_copy(update={"allow": ["target-labels", "lexicon"]})
    with pytest.raises(ConfigError, match="massive-kit gloss"):
        train_run(recipe, replace(task_data, task=task), tmp_path / "new")


def test_it_is_made_anew_for_another_weight(run: Path, lexicons: Path, tmp_path: Path) -> None:
    glossed = glossing(run, [str(lexicons)]).write(tmp_path / "new").run
    changes = ["weight=0.3", "source=de-DE", "inference.label_rates.rows=600"]
    with pytest.raises(ConfigError) as caught:
        Configuration.of(glossed.path, changes)
    kind, *others = [problem.todo for problem in caught.value.problems]
    assert kind == "configure what it is made of, and make it of that"
    assert others == ["make the run anew", "`massive-kit predict -o weight=...` changes it"]


def test_all_dictionaries_of_the_other_direction_are_told(run: Path, tmp_path: Path) -> None:
    words = ["the", "in", "i", "on", "to", "a", "at", "me", "my", "about"]
    for target in ("de-DE", "fr-FR", "sw-KE"):
        lines = [f"{target}{number}\t{word}\n" for number, word in enumerate(words)]
        (tmp_path / f"{target}.tsv").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "sw-KE.tsv").write_text("the\tyule\n", encoding="utf-8")
    with pytest.raises(DataError, match="2 dictionaries cannot be used") as caught:
        glossing(run, [str(tmp_path)]).write(tmp_path / "new")
    where = [Path(problem.where).name for problem in caught.value.problems]
    assert where == ["de-DE.tsv", "fr-FR.tsv"]
    assert not (tmp_path / "new").exists()


def test_the_command(run: Path, lexicons: Path, tmp_path: Path) -> None:
    arguments = ["gloss", str(run), "--lexicon", str(lexicons), "--source", "en-US", "--out"]
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "one")])
    assert result.exit_code == 0, result.output
    assert "encoder (glossed), 3 words of 1 dictionary" in result.stdout
    assert "no entry is a word of the text: fr-FR" in result.stderr
    assert "passed over" not in result.stderr
    (lexicons / "french.tsv").write_text("alarm\tréveil\n", encoding="utf-8")
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "three")])
    assert "french.tsv is passed over, since its name says no language" in result.stderr
    lemmas = [*arguments, str(tmp_path / "four"), "--lemmas", str(lexicons / "french.tsv")]
    assert "passed over" not in CliRunner().invoke(app, lemmas).stderr
    result = CliRunner().invoke(app, [*arguments, str(tmp_path / "two"), "--format", "json"])
    assert json.loads(result.stdout) == {
        "path": str(tmp_path / "two"),
        "words": {"de-DE": 3, "fr-FR": 0},
        "encoder_words": None,
    }
