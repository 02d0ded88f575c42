"""The data commands, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MassiveKitError

ROW = {
    "id": "1",
    "locale": "de-DE",
    "partition": "train",
    "intent": "alarm_set",
    "scenario": "alarm",
    "utt": "weck mich",
    "annot_utt": "weck mich",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["data", *arguments])
    if isinstance(result.exception, MassiveKitError):
        assert code == result.exception.exit_code
        return str(result.exception)
    assert result.exit_code == code, result.output
    return result.output if code else result.stdout


def lines(path: Path, *rows: dict[str, str] | str) -> str:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return str(path)


def test_import_of_a_foreign_corpus(home: Path) -> None:
    (home / "atis").mkdir()
    for name, text in (("seq.in", "at six\n"), ("seq.out", "O B-time\n"), ("label", "wake\n")):
        (home / "atis" / name).write_text(text)
    (home / "atis" / "LICENSE").write_text("free")
    printed = run("import", "atis", "--name", "mine", code=1)
    assert "give it with `data import --locale en-US`, or put it into the path" in printed
    assert "give it with `data import --partition test`, or put it into the path" in printed
    where = ("--locale", "en-US", "--partition", "valid")
    value = json.loads(run("import", "atis", "--name", "mine", *where, "--format", "json"))
    assert value["formats"] == {"seq_folders": 1}
    assert value["tag_scheme"] == "IOB2 (B-slot, I-slot)"
    assert value["span_scheme"] == "brackets"
    assert [Path(name).name for name in value["ignored"]] == ["LICENSE"]
    shown = run("show", "--data", "mine", "--partition", "dev", "--locale", "en-US")
    assert "at [time : six]" in shown
    # A source format may stand after --format, too, as no output is called so.
    for option in ("--from", "--format"):
        run("import", "atis", "--name", "mine", *where, option, "seq_folders")
        assert "not JSON" in run("import", "atis", "--name", "x", *where, option, "slurp", code=1)
        unknown = run("import", "atis", "--name", "x", option, "csv", code=2)
        assert "no format 'csv'; there are " in unknown
    both = ("--from", "slurp", "--format", "seq_folders")
    assert "name two formats" in run("import", "atis", "--name", "mine", *both, code=2)


def test_import_and_look(home: Path) -> None:
    path = lines(home / "x.jsonl", ROW, {**ROW, "id": "2", "annot_utt": "[date : weck] mich"})
    assert "2 utterances in 1 locale" in run("import", path, "--name", "mine")
    assert "[date : weck] mich" in run("show", "--data", "mine", "--locale", "de-DE", "--n", "2")
    shown = run("show", "--data", "mine", "--locale", "de-DE", "--format", "json", "--n", "1")
    assert json.loads(shown)["tokens"] == ["weck", "mich"]
    (stats,) = json.loads(run("stats", "--data", "mine", "--format", "json"))
    assert (stats["rows"], stats["tokens"], stats["spans"]) == (2, 2.0, 0.5)
    assert "date" in run("stats", "--data", "mine", "--labels", "slots")
    assert "Germanic" in run("stats", "--data", "mine", "--by", "genus")
    run("stats", "--data", "mine", "--by", "colour", code=2)
    assert "the store is sound" in run("check", "--data", "mine")
    checked = json.loads(run("check", "--data", "mine", "--format", "json"))
    assert checked["checks"]["slots"]["total"] == 1


def test_every_bad_row_is_printed(home: Path) -> None:
    path = lines(home / "x.jsonl", ROW, *["{"] * 70)
    printed = run("import", path, "--name", "mine", code=1)
    assert f"{path}:2: not JSON" in printed
    assert f"{path}:71: not JSON" in printed
    printed = run("import", path, "--name", "mine", "--skip-bad", "--rejects", "bad.jsonl")
    assert "1 utterance " in printed
    assert len((home / "bad.jsonl").read_text().splitlines()) == 70
    value = json.loads(run("import", path, "--name", "mine", "--skip-bad", "--format", "json"))
    assert value["rejected"] == 70
    assert Path(value["rejects"]).is_file()


def test_a_name_stays_in_its_folder(home: Path) -> None:
    path = lines(home / "x.jsonl", ROW)
    assert "cannot name a store" in run("import", path, "--name", "../x", code=2)
    assert "choose another name" in run("import", path, "--name", "demo", code=2)


def test_check_fails_where_the_data_are_not_the_version(home: Path) -> None:
    path = lines(home / "x.jsonl", ROW)
    run("import", path, "--name", "1.1")
    assert "is not what it claims to be" in run("check", "--data", "1.1", code=1)


def test_a_folder_of_the_same_name_does_not_hide_a_store(home: Path) -> None:
    run("import", lines(home / "x.jsonl", ROW), "--name", "mine")
    (home / "mine").mkdir()
    lines(home / "mine" / "y.jsonl", ROW, {**ROW, "id": "2"})
    assert "de-DE      1" in run("stats", "--data", "mine")
    assert "de-DE      2" in run("stats", "--data", "./mine")


def test_diff(home: Path) -> None:
    a = lines(home / "a.jsonl", ROW)
    b = lines(home / "b.jsonl", {**ROW, "intent": "alarm_query"})
    assert "the same data" in run("diff", a, a)
    assert "de-DE/train: intent differs: 1 (ids 1)" in run("diff", a, b, code=1)
    assert json.loads(run("diff", a, b, "--format", "json", code=1))[0]["locale"] == "de-DE"


def test_sample(home: Path) -> None:
    path = lines(home / "x.jsonl", *({**ROW, "id": str(i)} for i in range(9)))
    run("import", path, "--name", "mine")
    assert "train 3 in 1 locale" in run("sample", "--data", "mine", "--name", "few", "-k", "3")
    assert "de-DE" in run("stats", "--data", "few")
    made = "  made by sample(per_intent=3, stratified=False, seed=0, "
    assert made in run("check", "--data", "few")
    checked = json.loads(run("check", "--data", "few", "--format", "json"))
    assert checked["lineage"]["parents"][0]["name"] == "mine"
    run("sample", "--data", "mine", "--name", "few", code=2)


def test_cards(home: Path) -> None:
    run("import", lines(home / "x.jsonl", ROW), "--name", "mine")
    assert run("card", "--data", "mine", "--locale", "de-DE").startswith("# German (de-DE)")
    run("card", "--data", "mine", "--check", code=1)
    assert "2 of 2 cards written" in run("card", "--data", "mine")
    assert (home / "data_cards" / "mine.md").is_file()
    run("card", "--data", "mine", "--check")


def test_demo_needs_no_import() -> None:
    assert "utterances" in run("check", "--data", "demo")
    assert "km-KH" in run("stats", "--data", "demo")
    assert len(run("show", "--data", "demo", "--locale", "km-KH", "--n", "4").splitlines()) == 4
