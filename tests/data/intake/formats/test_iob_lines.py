"""IOB lines with BOS, EOS and the intent at their end."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import iob_lines
from massive_kit.data.intake.source_files import SourceFile

SAMPLE = Path(__file__).parent.parent / "samples" / "atis-2.train.w-intent.iob"


def file_of(content: str | bytes) -> SourceFile:
    return SourceFile.of_bytes("x.iob", content if isinstance(content, bytes) else content.encode())


def rows_of(content: str | bytes) -> list[ForeignRow]:
    return list(iob_lines.read_rows([file_of(content)]))


def test_the_frame_goes_and_the_intent_is_that_of_its_end() -> None:
    content = SAMPLE.read_bytes()
    windows = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    for variant in (content, windows):
        assert iob_lines.recognises(file_of(variant).head())
        rows = rows_of(variant)
        assert [row.line for row in rows] == [1, 2, 3]
        assert [row.intent for row in rows] == ["atis_train", "atis_fare#atis_train", "atis_ferry"]
        assert rows[0].tokens == ["show", "me", "trains", "from", "hill", "town", "to", "lakeside"]
        city = "fromloc.city_name"
        assert rows[0].tags == [*"OOOO", f"B-{city}", f"I-{city}", "O", "B-toloc.city_name"]
        assert rows[2].tokens == ["ferry", "[", "early", "]"]
        assert rows[2].tags == ["O", "O", "B-period", "O"]
        assert not any(row.mistakes for row in rows)


@pytest.mark.parametrize(
    ("line", "intent", "tags"),
    [
        ("BOS at six EOS\tO O B-time O", None, ["O", "B-time"]),
        ("BOS at six EOS\tO O B-time O wake", "wake", ["O", "B-time"]),
        ("at six\tO B-time wake", "wake", ["O", "B-time"]),
    ],
)
def test_variants(line: str, intent: str | None, tags: list[str]) -> None:
    (row,) = rows_of(line)
    assert (row.tokens, row.tags, row.intent) == (["at", "six"], tags, intent)
    assert not row.mistakes
    assert iob_lines.recognises(file_of(line + "\n").head())


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        (
            "BOS at six EOS\tO O wake",
            "4 words and 3 tags with the intent; 4 are wanted",
        ),
        ("at six\tO B-time", "2 words and 2 tags with the intent; 3 are wanted"),
        ("BOS at EOS\tB-time O wake", "BOS has the tag 'B-time'; O is wanted"),
        ("BOS EOS\tO wake", "no words"),
        ("at six", "1 columns; words, a tab, and tags with the intent last are wanted"),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, mistake: str) -> None:
    rows = rows_of("BOS ja EOS\tO O a\n\n" + line)
    assert rows[1].line == 3
    assert rows[1].mistakes == [mistake]
    assert rows[1].source == line


@pytest.mark.parametrize(
    "content", ["", "at six\twake\n", "1\tat six\tO B-time\twake\n", "at six\tgood old name\n"]
)
def test_other_files_are_left_alone(content: str) -> None:
    assert not iob_lines.recognises(file_of(content).head())
