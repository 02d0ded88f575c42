"""The house: layers, no circles, rooms that do not know each other, modules of a readable size."""

from __future__ import annotations

import graphlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import grimp

import massive_kit
from massive_kit.systems.kind import kinds

PACKAGE = Path(massive_kit.__file__).parent
MOST_LINES = 500


@cache
def imports() -> Any:
    return grimp.build_graph("massive_kit", exclude_type_checking_imports=True)


def test_the_layers_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert done.returncode == 0, done.stdout


def test_no_module_imports_itself_through_others() -> None:
    graph = imports()
    sorter = graphlib.TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    )
    # Raises CycleError, which shows the circle.
    sorter.prepare()


def test_no_kind_of_system_knows_another() -> None:
    graph = imports()
    for kind in kinds():
        package = f"massive_kit.systems.{kind}"
        for module in {package, *graph.find_descendants(package)}:
            others = {
                imported.split(".")[2]
                for imported in graph.find_modules_directly_imported_by(module)
                if imported.startswith("massive_kit.systems.")
            }
            assert not others & (kinds().keys() - {kind}), module


def test_nothing_but_the_registry_names_a_kind() -> None:
    graph = imports()
    for kind in kinds():
        package = f"massive_kit.systems.{kind}"
        inside = {package, *graph.find_descendants(package)}
        for module in inside:
            outside = graph.find_modules_that_directly_import(module) - inside
            assert not outside, module


def test_no_module_is_too_long_to_read() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: count for name, count in lengths.items() if count > MOST_LINES} == {}
