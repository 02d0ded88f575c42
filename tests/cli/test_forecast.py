from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.languages.typology.text_sizes import cc100_gib
from massive_kit.schema.board_forecasts import BoardForecasts
from tests.publish.boards import shipped

LOCALES = (
    *("de-DE", "nl-NL", "sv-SE", "es-ES", "it-IT", "pt-PT", "ru-RU", "pl-PL", "hi-IN", "bn-BD"),
    *("fa-IR", "tr-TR"),
)
HEADER = "setting,model,locale,metric,value"


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["forecast", *map(str, words)])
    error = f"{type(done.exception).__name__} {done.exception}" if done.exception else ""
    return done.exit_code, done.output + error


@pytest.fixture
def table(tmp_path: Path) -> Path:
    lines = [HEADER, "zero-shot,one,avg,exact_match,50"]
    for model, gain in (("one", 4.0), ("two", 5.0)):
        for locale in LOCALES:
            value = 30 + gain * np.log2(cc100_gib(locale))
            lines.append(f"zero-shot,{model},{locale},exact_match,{value:.1f}")
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_of_a_paper_is_forecast_with_its_other_systems(table: Path) -> None:
    words = (f"{table}:one", f"{table}:zero-shot", "--for", "French", "--for", "yo", "--for", "de")
    code, text = run(*words, "--format", "json", "--source-locale", "en")
    assert code == 0
    result = json.loads(text)
    [french, yoruba] = result["forecasts"]["rows"]
    assert french["locale"] == "fr-FR"
    assert french["forecast"]["value"] == pytest.approx(0.3 + 0.04 * np.log2(56.8), abs=0.05)
    assert yoruba["forecast"] is None
    assert yoruba["reason"].startswith("not forecast: ")
    [german] = result["left_out"]["rows"]
    assert german["locale"] == "de-DE"
    [first, *others] = result["errors"]["rows"]
    assert first["mean_absolute_error"]["value"] < others[0]["mean_absolute_error"]["value"]


def test_tables_are_written_in_the_format_of_the_name(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "forecast.md"
    assert run(f"{table}:two", "--for", "fr", "--out", out)[0] == 0
    assert "| fr-FR | French |" in out.read_text(encoding="utf-8")
    assert "must end with" in run(f"{table}:two", "--for", "fr", "--out", tmp_path / "x.pdf")[1]


def test_all_mistakes_of_all_tables_are_told_by_file_and_line(tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    lines = ("m,de-DE,exact_match,x", "m,de-DE,exact_match,3", "m,German,exact_match,4", "m,nl-NL")
    first.write_text("\n".join(["model,locale,metric,value", *lines]), encoding="utf-8")
    second.write_text("locale,value\nde-DE,1\n", encoding="utf-8")
    code, text = run(first, second)
    assert code == 1
    assert "first.csv:5: 2 cells; expected 4" in text
    assert "second.csv:1: no column metric" in text
    first.write_text("\n".join(["model,locale,metric,value", *lines[:3], lines[1]]))
    _, text = run(first)
    assert "first.csv:2: value 'x'; expected a number from 0 to 100" in text
    assert "first.csv:4: 'German' is not a locale code" in text
    assert "first.csv:5: a second exact_match of de-DE" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("{table}",), "holds zero-shot one, zero-shot two; name one of them"),
        (("{table}:three",), "has no three; there are one, two, zero-shot"),
        (("{table}:one", "--metric", "slot_f1"), "has no slot_f1"),
        (("{table}:one", "--for", "Klingon!", "--for", "Qwerty"), "'Klingon!', 'Qwerty'"),
        (("{table}:one", "--data", "demo"), "--data is what --tokenizer cuts"),
        (("{table}:one", "--probe", "nowhere.json"), "nowhere.json not found"),
        (("nowhere",), "nowhere holds no scores.json"),
        (("nowhere.csv:one",), "nowhere.csv not found"),
    ],
)
def test_what_cannot_be_forecast_says_why(
    table: Path, words: tuple[str, ...], message: str
) -> None:
    code, text = run(*(word.format(table=table) for word in words))
    assert code != 0
    assert message in " ".join(text.split())


def test_few_languages_are_too_few(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("locale,metric,value\nde-DE,exact_match,0.5\n", encoding="utf-8")
    assert "measured in 1 language beside en-US; a forecast needs 10" in run(path)[1]


def test_without_scores_there_is_help_that_names_the_other_command() -> None:
    for words in ((), ("--help",)):
        code, text = run(*words)
        assert code == 0
        assert "SCORES..." in text
        assert "forecast source" in text


def test_scores_may_lie_in_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # There is none here, which is told of the folder, and not of a missing argument.
    code, text = run("scores", "--for", "fr")
    assert code == 1
    assert "MissingDataError scores" in text


def test_a_result_of_a_board_is_forecast_for_it(tmp_path: Path, table: Path) -> None:
    result = shipped() / "results" / "xlm-r-base-zero-shot" / "acl2023"
    out = tmp_path / "forecasts" / "xlm-r-base-zero-shot" / "acl2023.json"
    code, text = run(result, "--for", "uk", "--for", "yo", "--for", "de", "--board", out)
    assert code == 0, text
    made = BoardForecasts.model_validate_json(out.read_text())
    assert made.signature == json.loads((result / "scores.json").read_text())["signature"]
    assert [(key, each.name) for key, each in made.languages.items()] == [("uk", "Ukrainian")]
    assert [*made.unlike] == ["yo"]
    assert "is a table" in run(f"{table}:one", "--for", "fr", "--board", out)[1]
    wrong = run(result, "--for", "fr", "--metric", "slot_recall", "--board", out)[1]
    assert "no board ranks by slot_recall" in wrong
