"""A line for each utterance: words, a tab, their tags, the intent last (ATIS, `.w-intent.iob`).

With `BOS` and `EOS` around the words, both have a tag, and the intent stands in place of that of
`EOS` or after it. Without them the intent stands after the tags. Several intents in one
(`atis_flight#atis_airfare`) stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import FileHead, SourceFile
from massive_kit.data.intake.tag_recognition import looks_like_tags
from massive_kit.data.intake.tag_schemes import OUTSIDE

TITLE = "IOB lines with the intent last (ATIS)"

_BEGIN, _END = "BOS", "EOS"


def recognises(head: FileHead) -> bool:
    """Whether most lines are words and tags that fit each other."""
    rows = [_row(number, line) for number, line in enumerate(head.lines, 1) if line.strip()]
    right = [row for row in rows if not row.mistakes]
    tags = [tag for row in right for tag in row.tags or ()]
    framed = sum(line.startswith(_BEGIN + " ") for line in head.lines) * 2 > len(rows)
    return len(right) * 2 > len(rows) and (framed or looks_like_tags(tags))


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    for file in files:
        for number, line in enumerate(file.lines(), 1):
            if line.strip():
                yield _row(number, line)


def _row(number: int, line: str) -> ForeignRow:
    left, tab, right = line.partition("\t")
    if not tab or "\t" in right:
        columns = line.count("\t") + 1
        reason = f"{columns} columns; words, a tab, and tags with the intent last are wanted"
        return ForeignRow(number, line, mistakes=[reason])
    words, tags = left.split(), right.split()
    framed = words[:1] == [_BEGIN] and words[-1:] == [_END]
    if framed and len(tags) == len(words) + 1 and tags[-2] in OUTSIDE:
        # The end has its own tag before the intent.
        del tags[-2]
    if len(tags) != len(words) + (not framed):
        wanted = len(words) + (not framed)
        reason = f"{len(words)} words and {len(tags)} tags with the intent; {wanted} are wanted"
        return ForeignRow(number, line, mistakes=[reason])
    intent = tags.pop()
    mistakes = []
    if framed:
        if tags[0] not in OUTSIDE:
            mistakes.append(f"{_BEGIN} has the tag {tags[0]!r}; O is wanted")
        words, tags = words[1:-1], tags[1:]
    if not words:
        mistakes.append("no words")
    return ForeignRow(
        number,
        line,
        intent=None if intent in OUTSIDE else intent,
        tokens=words,
        tags=tags,
        mistakes=mistakes,
    )
