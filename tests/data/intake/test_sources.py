"""Archives from anywhere: nothing leaves the folder, nothing grows without bound."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from massive_kit.data.intake import archives, unpacking
from massive_kit.data.intake.importing import import_data
from massive_kit.errors import DataError

LINE = b'{"id":"1","locale":"de-DE","partition":"test","utt":"hallo"}\n'


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def member(name: str, **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(info, key, value)
    return info


def test_the_official_layout(tmp_path: Path) -> None:
    folder = member("1.1/data", type=tarfile.DIRTYPE)
    path = archive(
        tmp_path / "x.tar.gz",
        (folder, b""),
        (member("1.1/LICENSE"), b"text"),
        (member("1.1/data/._de-DE.jsonl"), b"\x00"),
        (member("1.1/data/de-DE.jsonl"), LINE),
    )
    assert import_data(path, tmp_path / "store", name="x").parts["de-DE"]["test"].rows == 1


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (member("../de-DE.jsonl"), "points out of its folder"),
        (member("/etc/de-DE.jsonl"), "points out of its folder"),
        (member("a/..\\..\\de-DE.jsonl"), "points out of its folder"),
        (member("C:/de-DE.jsonl"), "points out of its folder"),
        (member("de-DE.jsonl", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
        (member("de-DE.jsonl", type=tarfile.LNKTYPE, linkname="../x"), "is a link"),
        (member("de-DE.jsonl", type=tarfile.FIFOTYPE), "is neither a file nor a folder"),
    ],
)
def test_a_hostile_member_is_refused(tmp_path: Path, info: tarfile.TarInfo, reason: str) -> None:
    path = archive(tmp_path / "x.tar.gz", (member("en-US.jsonl"), LINE), (info, b""))
    with pytest.raises(DataError, match=reason):
        import_data(path, tmp_path / "out" / "store", name="x")
    assert sorted(left.name for left in tmp_path.iterdir()) == ["out", "x.tar.gz"]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["bomb.jsonl", "bomb.bin"])
def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    path = archive(tmp_path / "x.tar.gz", (member(name), bytes(8 << 20)))
    with pytest.raises(DataError, match="unpacks to more than"):
        import_data(path, tmp_path / "store", name="x")
    single = tmp_path / "x.jsonl.gz"
    single.write_bytes(gzip.compress(b'{"utt": "' + bytes([97]) * (8 << 20)))
    with pytest.raises(DataError, match="unpacks to more than"):
        import_data(single, tmp_path / "store", name="x")


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    path = archive(tmp_path / "x.tar.gz", *((member(f"{i}.txt"), b"") for i in range(5)))
    with pytest.raises(DataError, match="more than 3 members"):
        import_data(path, tmp_path / "store", name="x")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_cut_off_archive(tmp_path: Path, share: float) -> None:
    lines = b"".join(LINE.replace(b'"1"', b'"%d"' % i) for i in range(20_000))
    path = archive(tmp_path / "x.tar.gz", (member("a.jsonl"), lines))
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(DataError, match="cut off or broken"):
        import_data(path, tmp_path / "store", name="x")


def test_no_archive_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="cut off or broken"):
        import_data(path, tmp_path / "store", name="x")


def test_a_broken_gz_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(LINE * 1000)[:-20])
    with pytest.raises(DataError, match="cannot be read"):
        import_data(path, tmp_path / "store", name="x")
