"""Every command in the documents exists, with the options that it is shown with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from manual.links import anchors, is_outside, links
from massive_kit.cli.app import app
from massive_kit.cli.data_derive import transform_command
from massive_kit.data.derivation import transform_names
from massive_kit.data.intake.formats import formats
from massive_kit.data.intake.tag_schemes import OUTSIDE, SCHEMES

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "baselines/*.md",
        "leaderboard/*.md",
        "data_cards/**/*.md",
    )
    for path in ROOT.glob(pattern)
)
# A command in a block or in a line of text, up to where it ends.
_COMMAND = re.compile(r"(?:^(?:\$ |    )?|`)massive-kit ([^`\n]+)", re.MULTILINE)
_CONTINUED = re.compile(r"\\\n\s*")


def commands(path: Path) -> list[str]:
    text = _CONTINUED.sub(" ", path.read_text(encoding="utf-8"))
    return [match.partition("#")[0].strip() for match in _COMMAND.findall(text)]


COMMANDS: Any = get_command(app)
SHOWN = [(path, command) for path in DOCUMENTS for command in commands(path)]


@pytest.mark.parametrize(
    ("path", "command"), SHOWN, ids=[f"{path.name}-{i}" for i, (path, _) in enumerate(SHOWN)]
)
def test_a_command_exists_with_its_options(path: Path, command: str) -> None:
    words = shlex.split(command.replace("...", " "))
    current: Any = COMMANDS
    known = {name for parameter in current.params for name in parameter.opts}
    while words and hasattr(current, "get_command") and not words[0].startswith("-"):
        # Words in capitals stand for something of the reader's.
        if words[0].isupper():
            return
        current = current.get_command(None, words.pop(0))
        assert current is not None, f"{path.name}: massive-kit {command}"
    if current.name == "sample":
        current = transform_command("sample")
    known |= {name for parameter in current.params for name in parameter.opts} | {"--help", "-h"}
    options = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*.*", word)}
    assert options <= known, f"{path.name}: massive-kit {command}"


def test_there_are_commands_to_check() -> None:
    assert len(SHOWN) > 30


def test_every_link_leads_somewhere() -> None:
    known = {path: anchors(path.read_text(encoding="utf-8")) for path in DOCUMENTS}
    dead = []
    for path in DOCUMENTS:
        for link in links(path.read_text(encoding="utf-8")):
            file, _, anchor = link.target.partition("#")
            if is_outside(link.target):
                continue
            target = (path.parent / file).resolve() if file else path
            if not target.exists() or (anchor and anchor not in known.get(target, {anchor})):
                dead.append(f"{path.relative_to(ROOT)}:{link.line}: {link.target}")
    assert dead == []


def test_the_architecture_names_modules_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", text)
    tops = [path for path in (ROOT, ROOT / "massive_kit") if path.is_dir()]
    assert len(named) > 20
    missing = [name for name in named if not any((top / name).exists() for top in tops)]
    assert missing == []


def test_every_format_stands_in_the_table_of_formats() -> None:
    text = (ROOT / "docs" / "corpora.md").read_text(encoding="utf-8")
    table = text.partition("| `--from` |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) != []
    assert {*re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)} == {*formats()}


def test_every_transform_stands_in_the_table_of_transforms() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Transforms")[2].partition("\n## ")[0]
    named = {*re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)}
    derive: Any = COMMANDS
    for name in ("data", "derive"):
        derive = derive.get_command(None, name)
    # One that needs a run is a command of its own.
    assert named == {*derive.list_commands(None)}
    assert named >= {name.replace("_", "-") for name in transform_names()}


def test_every_tag_scheme_stands_in_the_table_of_schemes() -> None:
    text = (ROOT / "docs" / "corpora.md").read_text(encoding="utf-8")
    section = text.partition("## Tag schemes")[2].partition("\n## ")[0]
    assert [rules.name for rules in SCHEMES if rules.name not in section] == []
    assert [mark for mark in OUTSIDE if mark and f"`{mark}`" not in section] == []
