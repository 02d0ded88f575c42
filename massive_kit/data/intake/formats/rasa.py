"""Rasa NLU's YAML, and the Markdown of Rasa 1: examples under their intents.

Intents such as `faq/ask_hours` are kept whole. Lookup tables, synonyms and regular expressions hold
no utterances and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.rasa_examples import read_example
from massive_kit.data.intake.source_files import FileHead, SourceFile, is_not_utf8
from massive_kit.errors import DataError, Problem

TITLE = "Rasa NLU YAML or Markdown"
_YAML = re.compile(r"^nlu[ \t]*:[ \t]*(#.*)?\r?$", re.MULTILINE)
_MARKDOWN = re.compile(r"^##[ \t]*(intent|synonym|regex|lookup)[ \t]*:(.+)$", re.MULTILINE)
_ITEM = re.compile(r"\s*[-*+]\s*(.*)")
_HEADING = re.compile(r"#{1,6}[ \t]")
_LEFT_OUT = "lookup tables, synonyms and regular expressions left out"
_OTHER_LISTS = "lists under other headings left out"
# Both are safe; the one in C is quicker, and is not in every build of PyYAML.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class _Example:
    """An example of an intent, or a section that holds none.

    Attributes:
        line: Where it stands, from 1.
        intent: `None` where a section holds no utterances.
        text: As it is written; without an intent, what is left out.
        mistake: Why it cannot be read.
    """

    line: int
    intent: str | None
    text: str = ""
    mistake: str | None = None


def recognises(head: FileHead) -> bool:
    """Whether there is a top-level key `nlu`, or a heading such as `## intent:greet`."""
    text = head.text or ""
    return bool(_YAML.search(text)) or bool(_MARKDOWN.search(text))


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file.

    Raises:
        DataError: It is not YAML, or has no list under `nlu`.
    """
    for file in files:
        text = file.text()
        is_yaml = _YAML.search(text) is not None
        examples = list(_of_yaml(file, text) if is_yaml else _of_markdown(text))
        left_out = (example.text for example in examples if example.intent is None)
        notes = [*dict.fromkeys(left_out)]
        for example in examples:
            if example.intent is not None:
                yield _row(example, notes)
                notes = []


def _row(example: _Example, notes: Sequence[str]) -> ForeignRow:
    read = read_example(example.text)
    return ForeignRow(
        example.line,
        example.text,
        intent=example.intent,
        text=read.text,
        spans=read.spans,
        mistakes=[example.mistake] if example.mistake else read.mistakes,
        notes=[*notes, *read.notes],
    )


def _of_markdown(text: str) -> Iterator[_Example]:
    intent = None
    under_other = False
    for number, line in enumerate(_without_comments(text).split("\n"), 1):
        heading, item = _MARKDOWN.match(line.strip()), _ITEM.fullmatch(line.rstrip())
        if heading:
            intent = heading[2].strip() if heading[1] == "intent" else None
            under_other = False
            if intent is None:
                yield _Example(number, None, _LEFT_OUT)
        elif _HEADING.match(line):
            intent, under_other = None, True
        elif item and intent is not None:
            yield _Example(number, intent, item[1])
        elif item and under_other:
            yield _Example(number, None, _OTHER_LISTS)


def _without_comments(text: str) -> str:
    """Markdown without `<!-- -->`, but with all of its lines."""
    kept = []
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (close := text.find("-->", start)) >= 0:
        kept += [text[end:start], "\n" * text.count("\n", start, close)]
        end = close + len("-->")
    return "".join([*kept, text[end:]])


def _of_yaml(file: SourceFile, text: str) -> Iterator[_Example]:
    items = _members(_composed(file, text)).get("nlu")
    if not isinstance(items, yaml.SequenceNode):
        raise _broken(file, "nlu is no list of intents", items)
    for item in items.value:
        members = _members(item)
        intent, examples = members.get("intent"), members.get("examples")
        line = item.start_mark.line + 1
        if not isinstance(intent, yaml.ScalarNode):
            if not members.keys() & {"lookup", "synonym", "regex"}:
                yield _Example(line, "", mistake="neither intent, lookup, synonym nor regex")
            else:
                yield _Example(line, None, _LEFT_OUT)
        elif isinstance(examples, yaml.ScalarNode):
            yield from _of_block(intent.value, examples)
        elif isinstance(examples, yaml.SequenceNode):
            yield from _of_list(intent.value, examples)
        else:
            yield _Example(line, intent.value, mistake="an intent without examples")


def _of_block(intent: str, block: yaml.ScalarNode) -> Iterator[_Example]:
    first = block.start_mark.line + 1
    # Only after `|` are the lines of the value those of the file.
    literal = block.style == "|"
    for number, line in enumerate(block.value.split("\n"), 1):
        where = first + number if literal else first
        if line.startswith("-"):
            yield _Example(where, intent, line[1:].strip())
        elif line.strip():
            reason = "an example that does not begin with '-'"
            yield _Example(where, intent, line, reason)


def _of_list(intent: str, examples: yaml.SequenceNode) -> Iterator[_Example]:
    for example in examples.value:
        text = _members(example).get("text")
        line = example.start_mark.line + 1
        if isinstance(text, yaml.ScalarNode):
            yield _Example(line, intent, text.value.strip())
        else:
            yield _Example(line, intent, mistake="an entry of the list of examples has no text")


def _members(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _composed(file: SourceFile, text: str) -> yaml.Node | None:
    """The nodes of a file; nothing is made of them."""
    if is_not_utf8(text):
        line = next(n for n, line in enumerate(text.split("\n"), 1) if is_not_utf8(line))
        raise _refused(file, "text that is not UTF-8", line)
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        reason = f"not YAML: {error.problem or error.context}"
        raise _refused(file, reason, mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _refused(file, f"not YAML: {error}", None) from None
    _refuse_aliases(file, node)
    return node


def _refuse_aliases(file: SourceFile, root: yaml.Node | None) -> None:
    """Aliases can make a small file endless."""
    seen: set[int] = set()
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise _broken(file, "YAML aliases are not allowed; write the value out", node)
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            waiting += [part for member in node.value for part in member]


def _broken(file: SourceFile, reason: str, node: yaml.Node | None) -> DataError:
    return _refused(file, reason, node.start_mark.line + 1 if node else None)


def _refused(file: SourceFile, reason: str, line: int | None) -> DataError:
    return DataError(f"{file.name} cannot be read", [Problem(file.name, reason, line=line)])
