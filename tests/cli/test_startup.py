"""Light commands start light."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "evaluate",
    "seqeval",
    "ray",
    "sklearn",
    "scipy",
    "openai",
)
# What even a printed help page must not wait for.
SLOW_TO_LOAD = (*HEAVY, "numpy", "pandas", "pyarrow", "pydantic", "jinja2", "yaml")


def test_help_loads_no_library_it_does_not_need() -> None:
    code = (
        "import sys\n"
        "import massive_kit.cli.app\n"
        f"print([name for name in {SLOW_TO_LOAD} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_is_there_in_a_moment() -> None:
    # Processor time, so that a busy machine does not fail the test.
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "massive_kit", "--help"]
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.4


@pytest.mark.parametrize(
    "arguments", [["--help"], ["ls", "tasks"], ["ls", "groups", "--format", "json"], ["--version"]]
)
def test_light_commands_work(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "massive_kit", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_wrong_command_line_is_2() -> None:
    command = [sys.executable, "-m", "massive_kit", "ls", "nothing"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_missing_data_name_the_command_that_gets_them() -> None:
    command = [sys.executable, "-m", "massive_kit", "--root", "/nowhere", "ls", "tasks"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--root must hold tasks/, " in done.stderr
    assert "Traceback" not in done.stderr
