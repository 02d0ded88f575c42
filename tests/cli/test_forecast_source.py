from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app

GROUPS = (("de-DE", "nl-NL", "sv-SE"), ("es-ES", "it-IT", "pt-PT"), ("hi-IN", "bn-BD", "ur-PK"))
LOCALES = tuple(code for group in GROUPS for code in group)


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["forecast", "source", *map(str, words)])
    error = f"{type(done.exception).__name__} {done.exception}" if done.exception else ""
    return done.exit_code, done.output + error


def score(source: str, target: str) -> float:
    together = any(source in group and target in group for group in GROUPS)
    return 0.9 if source == target else 0.7 if together else 0.3


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    lines = ["model,source_locale,target_locale,metric,value"]
    lines += [f"m,{s},{t},exact_match,{score(s, t)}" for s, t in product(LOCALES, LOCALES)]
    path = tmp_path / "matrix.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_relatives_are_chosen_where_relatives_transfer_best(matrix: Path) -> None:
    code, text = run(matrix, "--for", "French", "--for", "da-DK", "--format", "json", "--top", "2")
    assert code == 0
    result = json.loads(text)
    chosen = {(row["for"], row["source"]) for row in result["sources"]["rows"]}
    assert {source for language, source in chosen if language == "fr-FR"} < {*GROUPS[1]}
    assert {source for language, source in chosen if language == "da-DK"} < {*GROUPS[0]}
    lost = {row["rule"]: row["top_1"]["value"] for row in result["regret"]["rows"]}
    assert lost["predicted"] == 0 < lost["best on average"]


def test_a_sweep_over_languages_is_a_matrix(tmp_path: Path) -> None:
    lines = ["data.locales,seed,run,seconds,locale,intent_accuracy,slot_f1,exact_match"]
    for source, target, seed in product(LOCALES, LOCALES, (0, 1)):
        value = score(source, target) + 0.02 * seed
        lines.append(f"{source},{seed},runs/x,1.0,{target},{value:.6f},,{value:.6f}")
    lines += ["de-DE+nl-NL,0,runs/y,1.0,sv-SE,1,1,1", "de-DE,0,runs/x,1.0,pooled,1,1,1"]
    path = tmp_path / "sweep.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, text = run(path, "--for", "fr", "--format", "json", "--metric", "exact_match")
    assert code == 0
    assert json.loads(text)["sources"]["rows"][0]["source"] in GROUPS[1]


def test_a_matrix_with_holes_is_read(tmp_path: Path) -> None:
    lines = ["source_locale,target_locale,metric,value"]
    for source, target in product(("de-DE", "it-IT", "hi-IN"), LOCALES):
        # Of sv-SE and of hi-IN itself hardly anything is known.
        if target not in {"sv-SE", "ur-PK"} or source == "hi-IN":
            lines.append(f"{source},{target},em,{score(source, target)}")
    lines.append("sv-SE,sv-SE,em,0.9")
    path = tmp_path / "holes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, text = run(path, "--for", "pt-PT", "--format", "json")
    assert code == 0
    result = json.loads(text)
    sources = {row["source"] for row in result["sources"]["rows"]}
    assert sources == {"de-DE", "it-IT", "hi-IN", "sv-SE"}
    assert all(row["top_1"] is not None for row in result["regret"]["rows"])


def test_all_mistakes_are_told_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "matrix.csv"
    lines = ("de-DE,nl-NL,em,0.4", "de-DE,nl-NL,em,0.4", "German,nl-NL,em,0.4", "de-DE,sv-SE,em,-1")
    path.write_text("\n".join(["source_locale,target_locale,metric,value", *lines]))
    code, text = run(path, "--for", "fr")
    assert code == 1
    assert "matrix.csv:3: a second score of de-DE on nl-NL" in text
    assert "matrix.csv:4: 'German' is not a locale code" in text
    assert "matrix.csv:5: value '-1'; expected a number from 0 to 100" in text


def test_what_cannot_be_chosen_from_says_why(matrix: Path, tmp_path: Path) -> None:
    assert "no language 'Klingon!'" in run(matrix, "--for", "Klingon!")[1]
    assert "there are m exact_match" in run(f"{matrix}:n", "--for", "fr")[1]
    assert "is not a CSV file" in run(tmp_path, "--for", "fr")[1]
    assert "absent.csv not found" in run(tmp_path / "absent.csv", "--for", "fr")[1]
    small = tmp_path / "small.csv"
    small.write_text("source_locale,target_locale,metric,value\nde-DE,nl-NL,em,0.4\n")
    assert "1 sources and 1 targets" in run(small, "--for", "fr")[1]


def test_a_language_far_from_all_of_the_matrix_gets_no_source(matrix: Path) -> None:
    code, text = run(matrix, "--for", "nav", "--for", "xyz", "--format", "json")
    assert code == 0
    notes = json.loads(text)["sources"]["notes"]
    assert "xyz: nothing is said, not in the table of typology." in notes
    assert "nav: nothing is said, no language of the matrix is near." in notes
