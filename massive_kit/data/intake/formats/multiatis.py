"""A table with a header, separated by tabs: an utterance, its tags and its intent (MultiATIS++).

MultiATIS++ has `id`, `utterance`, `slot_labels` and `intent`, in `train_EN.tsv` and the like. Other
names of these columns are known, too, and columns `locale` and `partition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from massive_kit.data.intake.column_names import ALIASES
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import FileHead, SourceFile
from massive_kit.data.intake.tab_quoting import plain_cell

TITLE = "tab-separated utterance, slot_labels and intent (MultiATIS++)"


def _plain_name(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


# What columns are called, without marks between words.
_NAMES = {
    **{kind: set(ALIASES[kind]) for kind in ("id", "locale", "partition")},
    "utterance": {"utterance", "text", "sentence", *ALIASES["tokens"]},
    "tags": {
        *("slotlabel", "slottags", "slots"),
        # Integers stand beside names, if at all.
        *(_plain_name(name) for name in ALIASES["tags"] if not name.endswith("_num")),
    },
    "intent": {"intent", "intentlabel", "intents"},
}
_NEEDED = {"utterance", "tags", "intent"}


def recognises(head: FileHead) -> bool:
    """Whether the first line names the columns, and most rows have as many tags as words."""
    if not head.lines or _header(head.lines[0]) is None:
        return False
    rows = [*_rows(head.lines)]
    return sum(not row.mistakes for row in rows) * 2 > len(rows) or not rows


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    for file in files:
        yield from _rows(file.lines())


def _rows(lines: Iterable[str]) -> Iterator[ForeignRow]:
    numbered = enumerate(lines, 1)
    _, first = next(numbered, (1, ""))
    header, width, quoted = _header(first), first.count("\t") + 1, first.startswith('"')
    for number, line in numbered:
        if line.strip():
            yield _row(number, line, header, width, quoted=quoted)


def _header(line: str) -> Mapping[str, int] | None:
    """Where each column stands, or `None` where one is missing or there twice."""
    places: dict[str, int] = {}
    for place, cell in enumerate(line.split("\t")):
        name = _plain_name(cell.strip('" '))
        column = next((column for column, names in _NAMES.items() if name in names), None)
        if column in places:
            return None
        if column:
            places[column] = place
    return places if places.keys() >= _NEEDED else None


def _row(
    number: int, line: str, header: Mapping[str, int] | None, width: int, *, quoted: bool
) -> ForeignRow:
    if header is None:
        reason = "the first line does not name the columns utterance, slot_labels and intent"
        return ForeignRow(number, line, mistakes=[reason])
    columns = line.split("\t")
    if len(columns) != width:
        reason = f"{len(columns)} columns; the header has {width}"
        return ForeignRow(number, line, mistakes=[reason])
    cells = {
        name: plain_cell(columns[place], quoted=quoted).strip() for name, place in header.items()
    }
    words, tags = cells["utterance"].split(), cells["tags"].split()
    mistakes = []
    if not words:
        mistakes.append("no utterance")
    labelled = bool(tags or cells["intent"])
    if labelled and len(words) != len(tags):
        mistakes.append(f"{len(words)} words and {len(tags)} slot labels")
    return ForeignRow(
        number,
        line,
        id=cells.get("id") or None,
        locale=cells.get("locale") or None,
        partition=cells.get("partition") or None,
        intent=cells["intent"] or None,
        tokens=words,
        tags=tags or None,
        mistakes=mistakes,
    )
