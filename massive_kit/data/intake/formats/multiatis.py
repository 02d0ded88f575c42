"""A table with a header, separated by tabs: an utterance, its tags and its intent (MultiATIS++).

MultiATIS++ has `id`, `utterance`, `slot_labels` and `intent`, in `train_EN.tsv` and the like. Other
names of these columns are known, too, and columns `locale` and `partition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "tab-separated utterance, slot_labels and intent (MultiATIS++)"

# What columns are called, without marks between words.
_NAMES = {
    "id": {"id", "uid"},
    "utterance": {"utterance", "utt", "text", "sentence", "words", "tokens"},
    "tags": {"slotlabels", "slotlabel", "slottags", "slots", "tags", "labels", "nertags"},
    "intent": {"intent", "intentlabel", "intents"},
    "locale": {"locale", "language", "lang"},
    "partition": {"partition", "split"},
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
        name = cell.strip('" ').lower().replace("_", "").replace("-", "").replace(" ", "")
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
    cells = {name: _plain(columns[place], quoted=quoted).strip() for name, place in header.items()}
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


def _plain(cell: str, *, quoted: bool) -> str:
    """A cell without the quotes that writers of CSV put around it.

    They quote all cells, the header's too, or those that hold a quote, which they double. Any other
    quote is a word of the utterance.
    """
    if len(cell) < 2 or not (cell[0] == cell[-1] == '"'):  # noqa: PLR2004 - two quotes
        return cell
    inner = cell[1:-1]
    by_writer = '""' in inner and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted or by_writer else cell
