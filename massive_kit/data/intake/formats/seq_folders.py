"""`seq.in` (words), `seq.out` (tags) and `label` (intents), as ATIS and SNIPS are handed round.

The three belong together line by line. They stand in a folder for each partition (`train/seq.in`),
or side by side (`train.seq.in`). Without `seq.out` and `label` the utterances have no labels.
Several intents in one (`atis_flight#atis_airfare`) stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "seq.in, seq.out and label in a folder (ATIS, SNIPS)"

_WORDS, _TAGS, _INTENTS = "seq.in", "seq.out", "label"
_ROLES = (_WORDS, _TAGS, _INTENTS)


def groups(heads: Sequence[FileHead]) -> Iterable[Sequence[FileHead]]:
    """Each `seq.in` with the two beside it."""
    by_stem: dict[str, dict[str, FileHead]] = defaultdict(dict)
    for head in heads:
        role = _role(head.path)
        if role:
            by_stem[str(head.path)[: -len(role)]][role] = head
    return [
        [roles[role] for role in _ROLES if role in roles]
        for roles in by_stem.values()
        if _WORDS in roles
    ]


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a group."""
    by_role = {_role(file.path): file for file in files}
    roles = [role for role in _ROLES if role in by_role]
    columns = (by_role[role].lines() for role in roles)
    for number, lines in enumerate(zip_longest(*columns), 1):
        row = dict(zip(roles, lines, strict=True))
        if any(line and line.strip() for line in lines):
            yield _row(number, row)


def _role(path: PurePosixPath) -> str | None:
    name = path.name
    return next((role for role in _ROLES if name == role or name.endswith(f".{role}")), None)


def _row(number: int, row: Mapping[str, str | None]) -> ForeignRow:
    source = "\n".join(line for line in row.values() if line is not None)
    ended = [role for role, line in row.items() if line is None]
    if ended:
        reason = f"{' and '.join(ended)} ended before line {number}; are lines missing?"
        return ForeignRow(number, source, mistakes=[reason])
    words = (row[_WORDS] or "").split()
    tags = (row[_TAGS] or "").split() if _TAGS in row else None
    intent = (row.get(_INTENTS) or "").strip() or None
    mistakes = []
    if not words:
        mistakes.append(f"no words in {_WORDS}")
    if tags is not None and len(tags) != len(words):
        mistakes.append(f"{len(words)} words in {_WORDS} and {len(tags)} tags in {_TAGS}")
    if _INTENTS in row and intent is None:
        mistakes.append(f"no intent in {_INTENTS}")
    return ForeignRow(number, source, intent=intent, tokens=words, tags=tags, mistakes=mistakes)
