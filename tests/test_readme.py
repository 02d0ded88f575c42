"""The README's commands work as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"
_BLOCK = re.compile(r"<!-- run -->\n```(console|python)\n(.*?)```", re.DOTALL)


def _blocks() -> list[tuple[str, str]]:
    """Language and text of each block that runs, in order."""
    return _BLOCK.findall(README.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_every_console_block_runs_and_prints_what_it_says(tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": "100"}
    commands = 0
    for language, text in _blocks():
        if language == "python":
            done = subprocess.run(
                [sys.executable, "-c", text],
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env=environment,
                check=False,
            )
            assert done.returncode == 0, f"{text}\n{done.stderr}"
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            program, *arguments = shlex.split(line)
            assert program == "massive-kit"
            done = subprocess.run(
                [sys.executable, "-m", "massive_kit", *arguments],
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env=environment,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            printed = [printed_line.rstrip() for printed_line in done.stdout.splitlines()]
            for shown in expected.splitlines():
                assert shown.rstrip() in printed, line
            commands += 1
    assert commands >= 8


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text(encoding="utf-8"))
    missing = [link for link in links if not (README.parent / link).exists()]
    assert missing == []
