"""Zip archives from anywhere, and compression of any kind: nothing grows without bound."""

from __future__ import annotations

import bz2
import io
import lzma
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from massive_kit.data.intake import archives, unpacking
from massive_kit.data.intake.importing import import_data
from massive_kit.errors import DataError

LINE = b'{"id":"1","locale":"de-DE","partition":"test","utt":"hallo"}\n'


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("de-DE.jsonl")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("../de-DE.jsonl", "points out of its folder"),
        ("/etc/de-DE.jsonl", "points out of its folder"),
        ("a\\..\\..\\de-DE.jsonl", "points out of its folder"),
        ("C:/de-DE.jsonl", "points out of its folder"),
        ("a\u202ede-DE.jsonl", "a name that misleads"),
        (link(), "is a link"),
    ],
)
def test_a_hostile_member_is_refused(
    tmp_path: Path, member: str | zipfile.ZipInfo, reason: str
) -> None:
    path = zipped(tmp_path / "x.zip", ("en-US.jsonl", LINE), (member, LINE))
    with pytest.raises(DataError, match=reason):
        import_data(path, tmp_path / "out" / "store", name="x")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", ("de-DE.jsonl", LINE))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="is encrypted"):
        import_data(path, tmp_path / "store", name="x")


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    # Each member is within the limit, all of them are not.
    members = [(f"{number}.jsonl", bytes([32]) * (1 << 19)) for number in range(4)]
    with pytest.raises(DataError, match="unpacks to more than"):
        import_data(zipped(tmp_path / "x.zip", *members), tmp_path / "store", name="x")


def test_a_zip_of_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    path = zipped(tmp_path / "x.zip", *((f"{i}.txt", b"") for i in range(5)))
    with pytest.raises(DataError, match="more than 3 members"):
        import_data(path, tmp_path / "store", name="x")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_cut_off_zip(tmp_path: Path, share: float) -> None:
    path = zipped(tmp_path / "x.zip", ("a.jsonl", LINE * 100), ("b.jsonl", LINE))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="cut off or broken"):
        import_data(path, tmp_path / "store", name="x")


@pytest.mark.parametrize(("compress", "end"), [(bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_other_compressions(tmp_path: Path, compress: object, end: str) -> None:
    assert callable(compress)
    # Several streams one after another, as the tools append them, and padding.
    first, second = LINE, LINE.replace(b'"1"', b'"2"')
    content = compress(first) + compress(second) + bytes(4)
    path = tmp_path / f"x.jsonl.{end}"
    path.write_bytes(content)
    assert import_data(path, tmp_path / "store", name="x").total_rows == 2
    path.write_bytes(content[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        import_data(path, tmp_path / "store", name="x")


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_bombs_of_other_compressions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: object
) -> None:
    assert callable(compress)
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    (tmp_path / "x.jsonl").write_bytes(compress(b'{"utt": "' + b"a" * (2 << 20)))
    with pytest.raises(DataError, match="unpacks to more than"):
        import_data(tmp_path / "x.jsonl", tmp_path / "store", name="x")


def test_a_sparse_member_is_refused(tmp_path: Path) -> None:
    # What its holes unpack to is not in the archive.
    info = tarfile.TarInfo("de-DE.jsonl")
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "de-DE.jsonl",
        "GNU.sparse.realsize": str(1 << 50),
    }
    data = b"0\n".ljust(512, b"\0")
    info.size = len(data)
    with tarfile.open(tmp_path / "x.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(data))
    with pytest.raises(DataError, match="is a sparse file"):
        import_data(tmp_path / "x.tar", tmp_path / "store", name="x")
