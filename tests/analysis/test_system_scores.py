"""Tables of scores: percent or shares, decided once for all systems of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.analysis.forecast.system_scores import TableChoice, scores_of_table
from massive_kit.analysis.forecast.transfer_matrix import transfer_matrices
from massive_kit.languages import LanguageTable

TABLE = LanguageTable.shipped()


def _written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("picks", [(), ("weak",)])
def test_percents_of_a_weak_system_are_percents(tmp_path: Path, picks: tuple[str, ...]) -> None:
    path = _written(
        tmp_path / "scores.csv",
        "model,locale,metric,value",
        "strong,de-DE,em,45.5",
        "weak,de-DE,em,0.9",
        "weak,fr-FR,exact_match,0",
        "weak,fr-FR,slot_f1,0.5",
    )
    *_, weak = scores_of_table(TableChoice(path, picks), "exact_match", TABLE)
    assert weak.values == pytest.approx({"de-DE": 0.009, "fr-FR": 0.0})
    (slots,) = scores_of_table(TableChoice(path, picks), "slot_f1", TABLE)
    assert slots.values == pytest.approx({"fr-FR": 0.005})


def test_shares_are_shares_whatever_else_a_table_counts(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "scores.csv", "locale,metric,value", "de-DE,em,0.9", "de-DE,seconds,12"
    )
    (system,) = scores_of_table(TableChoice(path, ()), "exact_match", TABLE)
    assert system.values == {"de-DE": 0.9}


def test_percents_of_a_weak_matrix_are_percents(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "matrix.csv",
        "model,source_locale,target_locale,metric,value",
        "strong,de-DE,fr-FR,exact_match,60",
        "weak,de-DE,fr-FR,exact_match,0.5",
    )
    values = {
        matrix.model: matrix.values.tolist()
        for matrix in transfer_matrices(TableChoice(path, ()), None, TABLE)
    }
    assert values == {"strong": [[0.6]], "weak": [[0.005]]}
