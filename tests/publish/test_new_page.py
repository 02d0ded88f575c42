"""A page is two files: a module that is found by being there, and its template."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from massive_kit.publish import pages
from massive_kit.publish.site import build
from tests.publish.boards import shipped

MODULE = '''
"""How many systems there are."""

from massive_kit.publish.page import NavEntry, Page

NAV = NavEntry(8, "count", "Count", "count.html")


def pages(model):
    context = {"count": len(model.versions)}
    yield Page("count.html", "count.html", "How many", "count", context=context)
'''
TEMPLATE = """{% extends "base.html" %}
{% block main %}
<h1>{{ page.title }}</h1>
<p>{{ counted(count, "system") }}</p>
{% endblock %}
"""


@pytest.fixture
def page_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules belong to the package of pages."""
    folder = tmp_path / "pages"
    folder.mkdir()
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(folder)])
    pages.page_modules.cache_clear()
    yield folder
    pages.page_modules.cache_clear()
    sys.modules.pop("massive_kit.publish.pages.count", None)


def test_a_page_is_added_by_two_files(page_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "leaderboard"
    shutil.copytree(shipped() / "results", root / "results")
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    (page_folder / "count.py").write_text(MODULE)
    (root / "templates").mkdir()
    (root / "templates" / "count.html").write_text(TEMPLATE)

    build(root, tmp_path / "site")

    assert "<p>6 systems</p>" in (tmp_path / "site" / "count.html").read_text()
    assert '<a href="count.html">Count</a>' in (tmp_path / "site" / "index.html").read_text()
