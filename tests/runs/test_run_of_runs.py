"""A run that is made of others is there as a whole or not at all, also where it is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system

# The model stands in its folder when its card is written, and nothing else of the run does.
KILLED = """
import os, signal, sys
from massive_kit.cli.app import app
from massive_kit.runs import run_of_runs
run_of_runs.write_card = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
app(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("name", ["average", "configure"])
def test_killed_half_way_it_leaves_no_run_and_is_made_by_the_same_command(
    name: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    first = runs["encoder"]
    out = tmp_path / "out" / "run"
    command = [name, str(first), "--out", str(out)]
    if name == "average":
        command.insert(2, str(shutil.copytree(first, tmp_path / "other")))
    else:
        command += ["-o", "inference.neighbours.weight=0.3"]
        command += ["-o", f"inference.neighbours.base={first}"]
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    stopped = subprocess.run(
        [sys.executable, "-c", KILLED, *command], check=False, capture_output=True
    )
    assert stopped.returncode == -signal.SIGKILL, stopped.stderr.decode()
    assert not out.exists()
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert RunFolder(out).finished
    load_system(out)
    assert {path: path.read_bytes() for path in first.rglob("*") if path.is_file()} == before
