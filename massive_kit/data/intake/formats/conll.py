"""CoNLL-like columns: a line for each token, its tag last, a blank line between utterances.

Before the tokens there may be comments, as xSID and NorSID have them (`# id: 7`, `# intent = x`).
The first column may number the tokens. A column between token and tag that repeats the intent is
known by the comment, or by standing third of four beside numbers. Lines that begin `-DOCSTART-` are
left out. Tokens and tags are what counts; `# text:` and `# slots:` say them once more. A treebank
(CoNLL-U) has such comments and columns, too, and no slots. Spreadsheets write blank columns after
the last; a column that is blank on all lines is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import FileHead, SourceFile
from massive_kit.data.intake.tag_recognition import looks_like_tags
from massive_kit.data.intake.tag_schemes import OUTSIDE
from massive_kit.errors import DataError, Problem

TITLE = "CoNLL columns, with or without comments (xSID)"

# More lines and characters than any utterance has.
MAX_LINES = 10_000
MAX_CHARACTERS = 1 << 20
# Of one row; the rest is much the same.
_MAX_MISTAKES = 3
_COMMENT = re.compile(r"#( *)([\w.-]+) *[:=](?: +(.*)|$)")
# Comments that are read, and what they are.
_KEYS = {
    "id": "id",
    "sent_id": "id",
    "intent": "intent",
    "scenario": "scenario",
    "domain": "scenario",
    "locale": "locale",
    "language": "locale",
    "lang": "locale",
    "text": "text",
    "slots": "slots",
}
_UNSAID = {"", "_"}
# CoNLL-U has ten columns, and the seventh is a number, or `_` beside a number such as `1-2`.
_TREEBANK = re.compile(r"\d+([-.]\d+)?(\t[^\t]*){5}\t(\d+|_)(\t[^\t]*){3}")


@dataclass(slots=True)
class _Block:
    """The lines of an utterance.

    Attributes:
        line: The first of them.
        lines: All of them.
        comments: Values by what they are.
        tokens: Number and text of each token's line.
        mistakes: What is wrong with the order of lines.
        size: Its characters.
    """

    line: int
    lines: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    tokens: list[tuple[int, str]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, number: int, line: str) -> None:
        """Takes the next line."""
        self.size += len(line)
        if len(self.lines) >= MAX_LINES or self.size > MAX_CHARACTERS:
            bounds = f"more than {MAX_LINES:,} lines or {MAX_CHARACTERS:,} characters"
            self.mistakes = [f"{bounds}; is a blank line missing?"]
            return
        self.lines.append(line)
        comment = _COMMENT.match(line)
        key = _KEYS.get(comment[2].lower()) if comment else None
        if line.startswith("-DOCSTART-"):
            return
        if not line.startswith("#") or not (key or _is_remark(line, comment)):
            self.tokens.append((number, line))
        elif self.tokens:
            self.mistakes.append(
                f"line {number} is a comment after tokens; is a blank line missing?"
            )
        elif comment and key:
            self.comments[key] = (comment[3] or "").strip()


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the columns of a file are.

    Attributes:
        separator: What stands between them; `None` for any white space.
        width: How many there are, without blank ones after the tags.
        numbered: The first column numbers the tokens.
        intent: The column that repeats the intent, if any.
        tag: The column of tags, if any.
    """

    separator: str | None
    width: int
    numbered: bool
    intent: int | None
    tag: int | None

    def cells(self, line: str) -> list[str]:
        """The columns of a line."""
        cells = [cell.strip() for cell in line.split(self.separator)]
        while len(cells) > self.width and not cells[-1]:
            cells.pop()
        return cells


def recognises(head: FileHead) -> bool:
    """Whether there are columns under comments, or columns with tags and blank lines between."""
    blocks = [block for block in _blocks(head.lines) if block.tokens]
    layout = _layout_of(blocks)
    if layout is None or _is_treebank(blocks):
        return False
    rows = [layout.cells(line) for block in blocks for _, line in block.tokens]
    right = [row for row in rows if len(row) == layout.width]
    tags = [row[layout.tag] for row in right] if layout.tag is not None else []
    as_tags = looks_like_tags(tags)
    if any(block.comments.keys() & {"intent", "text", "slots"} for block in blocks):
        return layout.numbered or layout.separator is not None or as_tags
    # Names alone are tags where few of them come again and again beside a mark of the outside.
    as_names = any(tags) and not OUTSIDE.isdisjoint(tags) and len(set(tags)) * 2 <= len(tags)
    as_tokens = not looks_like_tags([row[int(layout.numbered)] for row in right])
    with_blanks = len(blocks) > 1
    return with_blanks and len(right) == len(rows) and (as_tags or as_names) and as_tokens


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file.

    Raises:
        DataError: Its column of tags is blank on all lines.
    """
    for file in files:
        layout = _layout_of([block for block in _blocks(file.head().lines) if block.tokens])
        first_line, tagged = None, layout is None or layout.tag is None
        for block in _blocks(file.lines()):
            if block.tokens or block.comments or block.mistakes:
                row = _row(block, layout)
                if first_line is None and row.tags:
                    first_line = block.tokens[0][0]
                tagged = tagged or any(row.tags or ())
                yield row
        if layout is not None and not tagged and first_line is not None:
            raise _without_tags(file, first_line, layout)


def _without_tags(file: SourceFile, line: int, layout: _Layout) -> DataError:
    problem = Problem(
        file.name,
        f"column {layout.width}, that of the tags, is blank on this line and all others",
        "a tag for each token, such as B-date, I-date or O",
        "put the tag into the last column; for utterances without any slot write O",
        line=line,
    )
    return DataError(f"{file.name} has no tags", [problem])


def _is_treebank(blocks: Sequence[_Block]) -> bool:
    lines = [line for block in blocks for _, line in block.tokens]
    return sum(_TREEBANK.fullmatch(line) is not None for line in lines) * 2 > len(lines)


def _is_remark(line: str, comment: re.Match[str] | None) -> bool:
    """Whether a line that begins `#`, without a key that is known, is no token for all that."""
    if comment and comment[1]:
        return True
    return "\t" not in line and not looks_like_tags([line.rsplit(maxsplit=1)[-1]])


def _blocks(lines: Iterable[str]) -> Iterator[_Block]:
    block = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            if block:
                yield block
            block = None
            continue
        block = block or _Block(number)
        block.add(number, line)
    if block:
        yield block


def _layout_of(blocks: Sequence[_Block]) -> _Layout | None:
    """The layout that most lines have, or `None` where there are no columns."""
    lines = [line for block in blocks for _, line in block.tokens]
    if not lines:
        return None
    separator = "\t" if sum("\t" in line for line in lines) * 2 > len(lines) else None
    width, count = Counter(len(line.split(separator)) for line in lines).most_common(1)[0]
    if count * 2 <= len(lines):
        return None
    tables = [[line.split(separator) for _, line in block.tokens] for block in blocks]
    numbered = sum(_is_numbered(table) for table in tables) * 2 > len(tables)
    if width < 2:  # noqa: PLR2004 - words alone, or numbers, are no columns
        return None
    last = width - 1
    tag = last if last > numbered else None
    intent = None
    for column in range(numbered + 1, last):
        if _repeats_intent(column, width, blocks, tables, numbered=numbered):
            intent = column
    if tag is not None:
        before = numbered if intent is None else intent
        tag = _last_filled(lines, separator, range(before + 1, width))
        width = tag + 1
    return _Layout(separator, width, numbered, intent, tag)


def _last_filled(lines: Sequence[str], separator: str | None, columns: range) -> int:
    """The last of some columns that is not blank on all lines; the first if all are."""
    filled = {
        column
        for line in lines
        for column, cell in enumerate(line.split(separator))
        if cell.strip()
    }
    return max(filled.intersection(columns), default=columns.start)


def _is_numbered(table: Sequence[Sequence[str]]) -> bool:
    first = _first_number(table[0][0])
    return all(row[0].strip() == str(number) for number, row in enumerate(table, first))


def _first_number(cell: str) -> int:
    """Numbers begin at 1, in some files at 0."""
    return 0 if cell.strip() == "0" else 1


def _repeats_intent(
    column: int,
    width: int,
    blocks: Sequence[_Block],
    tables: Sequence[Sequence[Sequence[str]]],
    *,
    numbered: bool,
) -> bool:
    with_comment, right, constant = 0, 0, 0
    for block, table in zip(blocks, tables, strict=True):
        values = {row[column].strip() for row in table if len(row) == width}
        intent = block.comments.get("intent")
        constant += len(values) == 1
        with_comment += intent not in {None, *_UNSAID}
        right += intent in values
    if with_comment:
        return right * 2 > with_comment
    return numbered and (column, width) == (2, 4) and constant * 2 > len(blocks)


def _row(block: _Block, layout: _Layout | None) -> ForeignRow:
    source = "\n".join(block.lines)
    mistakes = list(block.mistakes)
    rows = []
    first = _first_number(layout.cells(block.tokens[0][1])[0]) if layout and block.tokens else 1
    for place, (number, line) in enumerate(block.tokens, first):
        cells = layout.cells(line) if layout else []
        if layout is None or len(cells) != layout.width:
            wanted = f"; the file has {layout.width}" if layout else ""
            mistakes.append(f"line {number} has {len(cells)} columns{wanted}")
        elif layout.numbered and cells[0] != str(place):
            mistakes.append(f"line {number} is numbered {cells[0]}, not {place}")
        elif not cells[int(layout.numbered)]:
            mistakes.append(f"line {number} has no token")
        else:
            rows.append(cells)
    if not block.tokens and not mistakes:
        mistakes.append("comments without tokens")
    tags = [row[layout.tag] for row in rows] if layout and layout.tag is not None else None
    if tags is None and block.comments.get("slots"):
        mistakes.append("slots in a comment alone; write a column of tags")
    intents = [block.comments.get("intent", "")]
    if layout and layout.intent is not None:
        intents += [row[layout.intent] for row in rows]
    intents = [*dict.fromkeys(intent for intent in intents if intent not in _UNSAID)]
    if len(intents) > 1:
        mistakes.append(f"several intents: {', '.join(intents[:3])}")
    return ForeignRow(
        block.line,
        source,
        id=block.comments.get("id") or None,
        locale=block.comments.get("locale") or None,
        scenario=block.comments.get("scenario") or None,
        intent=intents[0] if intents else None,
        tokens=[row[int(layout.numbered)] for row in rows] if layout else (),
        tags=tags,
        mistakes=mistakes[:_MAX_MISTAKES],
    )
