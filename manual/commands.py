"""The reference of the command line: a page for each command, from what `--help` shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from typer.main import get_command

from manual.links import between
from manual.pages import Page
from manual.tables import cell, table, toctree
from massive_kit.cli.app import app

FOLDER = "reference/commands"
_PROGRAM = "massive-kit"
# What `--help` puts after an option's text.
_EXTRAS = re.compile(r"^(.*?)(?:  \[(.*)\])?$", re.DOTALL)
_DEFAULT = re.compile(r"default: (.*)")
_LISTED = re.compile(r"(?:^(?:\$ |    )?|`)massive-kit ([a-z][a-z -]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of commands.

    Attributes:
        words: What is typed after the program's name.
        parser: What Typer made of it.
        subcommands: Those of a group, without the hidden ones.
    """

    words: tuple[str, ...]
    parser: Any
    subcommands: tuple[Command, ...]

    @property
    def page(self) -> str:
        """Its page."""
        return f"{FOLDER}/{'-'.join(self.words) or 'index'}.md"

    @property
    def line(self) -> str:
        """What is typed."""
        return " ".join((_PROGRAM, *self.words))

    def all(self) -> Iterator[Command]:
        """The command itself, and all below it."""
        yield self
        for subcommand in self.subcommands:
            yield from subcommand.all()


def command_tree() -> Command:
    """All commands."""
    return _command((), get_command(app))


def _command(words: tuple[str, ...], parser: Any) -> Command:
    if not hasattr(parser, "list_commands"):
        return Command(words, parser, ())
    below = {name: parser.get_command(None, name) for name in parser.list_commands(None)}
    shown = [_command((*words, name), sub) for name, sub in below.items() if not sub.hidden]
    return Command(words, parser, tuple(shown))


def command_pages(pages: Sequence[Page]) -> list[Page]:
    """The pages of all commands.

    Args:
        pages: The other pages of the manual; a command's page lists those that show it.
    """
    tree = command_tree()
    shown_on = _shown_on(tree, pages)
    return [Page(command.page, _page(command, shown_on)) for command in tree.all()]


def _page(command: Command, shown_on: Mapping[str, list[Page]]) -> str:
    title = "Commands" if not command.words else f"`{command.line}`"
    # A group may have a command that runs without being named, such as `forecast SCORES`.
    parser = command.parser
    default = parser.get_command(None, "") if command.subcommands and command.words else None
    parts = [f"# {title}", _text(default or parser), _usage(command, default or parser)]
    parts += _parameters(command, default or parser)
    if command.subcommands:
        parts.append("## Commands" if command.words else "")
        rows = [
            (
                f"[`{below.line}`]({between(command.page, below.page)})",
                cell(_text(below.parser).partition("\n")[0]),
            )
            for below in command.subcommands
        ]
        parts += [table(("command", "what it does"), rows)]
        parts.append(toctree(between(command.page, below.page) for below in command.subcommands))
    if shown := shown_on.get(command.page):
        parts.append("## Shown in")
        links = [f"- [{_title(page)}]({between(command.page, page.path)})" for page in shown]
        parts.append("\n".join(links))
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(parser: Any) -> str:
    return (parser.help or "").strip()


def _usage(command: Command, parser: Any) -> str:
    context = parser.context_class(parser, info_name=command.line)
    pieces = " ".join(parser.collect_usage_pieces(context))
    # Typer repeats the dots of what may be given several times.
    pieces = re.sub(r"\{([^}]*?)(?:\.\.\.)?\}(\.\.\.)?", r"\1\2", pieces)
    return f"```text\n{command.line} {pieces}\n```"


def _parameters(command: Command, parser: Any) -> Iterator[str]:
    context = parser.context_class(parser, info_name=command.line)
    records: dict[str, list[tuple[str, ...]]] = {"argument": [], "option": []}
    for parameter in parser.params:
        record = parameter.get_help_record(context)
        if record is None or parameter.name == "help":
            continue
        names, words = record
        text, extras = _EXTRAS.fullmatch(words).groups()  # type: ignore[union-attr]  # it matches all
        facts = [fact for fact in (extras or "").split("; ") if fact]
        given = next((match[1] for fact in facts if (match := _DEFAULT.fullmatch(fact))), "")
        if "required" in facts:
            given = "required"
        more = [fact for fact in facts if fact != "required" and not _DEFAULT.fullmatch(fact)]
        text = text.strip() + "".join(f" [{fact}]" for fact in more)
        form, _, kind = names.partition(" <")
        shown = f"`{form}`" + (f" `<{kind}`" if kind else "")
        default = given if given in {"", "required"} else f"`{given}`"
        records[parameter.param_type_name].append((cell(shown), cell(text), cell(default)))
    for kind, title in (("argument", "Arguments"), ("option", "Options")):
        if records[kind]:
            yield f"## {title}"
            yield table((kind, "what it is", "default"), records[kind])


def _shown_on(tree: Command, pages: Sequence[Page]) -> dict[str, list[Page]]:
    by_words = {command.words: command for command in tree.all()}
    shown: dict[str, list[Page]] = {}
    for page in pages:
        if page.path == "changelog.md":
            continue
        for line in _LISTED.findall(page.text):
            words = tuple(line.split())
            known = next((words[:n] for n in range(3, 0, -1) if words[:n] in by_words), None)
            if known is None:
                continue
            listed = shown.setdefault(by_words[known].page, [])
            if page not in listed:
                listed.append(page)
    return shown


def _title(page: Page) -> str:
    return page.text.partition("# ")[2].partition("\n")[0]
