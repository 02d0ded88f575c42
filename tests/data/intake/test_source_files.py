"""Text of a source: any usual encoding and line end, bounded, one bad row hiding no other."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from massive_kit.data.intake import source_files
from massive_kit.data.intake.source_files import FileHead, SourceFile, is_not_utf8
from massive_kit.errors import DataError

LINES = ["weck mich um fünf", "", "a\u2028b\x85c", "目覚まし"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("last", ["", "end"])
def test_lines_whatever_the_encoding(encoding: str, end: str, last: str) -> None:
    text = "".join(line + end for line in LINES) + last
    file = SourceFile.of_bytes("a/x.txt", text.encode(encoding))
    expected = LINES + ([last] if last else [])
    assert list(file.lines()) == expected
    assert file.text() == text
    assert file.head().lines == tuple(expected)
    assert file.head().name == "x.txt"


def test_a_row_that_is_not_utf8_hides_no_other() -> None:
    lines = list(SourceFile.of_bytes("x", b"eins\nf\xfcnf\nzwei\n").lines())
    assert [is_not_utf8(line) for line in lines] == [False, True, False]


def test_a_head_holds_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "HEAD_BYTES", 8)
    head = SourceFile.of_bytes("x", "eins\nfünf\n".encode()).head()
    assert (head.lines, head.whole, head.text) == (("eins",), False, "eins\nf\u00fc")
    assert SourceFile.of_bytes("x", b"12345678").head().whole
    cut = SourceFile.of_bytes("x", "eins\nfünf\n".encode("utf-16")).head()
    assert cut.text == "ein"


def test_bytes_are_not_text() -> None:
    head = FileHead.of(PurePosixPath("x"), b"PAR1\0\0", whole=True)
    assert head.text is None
    assert head.lines == ()


def test_too_much_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_files, "MAX_LINE", 10)
    monkeypatch.setattr(source_files, "MAX_TEXT", 10)
    file = SourceFile.of_bytes("x", b"ok\n" + b"a" * 11)
    with pytest.raises(DataError, match=r"x:2: a line of more than 10 characters"):
        list(file.lines())
    with pytest.raises(DataError, match=r"x: more than 10 characters"):
        file.text()


def test_broken_utf16_is_told() -> None:
    file = SourceFile.of_bytes("x", "eins".encode("utf-16") + b"\x00")
    with pytest.raises(DataError, match="text that cannot be read"):
        list(file.lines())
    with pytest.raises(DataError, match="text that cannot be read"):
        file.text()
