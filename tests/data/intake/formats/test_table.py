"""Tables of MASSIVE's columns, as pandas writes them."""

from __future__ import annotations

import csv
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


def test_a_table_of_tabs_with_all_cells_quoted(tmp_path: Path) -> None:
    table = pd.DataFrame(ROWS)
    table.to_csv(tmp_path / "x.tsv", sep="\t", index=False, quoting=csv.QUOTE_ALL)
    stored = import_data(tmp_path / "x.tsv", tmp_path / "store", name="x").read("test", ["de-DE"])
    assert stored.column("utt").to_pylist() == [row["utt"] for row in ROWS]


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


def _stored(path: Path) -> list[str]:
    store = import_data(path, path.parent / "store", name="x")
    return [row["utt"] for row in store.read("test", ["de-DE"]).to_pylist()]


def _tab_file(path: Path, texts: list[str], *, last: bool) -> Path:
    names = ["id", "locale", "partition", "intent"]
    cells = [[str(number), "de-DE", "test", "x"] for number in range(len(texts))]
    at = len(names) if last else 1
    rows = [[*names[:at], "annot_utt", *names[at:]]]
    rows += [[*row[:at], text, *row[at:]] for row, text in zip(cells, texts, strict=True)]
    path.write_text("".join("\t".join(row) + "\n" for row in rows) + "\n")
    return path


@pytest.mark.parametrize("last", [False, True])
def test_quotes_in_a_table_of_tabs_are_text(tmp_path: Path, *, last: bool) -> None:
    texts = ["a b", '"c d', "e f", 'g h"', "i j", '"hello" by adele', '"hello"', '5" and "', '"x']
    path = _tab_file(tmp_path / "x.tsv", texts, last=last)
    assert _stored(path) == texts


@pytest.mark.parametrize("last", [False, True])
def test_quotes_of_a_writer_of_csv_are_not(tmp_path: Path, *, last: bool) -> None:
    texts = ['"say ""hello"" twice"', '"a\tb"', '"c\n""d"""', "e"]
    path = _tab_file(tmp_path / "x.tsv", texts, last=last)
    assert _stored(path) == ['say "hello" twice', "a\tb", 'c\n"d"', "e"]


def test_a_row_of_a_table_of_tabs_is_quoted_where_all_cells_are(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text('utt\tlocale\tpartition\tintent\n"an"\t"de-DE"\t"test"\t"x"\n')
    assert _stored(path) == ["an"]


def test_a_row_of_csv_with_a_stray_quote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    head = "id,locale,partition,intent,annot_utt\n"
    rows = ['"hello" by adele', "b", '"c', "d"]
    path.write_text(
        head + "".join(f"{number},de-DE,test,x,{text}\n" for number, text in enumerate(rows))
    )
    with pytest.raises(DataError) as caught:
        import_data(path, tmp_path / "store", name="x")
    assert [problem.line for problem in caught.value.problems] == [2, 4]
    assert all("its own are doubled" in problem.found for problem in caught.value.problems)


def test_integers_in_place_of_intents_are_remarked_on(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("locale,partition,intent,annot_utt\nde-DE,test,2,an\nde-DE,test,3,aus\n")
    (remark,) = import_source(path, tmp_path / "store", name="x").remarks
    assert remark.startswith("the integers of 'intent' are read in the order of AmazonScience")
