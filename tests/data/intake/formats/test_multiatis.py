"""Tab-separated files whose header names utterance, tags and intent."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import multiatis
from massive_kit.data.intake.source_files import SourceFile

SAMPLE = Path(__file__).parent.parent / "samples" / "train_DE.tsv"
HEADER = "id\tutterance\tslot_labels\tintent\n"


def file_of(content: str | bytes) -> SourceFile:
    return SourceFile.of_bytes("x.tsv", content if isinstance(content, bytes) else content.encode())


def rows_of(content: str | bytes) -> list[ForeignRow]:
    return list(multiatis.read_rows([file_of(content)]))


def test_a_row_has_words_and_as_many_tags() -> None:
    content = SAMPLE.read_bytes()
    windows = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    for variant in (content, windows):
        assert multiatis.recognises(file_of(variant).head())
        rows = rows_of(variant)
        assert [(row.line, row.id, row.intent) for row in rows] == [
            (2, "1", "atis_train"),
            (3, "2", "atis_train"),
            (4, "3", "atis_fare"),
        ]
        assert rows[0].tokens == ["zeig", "mir", "züge", "nach", "lakeside"]
        assert rows[0].tags == [*"OOOO", "B-toloc.city_name"]
        # Quotes and brackets are words, or parts of words.
        assert rows[1].tokens == ['"heute"', "nach", "hill", "town"]
        assert rows[2].tokens == ["was", "kostet", "[", "das", "]"]
        assert not any(row.mistakes for row in rows)


def test_columns_have_other_names_too() -> None:
    content = (
        "\tu_id\tlang\tsplit\tsentence\tslot-labels\tintent\n0\t7\tEN\tdev\tat six\tO B-t\tw\n"
    )
    assert multiatis.recognises(file_of(content).head())
    (row,) = rows_of(content)
    assert (row.id, row.locale, row.partition) == ("7", "EN", "dev")
    assert (row.tokens, row.tags, row.intent) == (["at", "six"], ["O", "B-t"], "w")


def test_quotes_that_a_writer_of_csv_put_are_taken_off() -> None:
    rows = rows_of(HEADER + '1\t"say ""six"" now"\tO B-t O\tw\n2\t"so it is"\tO O O\tw\n')
    assert [row.tokens for row in rows] == [["say", '"six"', "now"], ['"so', "it", 'is"']]
    quoted = '"id"\t"utterance"\t"slot_labels"\t"intent"\n"1"\t"at six"\t"O B-t"\t"w"\n'
    assert multiatis.recognises(file_of(quoted).head())
    (row,) = rows_of(quoted)
    assert (row.id, row.tokens, row.tags, row.intent) == ("1", ["at", "six"], ["O", "B-t"], "w")


def test_rows_without_labels_have_none() -> None:
    (row,) = rows_of(HEADER + "1\tat six\t\t\n")
    assert (row.tags, row.intent, row.mistakes) == (None, None, [])


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("2\tat six now\tO B-time\twake", "3 words and 2 slot labels"),
        ("2\tat six\t\twake", "2 words and 0 slot labels"),
        ("2\t\t\t", "no utterance"),
        ("2\tat six\tO B-time", "3 columns; the header has 4"),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, mistake: str) -> None:
    rows = rows_of(f"{HEADER}1\tat six\tO B-time\twake\n{line}\n")
    assert rows[1].line == 3
    assert rows[1].mistakes == [mistake]
    assert rows[1].source == line


@pytest.mark.parametrize(
    "content",
    [
        "",
        "1\tat six\tO B-time\twake\n",
        "id\tintent\tslots\tutterance\tdomain\n0\tIN:WAKE\t3:6:SL:TIME\tat six\talarm\n",
        "id\tutterance\ttext\tslots\tintent\n",
    ],
)
def test_other_files_are_left_alone(content: str) -> None:
    assert not multiatis.recognises(file_of(content).head())


def test_a_file_forced_into_the_format_is_refused_row_by_row() -> None:
    rows = rows_of("1\tat six\tO B-time\twake\n2\tat six\tO B-time\twake\n")
    assert [row.mistakes for row in rows] == [
        ["the first line does not name the columns utterance, slot_labels and intent"]
    ]
