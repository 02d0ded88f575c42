"""What the formats share that annotate text: SLURP, MTOP, TOP, Snips, Rasa."""

from __future__ import annotations

import pytest

from massive_kit.data.intake.source_files import SourceFile
from tests.data.intake.samples_reading import SAMPLES, annotated, read, recognised

FILES = {
    "slurp/devel.jsonl": "slurp",
    "mtop/eval.txt": "mtop",
    "topv2/alarm_test.tsv": "top",
    "top/test.tsv": "top",
    "snips-intents/train_FindRecipe_full.json": "snips",
    "snips-data-set/dataset.json": "snips",
    "rasa/nlu.yml": "rasa",
    "rasa-markdown/nlu.md": "rasa",
}


@pytest.mark.parametrize(("path", "name"), FILES.items())
def test_a_file_is_known_by_what_stands_in_it(path: str, name: str) -> None:
    content = (SAMPLES / path).read_bytes()
    assert recognised(SourceFile.of_bytes("file", content)) == {name}
    crlf = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    assert recognised(SourceFile.of_bytes("file", crlf)) == {name}


@pytest.mark.parametrize(("path", "name"), FILES.items())
def test_line_ends_and_byte_order_marks_change_nothing(path: str, name: str) -> None:
    content = (SAMPLES / path).read_bytes()
    plain = read(name, content)
    assert not [row.mistakes for row in plain if row.mistakes]
    crlf = read(name, b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    utf16 = read(name, content.decode().encode("utf-16"))
    for other in (crlf, utf16):
        assert [(row.line, annotated(row), row.intent) for row in other] == [
            (row.line, annotated(row), row.intent) for row in plain
        ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\x00\x01\x02",
        b'{"id": "1", "locale": "de-DE", "utt": "a", "annot_utt": "a", "intent": "b"}\n',
        b"a\tO\nb\tO\n",
        b"name: x\nnlu_threshold: 0.3\n",
        b"[]",
        b'{"a": [{"b": 1}]}',
        b"# intent of this page\n",
    ],
)
def test_other_files_are_not_taken_for_these(content: bytes) -> None:
    assert not recognised(SourceFile.of_bytes("file", content)) & set(FILES.values())
