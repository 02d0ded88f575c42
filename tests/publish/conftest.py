"""A board and its site, built once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.store import Store
from massive_kit.publish.site import build
from tests.chromium import DESK, Opener, Watched
from tests.publish.boards import full_board

BASE_URL = "https://board.example.org/massive/"


@pytest.fixture(scope="session")
def board_root(tmp_path_factory: pytest.TempPathFactory, demo_store: Store) -> Path:
    """A leaderboard folder with published, scored, old, bare and hostile systems."""
    return full_board(tmp_path_factory.mktemp("board") / "leaderboard", demo_store)


@pytest.fixture(scope="session")
def offline_site(board_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without a base URL, as one opens it from the disk."""
    out = tmp_path_factory.mktemp("offline") / "site"
    build(board_root, out)
    return out


@pytest.fixture(scope="session")
def site(board_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site."""
    out = tmp_path_factory.mktemp("built") / "site"
    build(board_root, out, BASE_URL)
    return out


@pytest.fixture(scope="session")
def lone_root(board_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board whose demo section holds one system with statistics, and one section a paper's."""
    root = tmp_path_factory.mktemp("lone") / "leaderboard"
    for name in ("good/1.0", "xlm-r-base-full/acl2023"):
        shutil.copytree(board_root / "results" / name, root / "results" / name)
    (root / "board.yaml").write_text("title: One system\n")
    return root


@pytest.fixture(scope="session")
def lone_site(lone_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site."""
    out = tmp_path_factory.mktemp("lone") / "site"
    build(lone_root, out)
    return out


@pytest.fixture
def opened(browser: Any, offline_site: Path) -> Iterator[Opener]:
    """Makes pages with the options of a browser context; nothing may go wrong on any."""
    made: list[Watched] = []

    def make(**options: Any) -> Watched:
        context = browser.new_context(**{"viewport": DESK, **options})
        watched = Watched(context.new_page(), offline_site)
        made.append(watched)
        return watched

    yield make
    for watched in made:
        watched.page.context.close()
    assert [wrong for watched in made for wrong in watched.wrong] == []
