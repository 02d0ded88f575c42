"""A tar is read member by member, and any other bytes are damage with a name."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest

from massive_kit.files.hostile_tar import TarError, is_tar, tar_members

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def tar(members: dict[str, bytes | tarfile.TarInfo], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def chunked(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[start : start + size] for start in range(0, len(raw), size))


def read(raw: bytes, size: int = 1 << 20) -> dict[str, bytes]:
    return {m.name: b"".join(m.content) for m in tar_members(chunked(raw, size))}


def info(name: str, kind: bytes, **values: object) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    for key, value in values.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [1, 511, 1 << 20])
def test_members_come_as_they_were_packed(form: str, size: int) -> None:
    files = {"a.jsonl": b"x" * 1000, "empty": b"", "ordner/b.jsonl": b"y" * 512}
    if form != "ustar":
        files |= {f"{'long/' * 40}c.jsonl": b"z", "größe.jsonl": b"z"}
    raw = tar({**files}, FORMATS[form])
    assert is_tar(raw)
    assert read(raw, size) == files


def test_what_is_not_taken_is_passed_over() -> None:
    members = tar_members(chunked(tar({"a": b"x" * 2000, "b": b"y" * 10}), 100))
    assert [member.name for member in members] == ["a", "b"]


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        (info("d", tarfile.DIRTYPE), "folder"),
        (info("l", tarfile.SYMTYPE, linkname="/etc/passwd"), "link"),
        (info("l", tarfile.LNKTYPE, linkname="a"), "link"),
        (info("p", tarfile.FIFOTYPE), "other"),
        (info("c", tarfile.CHRTYPE), "other"),
        (info("s", tarfile.GNUTYPE_SPARSE), "other"),
        (info("s", tarfile.REGTYPE, pax_headers={"GNU.sparse.major": "1"}), "other"),
    ],
)
def test_what_is_no_plain_file_is_named(member: tarfile.TarInfo, kind: str) -> None:
    assert [found.kind for found in tar_members(iter([tar({"x": member})]))] == [kind]


GOOD = tar({"a": b"x" * 600})
LONG = tar({"a": info("a", tarfile.REGTYPE, pax_headers={"comment": "x" * 100_000})})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "it ends in the middle"),
        (GOOD[:700], "it ends in the middle"),
        (GOOD[:1024], "it ends in the middle"),
        (b"b" + GOOD[1:], "a header is damaged"),
        (GOOD[:124] + b"99999999999\0" + GOOD[136:], "a header is damaged"),
        (LONG, "a header of 100,016 bytes"),
    ],
)
def test_damage_is_named(raw: bytes, message: str) -> None:
    with pytest.raises(TarError, match=message):
        read(raw)


@pytest.mark.parametrize("record", [b"x", b"9 a=b\n", b"0 a=b\n", b"6 a=b", b"99999999 a=b\n"])
def test_a_damaged_extended_header(record: bytes) -> None:
    raw = bytearray(tar({"a": info("a", tarfile.REGTYPE, pax_headers={"comment": "x"})}))
    raw[512:1024] = record.ljust(512, b"\0")
    with pytest.raises(TarError, match="an extended header is damaged"):
        read(bytes(raw))
