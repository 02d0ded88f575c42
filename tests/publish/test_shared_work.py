"""Two processes that write the pages of one site."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from massive_kit.publish import shared_work
from massive_kit.publish.page import Page
from massive_kit.publish.rendering import Renderer
from massive_kit.publish.shared_work import share_out
from massive_kit.publish.site import build, load_model
from massive_kit.publish.site_writer import SiteWriter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks nowhere else")


def contents(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def writer(lone_root: Path, tmp_path: Path) -> SiteWriter:
    return SiteWriter(tmp_path, Renderer(load_model(lone_root), lone_root))


def test_two_processes_write_the_same_site(
    board_root: Path, offline_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_work, "_WORTH_IT", 0)
    monkeypatch.setattr(shared_work, "can_fork", lambda: True)
    built = build(board_root, tmp_path / "site")
    written = contents(tmp_path / "site")
    assert written == contents(offline_site)
    assert (built.files, built.bytes) == (len(written), sum(map(len, written.values())))


def test_a_small_site_is_written_by_one_process(
    lone_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_work, "can_fork", lambda: True)
    monkeypatch.setattr(shared_work, "share_out", None)
    build(lone_root, tmp_path / "site")


def test_what_the_other_process_fails_to_do_is_done_here(writer: SiteWriter) -> None:
    here, done = os.getpid(), []

    def make(number: int) -> Iterable[Page]:
        if os.getpid() != here:
            raise ValueError(number)
        done.append(number)
        return []

    share_out([partial(make, number) for number in range(50)], writer)
    assert sorted(done) == list(range(50))


def test_a_killed_process_is_missed_by_nobody(writer: SiteWriter) -> None:
    here, done = os.getpid(), []

    def make(number: int) -> Iterable[Page]:
        if os.getpid() != here:
            os._exit(9)
        done.append(number)
        return []

    share_out([partial(make, number) for number in range(50)], writer)
    assert sorted(done) == list(range(50))


def test_an_error_is_raised_as_it_is(writer: SiteWriter) -> None:
    def make() -> Iterable[Page]:
        raise ValueError("no such page")

    with pytest.raises(ValueError, match="no such page"):
        share_out([make] * 9, writer)
