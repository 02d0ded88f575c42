"""Paragraphs of `--help` are as wide as the terminal, whatever lines a docstring has."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.cli.help_text import join_lines


def test_lines_of_a_paragraph_are_joined() -> None:
    inner, outer = typer.Typer(), typer.Typer()

    def command() -> None:
        """Do it.

        One line
        and another.

        A paragraph of its own.
        """

    inner.command("do")(command)
    inner.command("other", help="Told\notherwise.")(command)
    outer.add_typer(inner, name="inner")
    join_lines(outer)
    helps = [info.help for info in inner.registered_commands]
    assert helps == [
        "Do it.\n\nOne line and another.\n\nA paragraph of its own.",
        "Told otherwise.",
    ]


def test_help_has_no_short_lines() -> None:
    shown = CliRunner().invoke(app, ["gloss", "--help"], env={"COLUMNS": "200"}).stdout
    lines = [line for line in shown.splitlines() if line.strip().startswith("What it says")]
    assert len(lines) == 1
    assert len(lines[0].strip()) > 150
