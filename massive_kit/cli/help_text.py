"""What `--help` says of commands: their docstrings, each paragraph as wide as the terminal."""

from __future__ import annotations

import inspect

import typer


def join_lines(app: typer.Typer) -> None:
    """Gives the commands of an application, and of its groups, help without single line ends.

    Typer shows those of all paragraphs but the first where a docstring has them.
    """
    for command in app.registered_commands:
        text = command.help or (command.callback and command.callback.__doc__)
        if text:
            paragraphs = inspect.cleandoc(text).split("\n\n")
            command.help = "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            join_lines(group.typer_instance)
