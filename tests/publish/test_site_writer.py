"""No file of a site takes the place of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.errors import SubmissionError
from massive_kit.publish.rendering import Renderer
from massive_kit.publish.site import load_model
from massive_kit.publish.site_writer import SiteWriter, Written


def test_a_second_file_of_the_same_name_is_refused(lone_root: Path, tmp_path: Path) -> None:
    writer = SiteWriter(tmp_path, Renderer(load_model(lone_root), lone_root))
    writer.write("groups/a.html", "first")
    with pytest.raises(SubmissionError, match=r"groups/a\.html: two files of the site"):
        writer.write("groups/a.html", "second")
    assert (tmp_path / "groups" / "a.html").read_text() == "first"


def test_two_processes_that_wrote_the_same_file_are_told() -> None:
    here, there = Written(sizes={"a": 1, "b": 1}), Written(sizes={"b": 2})
    with pytest.raises(SubmissionError, match="b: two files of the site have this name"):
        here.add(there)
