"""docs/corpora.md: what it shows from a foreign file to a board works as it stands there."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "corpora.md"
SAMPLE = Path(__file__).resolve().parent / "data" / "intake" / "samples" / "atis"


# The recipe that the page shows takes longer than what it is to show.
@pytest.mark.parametrize("recipe", ["majority", pytest.param("tiny", marks=pytest.mark.slow)])
def test_from_a_foreign_file_to_a_board(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    shutil.copytree(SAMPLE, "atis")
    # What is scored is not what selects checkpoints.
    shutil.copytree("atis/valid", "atis/test")
    for path in Path("atis/test").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(reversed(lines)), encoding="utf-8")
    blocks = PAGE.read_text(encoding="utf-8").split("```\n")
    lines, printed = blocks[1].splitlines(), blocks[3]
    assert len(lines) <= 12
    told = ""
    for line in lines:
        if not line.startswith("massive-kit "):
            subprocess.run(["sh", "-c", line], check=True)
            continue
        arguments = shlex.split(line.replace("train tiny", f"train {recipe}"))[1:]
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        told += result.output
    assert printed in told
    assert "Our board" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
