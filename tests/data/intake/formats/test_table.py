"""Tables of MASSIVE's columns, as pandas writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.errors import DataError

ROWS = [
    {
        "id": str(number),
        "locale": "de-DE",
        "partition": "test",
        "utt": utt,
        "annot_utt": annotated,
        "intent": "alarm_set",
    }
    for number, (utt, annotated) in enumerate(
        [
            ('weck mich, "bitte", um fünf', 'weck mich, "bitte", um [time : fünf]'),
            ("weck\nmich", "weck\nmich"),
            ("um fünf", "um [time : fünf]"),
        ]
    )
]


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("index", [False, True])
def test_a_table_of_pandas_gives_what_json_lines_give(
    tmp_path: Path, separator: str, index: bool
) -> None:
    pd.DataFrame(ROWS).to_csv(tmp_path / "x.csv", sep=separator, index=index)
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    imported = import_source(tmp_path / "x.csv", tmp_path / "store", name="x")
    assert imported.formats == {"table": 1}
    lines = import_data(tmp_path / "x.jsonl", tmp_path / "lines", name="x")
    assert imported.store.hash == lines.hash
    assert imported.store.read("test", ["de-DE"]) == lines.read("test", ["de-DE"])


def test_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    good = '"weck\nmich",x,de,test'
    path.write_bytes(
        f"\ufeffutt,intent,locale,partition\r\n{good}\r\nan,x,de\r\n{good}\r\n".encode()
        + b"f\xfcnf,x,de,test\r\n,x,de,test\r\n"
    )
    with pytest.raises(DataError) as caught:
        import_data(path, tmp_path / "store", name="x")
    assert [(problem.line, problem.found) for problem in caught.value.problems] == [
        (4, "3 columns; the header has 4"),
        (7, "text that is not UTF-8; save the file as UTF-8"),
        (8, "no utt"),
    ]
    imported = import_source(path, tmp_path / "store", name="x", skip_bad=True)
    assert imported.store.total_rows == 2


def test_predictions_in_a_table_are_no_corpus(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,utt,pred_intent\n1,an,x\n")
    with pytest.raises(DataError, match="predictions, and no corpus"):
        import_data(path, tmp_path / "store", name="x")
