"""Runs what a page shows: commands print what stands below them, and files are written as shown.

A block that follows `<!-- run -->` runs: in `console` the lines after `$`, whose output must hold
every line that stands below (a line of dots stands for any number of others), `python` as a script.
After `<!-- run: numbers may differ -->` a shown line may have other numbers and columns as wide as
these. A block that follows `<!-- file: NAME -->` is written to that file.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.command_line import massive_kit

_BLOCK = re.compile(
    r"^<!-- (run|file)(?:: (.+?))? -->\n+```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE
)
_OMITTED = {"...", "…"}
_NUMBER = re.compile(r"[-+]?\d[\d,.]*(?:e[-+]\d+)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page that is run or written.

    Attributes:
        file: The file that it is written to; `None` where it is run.
        language: `console`, `python`, or what a file is in.
        text: What stands in it.
        exact: Whether what is printed must have the very numbers.
    """

    file: str | None
    language: str
    text: str
    exact: bool


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    for kind, said, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        file = said if kind == "file" else None
        assert kind == "file" or said in {"", "numbers may differ"}, said
        yield Block(file, language, text, exact=not said)


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """The command lines of a console block, each with the lines that it is to print."""
    shown = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, *expected = part.replace("\\\n", " ").splitlines()
        shown.append((line, [text for text in expected if text.strip() not in _OMITTED]))
    return shown


def run_page(page: Path, folder: Path) -> int:
    """Runs the blocks of a page in a folder, and gives the number of commands that ran."""
    count = 0
    for block in blocks(page):
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            _run(sys.executable, "-c", block.text, folder=folder)
        else:
            for line, expected in commands(block):
                printed = _run(*_words(line), folder=folder)
                for missing in _missing(expected, printed, exact=block.exact):
                    raise AssertionError(f"{line}\nprints no line\n{missing}\nbut\n{printed}")
                count += 1
    return count


def _words(line: str) -> list[str]:
    words = shlex.split(line)
    return words if words[0] == "massive-kit" else ["sh", "-ec", line]


def _run(program: str, *arguments: str, folder: Path) -> str:
    environment = {**os.environ, "COLUMNS": "100"}
    if program == "massive-kit":
        done = massive_kit(*arguments, folder=folder, environment=environment)
    else:
        command = [program, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env=environment, check=False
        )
    assert done.returncode == 0, f"{shlex.join(done.args)}\n{done.stdout}{done.stderr}"
    return done.stdout


def _missing(expected: Sequence[str], printed: str, *, exact: bool) -> Iterator[str]:
    def shape(line: str) -> str:
        return line.rstrip() if exact else " ".join(_NUMBER.sub("0", line).split())

    lines = {shape(line) for line in printed.splitlines()}
    yield from (line for line in expected if shape(line) not in lines)
