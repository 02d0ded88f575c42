"""`ls tasks` in a folder with tasks of its own."""

from __future__ import annotations

import json
from pathlib import Path

from massive_kit.content import installed_root
from tests.command_line import as_text, in_this_process


def test_a_broken_task_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    folder.mkdir()
    shipped = (installed_root() / "tasks" / "demo-full.yaml").read_text(encoding="utf-8")
    changed = shipped.replace("title: ", "title: Changed, ", 1)
    (folder / "demo-full.yaml").write_text(changed, encoding="utf-8")
    (folder / "broken.yaml").write_text("name: [", encoding="utf-8")
    (folder / "wrong.yaml").write_text("name: wrong\nsetting: full\n", encoding="utf-8")
    done = as_text(in_this_process("ls", "tasks", "--format", "json", folder=tmp_path))
    assert done.returncode == 0, done.stderr
    titles = {row["task"]: row["title"] for row in json.loads(done.stdout)}
    assert titles["demo-full"].startswith("Changed, ")
    assert "massive-full" in titles
    assert not titles.keys() & {"broken", "wrong"}
    assert "broken.yaml:1: " in done.stderr
    assert "wrong.yaml: the key 'title' is missing" in done.stderr
