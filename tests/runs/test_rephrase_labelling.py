"""What users said to a run becomes rows, and what is trained on them says so."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.home import HOME_VARIABLE
from massive_kit.data.opening import open_data
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError, DataError, MissingDataError, UsageError
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.rephrased_texts import rephrased_texts
from massive_kit.feedback.turns import Turn
from massive_kit.languages import LanguageTable
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.rephrase_labelling import CarryingSettings, label_rephrases
from massive_kit.runs.training import train_run
from massive_kit.schema.task import load_task
from massive_kit.systems.recipes import parse_recipe

LANGUAGES = LanguageTable.shipped()
WRONG = Interpretation.of("play_music", [])
RIGHT = Interpretation.of("alarm_set", [("time", "fünf uhr")])


@pytest.fixture(scope="module")
def run(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    out = tmp_path_factory.mktemp("run") / "run"
    recipe = parse_recipe({"kind": "majority", "title": "t"}, "t")
    return train_run(recipe, lay_task(load_task("demo-zeroshot"), demo_store), out)


def session(
    *said: tuple[str, Interpretation], end: str = "success", locale: str = "de-DE"
) -> bytes:
    turns = [
        Turn(said[0][0], number, locale, text, what, None, "failure")
        for number, (text, what) in enumerate(said, 1)
    ]
    lines = [turn.to_json() for turn in turns]
    lines[-1]["outcome"] = end
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


@pytest.fixture
def log(tmp_path: Path, demo_store: Store) -> Path:
    (tested,) = DataSplit(demo_store, "test", ("de-DE",)).read(["utt"])["utt"].to_pylist()[:1]
    path = tmp_path / "sessions.jsonl"
    path.write_bytes(
        session(("mach  mich fünf Uhr wach", WRONG), ("weck mich fünf uhr", RIGHT))
        + session(("weck mich fünf uhr", RIGHT))
        + session(("mach mich wach", WRONG), ("stell fünf uhr", RIGHT))
        + session(("lala", WRONG), end="failure")
        + session((tested, WRONG))
        + session(("sing", Interpretation.of("sing_along", [])))
        + session(("stop", WRONG), locale="en-US")
    )
    return path


def test_texts_mean_what_their_episodes_ended_with(log: Path) -> None:
    by_locale = rephrased_texts([log], LANGUAGES)
    texts = {entry.text: entry for entry in by_locale["de-DE"]}
    said = texts["mach mich fünf Uhr wach"]
    assert (said.meaning, said.kind, said.ended, said.of) == (RIGHT, "rephrased", 1, 1)
    twice = texts["weck mich fünf uhr"]
    assert (twice.kind, twice.ended, twice.of, twice.confidence) == ("confirmed", 2, 2, 0.75)
    assert "lala" not in texts


def test_a_store_of_what_was_said_knows_where_it_is_from(
    run: RunFolder, demo_store: Store, log: Path, tmp_path: Path
) -> None:
    derived = label_rephrases(
        demo_store, run.path, [log], tmp_path / "said", name="said", languages=LANGUAGES
    )
    store = derived.store
    rows = store.read("train", ["de-DE"]).to_pylist()
    assert [(row["utt"], row["annot_utt"]) for row in rows] == [
        ("mach mich fünf Uhr wach", "mach mich [time : fünf Uhr] wach"),
        ("stell fünf uhr", "stell [time : fünf uhr]"),
        ("weck mich fünf uhr", "weck mich [time : fünf uhr]"),
    ]
    assert {row["intent"] for row in rows} == {"alarm_set"}
    assert {row["scenario"] for row in rows} == {"alarm"}
    facts = derived.report.facts["languages"]["de-DE"]
    assert facts == {
        "texts": 6,
        "unsure": 0,
        "tested": 1,
        "unplaced": 1,
        "undeclared": 1,
        "confirmed": 2,
        "rephrased": 1,
    }
    # English is what the run was trained on, and stays as it is.
    assert store.rows("train", ["en-US"]) == demo_store.rows("train", ["en-US"])
    lines = (tmp_path / "said" / "confidences.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "de-DE\ttrain\tsaid-1\t0.6667\trephrased\t1\t1"
    assert store.lineage is not None
    assert store.lineage.labels_from == {"de-DE": "en-US"}
    assert "sessions=sessions.jsonl" in store.lineage.lines()[0]
    used = {one.resource for one in store.lineage.used("said")}
    assert used == {"unlabelled-text", "feedback", "target-labels"}


def test_a_task_that_does_not_allow_feedback_refuses_it(
    run: RunFolder, demo_store: Store, log: Path, tmp_path: Path
) -> None:
    said = label_rephrases(
        demo_store, run.path, [log], tmp_path / "said", name="said", languages=LANGUAGES
    ).store
    recipe = parse_recipe({"kind": "majority", "title": "t"}, "t")
    strict = lay_task(load_task("demo-zeroshot"), demo_store, train_store=said)
    with pytest.raises(ConfigError, match="feedback was used"):
        train_run(recipe, strict, tmp_path / "refused")
    open_task = lay_task(load_task("demo-zeroshot-open"), demo_store, train_store=said)
    later = train_run(recipe, open_task, tmp_path / "later")
    assert "feedback" in {one.resource for one in run_resources(later)}
    assert [parent["run"] for parent in later.facts()["parents"]] == [str(run.path)]


def test_what_cannot_be_labelled_is_told(
    run: RunFolder, demo_store: Store, log: Path, tmp_path: Path
) -> None:
    def label(**more: object) -> None:
        label_rephrases(
            demo_store,
            run.path,
            [log],
            tmp_path / "said",
            name="said",
            languages=LANGUAGES,
            **more,  # type: ignore[arg-type]  # one option at a time
        )

    with pytest.raises(UsageError, match="--confidence"):
        label(confidence=2)
    with pytest.raises(ConfigError, match="no text gets a label"):
        label(confidence=0.99)
    with pytest.raises(MissingDataError, match="no sessions"):
        label(locales=["sw-KE"])
    with pytest.raises(ConfigError, match="labels of all ids"):
        label(carrying=CarryingSettings(("sw-KE",)))
    with pytest.raises(UsageError, match="makes no vectors of texts"):
        label(carrying=CarryingSettings(("sw-KE",), "retrieval"))
    with pytest.raises(UsageError, match="--into en-US: the run has learnt"):
        label(carrying=CarryingSettings(("en-US",), "retrieval"))
    with pytest.raises(MissingDataError, match="no train text of xx-XX"):
        label(carrying=CarryingSettings(("xx-XX",), "retrieval"))
    with pytest.raises(UsageError, match="--cosine"):
        label(carrying=CarryingSettings(("sw-KE",), "retrieval", cosine=2))
    log.write_bytes(session(("lala", WRONG), end="failure"))
    with pytest.raises(DataError, match="nothing to label"):
        label()


def test_the_command_prints_what_it_took(
    run: RunFolder, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    arguments = ["--data", "demo", "--sessions", str(log), "--run", str(run.path)]
    done = CliRunner().invoke(
        app, ["data", "derive", "rephrases", *arguments, "--name", "said", "--format", "json"]
    )
    assert done.exit_code == 0, done.output
    assert orjson.loads(done.stdout)["languages"]["de-DE"]["confirmed"] == 2
    assert open_data("said").rows("train", ["de-DE"]) == 3
    wrong = CliRunner().invoke(
        app, ["data", "derive", "rephrases", *arguments, "--name", "said", "--by", "retrieval"]
    )
    assert isinstance(wrong.exception, UsageError)
