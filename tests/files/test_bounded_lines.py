"""Lines of files that may be broken or made to harm."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from massive_kit.errors import DataError, MissingDataError
from massive_kit.files.bounded_lines import MAX_LINE, bounded_lines


def lines(path: Path, content: bytes, **options: int) -> list[tuple[int, str | None]]:
    path.write_bytes(content)
    return [*bounded_lines(path, **options)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_with_their_numbers(tmp_path: Path, pack: type[bytes]) -> None:
    content = "\ufeffa\r\nb\n\nç".encode() + b"\n\xff\nz"
    assert lines(tmp_path / "f", pack(content)) == [
        (1, "a"),
        (2, "b"),
        (3, ""),
        (4, "ç"),
        (5, None),
        (6, "z"),
    ]
    assert lines(tmp_path / "f", pack(b"")) == []
    assert lines(tmp_path / "f", pack(b"\n")) == [(1, "")]


def test_lines_across_chunks(tmp_path: Path) -> None:
    # A chunk is a mebibyte, and its end may cut a line and a character in two.
    content = "".join(f"{number} {'ç' * (number % 97)}\n" for number in range(40_000))
    assert [line for _, line in lines(tmp_path / "f", content.encode())] == content.split("\n")[:-1]
    numbers = [number for number, _ in lines(tmp_path / "f", content.encode())]
    assert numbers == [*range(1, 40_001)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\n" + b"x" * (MAX_LINE + 1), ":2: a line of more than"),
        (b"a\n" + b"x" * (MAX_LINE + 1) + b"\nb", ":2: a line of more than"),
        (gzip.compress(b"x" * 3_000_000), ":1: a line of more than"),
        (gzip.compress(b"abc")[:-5], "gzip"),
        (b"a\nb\n" * 5000, "more than 10,000 bytes"),
    ],
    ids=["last line", "line", "packed line", "cut gzip", "size"],
)
def test_what_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        lines(tmp_path / "f", content, most=10_000 if b"a\nb" in content else 1 << 24)
    with pytest.raises(MissingDataError):
        [*bounded_lines(tmp_path / "gone")]
