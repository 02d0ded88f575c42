"""Tokens and spans in are tokens and spans out, in each format of tokens with tags."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import seq_folders
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.data.intake.tag_recognition import recognise
from tests.data.foreign_corpora import FOREIGN, Utterance
from tests.data.intake.samples_reading import SAMPLES, read, recognised

FORMATS = [
    name
    for name, foreign in FOREIGN.items()
    if foreign.format in {"conll", "iob_lines", "multiatis"}
]
# Words that could be taken for something else.
WORDS = st.one_of(
    st.sampled_from(["[", "]", "#", "# id: 1", "O", "B-time", "BOS", "EOS", "_", "1", "\\", ":"]),
    st.text("ab.,'é\u0301漢ไ😀", min_size=1),
)
SLOTS = st.sampled_from(["date", "time.start", "LOC-city", "weather/attribute", "SL:DATE", "B_x"])
PARTS = st.lists(
    st.tuples(st.lists(WORDS, min_size=1, max_size=3), SLOTS | st.none()), min_size=1, max_size=5
)
# What shows the scheme, and more than a few words.
FIRST = Utterance(
    "0", "fr-FR", "test", "a_b", (("réveille moi à ", None), ("six heures", "date"), (" svp", None))
)


def utterance(parts: Sequence[tuple[Sequence[str], str | None]]) -> Utterance:
    spaced = chain.from_iterable((((" ", None), (" ".join(words), slot)) for words, slot in parts))
    return Utterance("1", "fr-FR", "test", "a_b#c", tuple(list(spaced)[1:]))


def spans_of(row: ForeignRow, rows: Sequence[ForeignRow]) -> list[tuple[int, int, str]]:
    """The spans of a row, in words."""
    assert row.tags is not None
    scheme = recognise([row.tags for row in rows if row.tags is not None])
    return [*scheme.spans(row.tags)]


def words_and_spans(u: Utterance) -> tuple[list[str], list[tuple[int, int, str]]]:
    words: list[str] = []
    spans = []
    for text, slot in u.parts:
        start = len(words)
        words += text.split()
        if slot:
            spans.append((start, len(words), slot))
    return words, spans


@pytest.mark.parametrize("name", FORMATS)
@given(parts=PARTS)
@settings(max_examples=60)
def test_tokens_and_spans_come_back(name: str, parts: list[tuple[list[str], str | None]]) -> None:
    foreign, given_row = FOREIGN[name], utterance(parts)
    content = foreign.content([FIRST, given_row]).encode()
    assert recognised(SourceFile.of_bytes("file", content)) == {foreign.format}
    rows = read(foreign.format, content)
    row = rows[-1]
    assert not row.mistakes
    assert row.intent == given_row.intent
    words, spans = words_and_spans(given_row)
    assert row.tokens == words
    assert spans_of(row, rows) == spans


@given(parts=PARTS)
@settings(max_examples=60)
def test_tokens_and_spans_come_back_from_a_folder(
    parts: list[tuple[list[str], str | None]],
) -> None:
    both = [FIRST, utterance(parts)]
    lines = {
        "seq.in": [u.text for u in both],
        "seq.out": [" ".join(u.tags) for u in both],
        "label": [u.intent for u in both],
    }
    files = [SourceFile.of_bytes(name, "\n".join(text).encode()) for name, text in lines.items()]
    assert [recognised(file) for file in files] == [set(), set(), set()]
    rows = list(seq_folders.read_rows(files))
    words, spans = words_and_spans(both[1])
    assert rows[1].tokens == words
    assert spans_of(rows[1], rows) == spans


SAMPLE_FORMATS = {
    ".conll": {"conll"},
    ".iob": {"iob_lines"},
    ".in": set(),
    ".out": set(),
    "": set(),
}


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(SAMPLES.rglob("*"))
        if path.suffix in SAMPLE_FORMATS and path.is_file()
    ],
    ids=lambda path: path.name,
)
def test_each_sample_is_of_one_format_alone(path: Path) -> None:
    expected = SAMPLE_FORMATS[path.suffix]
    assert recognised(SourceFile.of_bytes(path.name, path.read_bytes())) == expected
