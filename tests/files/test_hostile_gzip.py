"""Gzip from strangers unpacks to what it holds, in bounded chunks, or fails by name."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from massive_kit.files.hostile_gzip import GzipError, ManyPartsError, gathered, unpacked
from massive_kit.files.hostile_zip import CHUNK

TEXT = b"weck mich auf\n" * 200_000


def in_chunks(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[start : start + size] for start in range(0, len(raw), size))


@pytest.mark.parametrize("size", [1 << 10, 1 << 16, 1 << 22])
def test_parts_are_unpacked_one_after_another(size: int) -> None:
    raw = gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"end") + b"\0" * 512
    chunks = list(unpacked(in_chunks(raw, size), most_parts=3))
    assert b"".join(chunks) == TEXT + b"end"
    assert max(map(len, chunks)) <= CHUNK


def test_a_bomb_is_met_chunk_by_chunk() -> None:
    raw = gzip.compress(bytes(100 * CHUNK))
    first = next(unpacked(in_chunks(raw, len(raw)), most_parts=1))
    assert len(first) <= CHUNK


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (gzip.compress(TEXT)[:-20], "ends in the middle"),
        (gzip.compress(TEXT)[:-8] + bytes(8), "is damaged"),
        (gzip.compress(TEXT) + b"more", "something else follows"),
    ],
    ids=["cut", "zeros at the end", "more behind"],
)
def test_damage_is_named(raw: bytes, message: str) -> None:
    with pytest.raises(GzipError, match=message):
        list(unpacked(in_chunks(raw, 1 << 16), most_parts=1))


def test_empty_parts_without_end_are_refused() -> None:
    with pytest.raises(ManyPartsError, match="more than 10 parts"):
        list(unpacked(in_chunks(gzip.compress(b"") * 11, 1 << 16), most_parts=10))


def test_gathering_keeps_what_came_before_a_failure() -> None:
    def failing() -> Iterator[bytes]:
        yield b"a"
        yield b"b"
        raise GzipError("damaged")

    chunks = gathered(failing())
    assert next(chunks) == b"ab"
    with pytest.raises(GzipError):
        next(chunks)
