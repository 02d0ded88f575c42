"""Whatever a file holds, a format gives rows or refuses the file in a sentence."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.intake.formats import FileFormat, RowFormat, formats
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.errors import DataError

ROW_FORMATS = [name for name, module in formats().items() if isinstance(module, RowFormat)]
PIECES = [
    *("O", "B-time", "I-time", "BOS", "EOS", "at", "six", "[", "]", ":", "#", "1", "2", "0", '"'),
    *("# id: 7", "# intent = wake", "# text: at six", "# slots:", "-DOCSTART-", "IN:WAKE", "SL:T"),
    *("id\tutterance\tslot_labels\tintent", "[IN:WAKE [SL:T six ] ]", "{", "}", '"intents":', ","),
    *("nlu:", "- intent: wake", "  examples: |", "    - [six](time)", "## intent:wake", "\ufeff"),
    *("\n", "\n", "\n\n", "\r\n", "\t", "\t", " ", " ", "\x00", "\u2028", "\xa0", "é", "日本"),
]
contents = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(str.encode),
    st.binary(max_size=60),
)


@pytest.mark.parametrize("name", ROW_FORMATS)
@given(content=contents, second=contents)
def test_rows_or_a_sentence(name: str, content: bytes, second: bytes) -> None:
    module = cast("RowFormat", formats()[name])
    files = [SourceFile.of_bytes("seq.in", content), SourceFile.of_bytes("seq.out", second)]
    if isinstance(module, FileFormat):
        files = files[:1]
        assert module.recognises(files[0].head()) in {True, False}
    try:
        rows = list(module.read_rows(files))
    except DataError:
        return
    for row in rows:
        assert row.line > 0
        if row.tags is not None and not row.mistakes:
            assert row.tokens is not None
            assert len(row.tokens) == len(row.tags)
