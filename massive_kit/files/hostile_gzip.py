"""Gzip made to confuse or to exhaust: unpacked one bounded chunk at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from massive_kit.files.hostile_zip import CHUNK

MAGIC = b"\x1f\x8b"
# Small, because zlib copies what it leaves over.
_SLICE = 1 << 16


class GzipError(Exception):
    """The gzip is damaged; the message says how."""


class ManyPartsError(GzipError):
    """The gzip has more parts than it may have."""


def unpacked(chunks: Iterator[bytes], most_parts: int) -> Iterator[bytes]:
    """What a gzip holds, by zlib itself: faster than the `gzip` module, and in chunks.

    A chunk has at most 1 MiB; who takes them counts them. Since a stream of empty parts unpacks to
    nothing for ever, parts and packed bytes must be counted, too.

    Args:
        chunks: The packed bytes, in chunks of any size.
        most_parts: A gzip may be several, one after another; of more than this it is an attack.

    Raises:
        GzipError: It is damaged, or something else follows it.
        ManyPartsError: It has too many parts.
    """
    slices = (
        chunk[start : start + _SLICE] for chunk in chunks for start in range(0, len(chunk), _SLICE)
    )
    packed, parts = next(slices, b""), 0
    while packed:
        if not packed.startswith(MAGIC[:1]):
            if packed.strip(b"\0"):
                raise GzipError("something else follows the gzip")
            packed = next(slices, b"")
            continue
        parts += 1
        if parts > most_parts:
            raise ManyPartsError(f"a gzip of more than {most_parts:,} parts")
        unpack = zlib.decompressobj(wbits=31)
        while not unpack.eof:
            try:
                chunk = unpack.decompress(packed, CHUNK)
            except zlib.error as error:
                raise GzipError(f"the gzip is damaged: {error}") from None
            if chunk:
                yield chunk
            packed = unpack.unconsumed_tail
            if not packed and not unpack.eof:
                packed = next(slices, b"")
                if not packed and not chunk:
                    raise GzipError("the gzip ends in the middle")
        packed = unpack.unused_data or next(slices, b"")


def gathered(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks that are not tiny, so that a gzip of one byte per part costs no more than another.

    Raises:
        Exception: Whatever `chunks` raises, after what came before it.
    """
    held: list[bytes] = []
    size = 0
    failure: Exception | None = None
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= _SLICE:
                yield b"".join(held)
                held, size = [], 0
    except Exception as error:  # noqa: BLE001 - raised again below
        failure = error
    if held:
        yield b"".join(held)
    if failure is not None:
        raise failure
