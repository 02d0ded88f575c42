"""JSON lines with character offsets, as annotation tools write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.intake.importing import import_source
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.errors import DataError
from tests.data.intake.samples_reading import annotated, only, read, recognised

TEXT = "zahle 😀 morgen früh"


@pytest.mark.parametrize(
    "row",
    [
        {"intent": "pay", "slots": [{"start": 8, "end": 19, "label": "date"}]},
        {"intent": "pay", "spans": [{"start": 8, "end": 19, "label": "date", "token_start": 2}]},
        {"intent": "pay", "spans": [[8, 19, "date"]], "answer": "accept", "tokens": [{"id": 0}]},
        {"intent": "pay", "entities": [[8, 19, "date"]], "label": []},
        {"intent": "pay", "label": [[8, 19, "date"]], "id": 7},
        {"intent": "pay", "entities": [{"start_offset": 8, "end_offset": 19, "label": "date"}]},
        {"intent": "pay", "slots": [{"start": 8, "end": 19, "slot": "date", "value": TEXT[8:]}]},
    ],
)
def test_every_shape_gives_the_same_slots(row: dict[str, Any]) -> None:
    content = json.dumps({"text": TEXT, **row}) + "\n"
    assert recognised(SourceFile.of_bytes("x.jsonl", content.encode())) == {"spans"}
    result = only("spans", content)
    assert not result.mistakes
    assert result.intent == "pay"
    assert result.id == ("7" if "id" in row else None)
    assert annotated(result) == "zahle 😀 <date=morgen früh>"


@pytest.mark.parametrize(
    ("slots", "mistake"),
    [
        ([[8, 99, "date"]], "date from 8 to 99 is not within the 19 characters of the text"),
        ([[-1, 3, "date"]], "date from -1 to 3 is not within"),
        ([[8, 8, "date"]], "date from 8 to 8 holds no text"),
        ([[5, 6, "date"]], "date from 5 to 6 holds no text"),
        ([[0, 5, "act"], [3, 14, "date"]], "act 'zahle' and date"),
        ([["0", 5, "act"]], "slots holds ['0', 5, 'act'], not {\"start\": 0"),
        ([{"start": 0, "end": 5}], "slots holds {'start': 0, 'end': 5}, not"),
        (
            [{"start": 9, "end": 15, "label": "date", "text": "morgen"}],
            "date from 9 to 15 is 'orgen ' in the text, not 'morgen'; offsets count code points",
        ),
    ],
)
def test_impossible_slots_are_refused_with_their_line(
    slots: list[Any], mistake: str, tmp_path: Path
) -> None:
    source = tmp_path / "x.jsonl"
    rows = [
        {"text": TEXT, "intent": "pay", "slots": [[8, 14, "date"]]},
        {"text": TEXT, "intent": "pay", "slots": slots},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    options = SourceOptions(locale="de-DE", partition="train")
    with pytest.raises(DataError) as refused:
        import_source(source, tmp_path / "store", name="x", options=options)
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert mistake in problem.found


def test_a_corpus_of_spans_is_imported(tmp_path: Path) -> None:
    source = tmp_path / "x.jsonl"
    row = {"text": "pay tomorrow", "intent": "pay", "lang": "en-US", "split": "test"}
    rows = [{**row, "spans": [[4, 7, "date"]]}, {**row, "spans": []}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    imported = import_source(source, tmp_path / "store", name="x")
    table = imported.store.read("test", ["en-US"])
    assert table.column("annot_utt").to_pylist() == ["pay [date : tom]orrow", "pay tomorrow"]
    # As in other formats, a slot that ends inside a token has all of it.
    assert table.column("labels").to_pylist() == [["Other", "date"], ["Other", "Other"]]
    assert any("ended inside a token" in note for note in imported.notes)


def test_rows_that_cannot_be_used_say_why() -> None:
    rows = [
        "[1]",
        "{",
        '{"text": 3, "slots": []}',
        '{"slots": []}',
        '{"text": "a", "spans": [], "answer": "reject"}',
        '{"text": "a", "slots": [[0, 1, "x"]], "spans": [[0, 1, "y"]]}',
    ]
    mistakes = [row.mistakes for row in read("spans", "\n".join(rows).encode())]
    assert [len(reasons) for reasons in mistakes] == [1] * len(rows)
    assert mistakes[3:] == [
        ["no text"],
        ["answer is 'reject'; only accepted rows are annotated"],
        ["slots in slots and in spans; leave out all but one"],
    ]


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "a", "labels": ["pay", "now"]}\n',
        '{"text": "a", "intent": "pay"}\n',
        '{"utt": "a", "text": "a", "slots": []}\n',
        '{"tokens": ["a"], "labels": ["O"], "text": "a", "spans": []}\n',
    ],
)
def test_other_rows_are_left_alone(content: str) -> None:
    assert "spans" not in recognised(SourceFile.of_bytes("x.jsonl", content.encode()))
