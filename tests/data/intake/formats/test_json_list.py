"""A JSON list of rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.errors import DataError

ROW = {"id": "1", "locale": "de-DE", "partition": "test", "intent": "alarm_set"}
LABELLED = {**ROW, "utt": "um fünf", "annot_utt": "um [time : fünf]"}
TAGGED = {**ROW, "tokens": ["um", "fünf"], "ner_tags": ["O", "B-time"]}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("row", [LABELLED, TAGGED])
def test_a_list_gives_what_json_lines_give(
    tmp_path: Path, row: dict[str, object], indent: int | None
) -> None:
    rows = [row, {**row, "id": "2"}]
    (tmp_path / "x.json").write_text(json.dumps(rows, indent=indent))
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    imported = import_source(tmp_path / "x.json", tmp_path / "store", name="x")
    assert imported.formats == {"json_list": 1}
    lines = import_data(tmp_path / "x.jsonl", tmp_path / "lines", name="x")
    assert imported.store.read("test", ["de-DE"]) == lines.read("test", ["de-DE"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"[{json.dumps(LABELLED)},\n{json.dumps({**LABELLED, 'utt': 5})}\n]",
            r"x\.json:2: utt is 5",
        ),
        (f"[{json.dumps(LABELLED)},\n{{", "not JSON: "),
        (f"[\n{json.dumps({'id': '1', 'utt': ['an'], 'pred_intent': 'x'})}\n]", "predictions, and"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=reason):
        import_data(tmp_path / "x.json", tmp_path / "store", name="x")


@pytest.mark.parametrize("indent", [None, 1])
def test_rows_without_an_id_are_numbered_also_where_they_stand_in_one_line(
    tmp_path: Path, indent: int | None
) -> None:
    row = {key: value for key, value in LABELLED.items() if key != "id"}
    (tmp_path / "x.json").write_text(json.dumps([row, {**row, "utt": 5}, row], indent=indent))
    imported = import_source(tmp_path / "x.json", tmp_path / "store", name="x", skip_bad=True)
    stored = imported.store.read("test", ["de-DE"]).to_pylist()
    # The bad row keeps its number.
    assert [row["id"] for row in stored] == ["1", "3"]


def test_an_id_may_not_be_repeated_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([LABELLED, LABELLED]))
    with pytest.raises(DataError, match="the id '1' is here a second time"):
        import_data(tmp_path / "x.json", tmp_path / "store", name="x")


@pytest.mark.parametrize("key", ["utt", "intent", "id"])
def test_half_of_a_surrogate_pair_is_refused(tmp_path: Path, key: str) -> None:
    (tmp_path / "x.json").write_text(json.dumps([LABELLED, {**LABELLED, key: "a \ud83d"}]))
    with pytest.raises(DataError, match=r"an escape such as \\ud83d without the other"):
        import_data(tmp_path / "x.json", tmp_path / "store", name="x")
    (tmp_path / "x.json").write_text(json.dumps([{**LABELLED, "intent": "a \U0001f600"}]))
    store = import_data(tmp_path / "x.json", tmp_path / "store", name="x")
    assert store.inventory.intents == ("a \U0001f600",)


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    text = json.dumps([LABELLED], ensure_ascii=False)
    (tmp_path / "x.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match="text that is not UTF-8"):
        import_source(
            tmp_path / "x.json", tmp_path / "store", name="x", rejects=tmp_path / "bad.jsonl"
        )
    assert (tmp_path / "bad.jsonl").is_file()


@pytest.mark.parametrize("column", ["utt", "intent", "slot_method"])
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_deep_nesting_is_told(tmp_path: Path, column: str, ending: str) -> None:
    good = json.dumps(LABELLED)
    deep = good[:-1] + f', "{column}": {"[" * 990}{"]" * 990}}}'
    text = f"[{good},\n{deep}]" if ending == "json" else f"{good}\n{deep}"
    (tmp_path / f"x.{ending}").write_text(text)
    with pytest.raises(DataError):
        import_data(tmp_path / f"x.{ending}", tmp_path / "store", name="x")
