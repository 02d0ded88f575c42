"""Light commands start light."""

from __future__ import annotations

import os
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


def processor_time(*arguments: str) -> float:
    """The seconds that Python takes of a processor, its modules compiled as they are installed."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, capture_output=True, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_is_there_in_a_moment() -> None:
    # On a busy machine processor time is longer too. There the libraries that help stands on,
    # 0.1 s on a quiet one, are the measure.
    libraries = "import typer.core, rich.console, rich.panel, rich.table, rich.markdown"
    times, loading = [], []
    for _ in range(6):
        loading.append(processor_time("-c", libraries))
        times.append(processor_time("-m", "massive_kit", "--help"))
    assert min(times) < max(0.4, 2.5 * min(loading))


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
