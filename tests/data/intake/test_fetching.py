"""Fetching, from a real server: cut connections, wrong checksums, full disks, hostile archives."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from massive_kit.data.intake import download as downloading
from massive_kit.data.intake.download import Checksums, download
from massive_kit.data.intake.fetching import ARCHIVES, fetch_archive
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError, UsageError

if TYPE_CHECKING:
    from tests.data.intake.conftest import Site

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LINE = b'{"id":"1","locale":"de-DE","partition":"test","utt":"hallo"}\n'


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "MASSIVE_KIT_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))


def get(site: Site, target: Path, **options: Any) -> downloading.Download:
    return download(f"{site.url}/x", target, pause=0.01, **options)


def archive(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def test_a_file(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    seen: list[tuple[int, int | None]] = []
    fetched = get(
        site, tmp_path / "a" / "x", progress=lambda have, total: seen.append((have, total))
    )
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.sha256 == DIGEST
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in fetched.path.parent.iterdir()] == ["x"]
    assert get(site, tmp_path / "a" / "x", sha256=DIGEST).sha256 == DIGEST
    assert len(site.requests) == 1


def test_a_cut_connection_goes_on_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    site.cuts = [300_000, 400_000]
    assert get(site, tmp_path / "x").path.read_bytes() == CONTENT
    asked = [request[2] for request in site.requests]
    assert asked == [None, "bytes=300000-", "bytes=700000-"]


def test_another_run_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    site.cuts = [100_000, *[0] * downloading.ATTEMPTS]
    with pytest.raises(MissingDataError, match=r"broke off 5 times; 100,000 bytes are kept"):
        get(site, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    site.cuts = []
    fetched = get(site, tmp_path / "x")
    assert fetched.resumed == 100_000
    assert fetched.path.read_bytes() == CONTENT
    assert site.requests[-1][2] == "bytes=100000-"


def test_a_file_that_changed_in_between_starts_afresh(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    site.cuts = [100_000, *[0] * downloading.ATTEMPTS]
    with pytest.raises(MissingDataError):
        get(site, tmp_path / "x")
    site.cuts, site.tag, site.files["/x"] = [], '"two"', CONTENT[::-1]
    assert get(site, tmp_path / "x").path.read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    site.ranges = False
    site.cuts = [100_000]
    assert get(site, tmp_path / "x").path.read_bytes() == CONTENT


def test_a_part_that_is_too_long_starts_afresh(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    (tmp_path / "x.part").write_bytes(CONTENT + b"more")
    validator = {"url": f"{site.url}/x", "validator": site.tag}
    (tmp_path / "x.part.json").write_text(json.dumps(validator))
    assert get(site, tmp_path / "x").path.read_bytes() == CONTENT


def test_a_wrong_checksum(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    with pytest.raises(DataError, match="is not the file it should be") as caught:
        get(site, tmp_path / "x", sha256="0" * 64)
    assert DIGEST in caught.value.problems[0].found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_one_sentence(site: Site, tmp_path: Path, status: int) -> None:
    site.status = [status]
    with pytest.raises(
        MissingDataError, match=f"is refused: the server answers {status}"
    ) as caught:
        get(site, tmp_path / "x")
    assert "\n" not in str(caught.value)
    assert len(site.requests) == 1


def test_a_server_that_recovers(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = CONTENT
    site.status = [503, 500]
    assert get(site, tmp_path / "x").path.read_bytes() == CONTENT


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(MissingDataError, match=rf"127\.0\.0\.1:{port} cannot be reached"):
        download(f"http://127.0.0.1:{port}/x", tmp_path / "x", pause=0.001)


def test_a_proxy(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files["/x"] = CONTENT
    # The server stands in for a proxy: it gets the whole address.
    fetched = download("http://example.invalid/x", tmp_path / "a", proxy=site.url)
    assert fetched.sha256 == DIGEST
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert download("http://example.invalid/x", tmp_path / "b").sha256 == DIGEST
    monkeypatch.setenv("no_proxy", "example.invalid")
    with pytest.raises(MissingDataError, match="cannot be reached"):
        download("http://example.invalid/x", tmp_path / "c", pause=0.001)


class _FullDisk(io.FileIO):
    """A file whose disk has room for so much."""

    room = 500_000

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_full_disk(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files["/x"] = CONTENT
    plain = Path.open

    def full(self: Path, mode: str = "r", *arguments: Any, **options: Any) -> IO[Any]:
        if self.name == "x.part" and mode in {"wb", "r+b"}:
            return _FullDisk(str(self), mode.replace("+b", "+"))
        return plain(self, mode, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(MissingDataError, match="the disk is full"):
            get(site, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    fetched = get(site, tmp_path / "x")
    assert fetched.resumed > 0
    assert fetched.path.read_bytes() == CONTENT


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets tests mount no file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(site: Site, small_disk: Path) -> None:
    site.files["/x"] = CONTENT
    with pytest.raises(MissingDataError, match="the disk is full"):
        get(site, small_disk / "x")
    assert not (small_disk / "x").exists()


def test_an_archive_becomes_a_store(site: Site, tmp_path: Path) -> None:
    site.files[f"/{ARCHIVES['heldout']}"] = archive(("mmnlu-eval/data/de-DE.jsonl", LINE))
    fetched = fetch_archive("heldout", mirror=site.url + "/")
    assert fetched.imported is not None
    store = Store.open(tmp_path / "home" / "data" / "heldout")
    assert store == fetched.imported.store
    assert store.version == "heldout"
    again = fetch_archive("heldout", mirror="http://127.0.0.1:9/", make_store=False)
    assert again.files == fetched.files
    assert len(site.requests) == 1


def test_what_was_fetched_first_is_held_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/{ARCHIVES['1.1']}"
    site.files[path] = archive(("a.jsonl", LINE))
    monkeypatch.setenv("MASSIVE_KIT_MIRROR", site.url)
    fetch_archive("1.1").files[0].unlink()
    site.files[path] = archive(("a.jsonl", LINE), ("b.jsonl", LINE.replace(b'"1"', b'"2"')))
    with pytest.raises(DataError, match="is not the file it should be"):
        fetch_archive("1.1")
    fetched = fetch_archive("1.1", accept_new=True)
    assert fetched.imported is not None
    assert fetched.imported.store.parts["de-DE"]["test"].rows == 2
    fetch_archive("1.1")


def test_a_hostile_archive_is_refused_and_not_remembered(site: Site, tmp_path: Path) -> None:
    path = f"/{ARCHIVES['1.0']}"
    site.files[path] = archive(("1.0/data/de-DE.jsonl", LINE), ("../../escaped.jsonl", LINE))
    with pytest.raises(DataError, match="points out of its folder"):
        fetch_archive("1.0", mirror=site.url)
    assert not list(tmp_path.rglob("*escaped*"))
    assert not list((tmp_path / "home" / "downloads").iterdir())
    site.files[path] = archive(("1.0/data/de-DE.jsonl", LINE))
    fetch_archive("1.0", mirror=site.url)


def test_no_such_version() -> None:
    with pytest.raises(UsageError, match="no version"):
        fetch_archive("2.0")


def test_checksums_survive(tmp_path: Path) -> None:
    Checksums(tmp_path / "c.json").record({"a": "1"})
    known = Checksums(tmp_path / "c.json")
    known.record({"b": "2"})
    again = Checksums(tmp_path / "c.json")
    assert (again.get("a"), again.get("b"), again.get("c")) == ("1", "2", None)


HUB = Path(__file__).with_name("hub_server.py")


@pytest.mark.slow
def test_the_hub_through_its_client(tmp_path: Path) -> None:
    # In a process of its own, as the client reads its settings when it is imported.
    fetched = subprocess.run(
        [sys.executable, str(HUB), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert fetched.returncode == 0, fetched.stderr
    assert json.loads(fetched.stdout.splitlines()[-1]) == {
        "first": ["de-DE", "km-KH"],
        "intent": "alarm_set",
        "changed": "files on the hub have changed since they were fetched first",
        "accepted": ["de-DE", "km-KH"],
        "missing": True,
    }
