"""One raw row from anywhere, brought to MASSIVE's columns and types or refused with reasons.

Accepted beside MASSIVE's own form: columns of other names (`column_names`), integers for intent and
scenario, integers as ids, a list of tokens as the utterance, and the hub's dictionaries of lists
for `slot_method` and `judgments`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from massive_kit.counted import kind_of
from massive_kit.data import notation
from massive_kit.data.intake.column_names import ALIASES, column_of, has_tagged_tokens
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.errors import NotationError

_METHOD = {"slot": str, "method": str}
_JUDGMENT = {
    "worker_id": str,
    "intent_score": int,
    "slots_score": int,
    "grammar_score": int,
    "spelling_score": int,
    "language_identification": str,
}
_MAX_SCORE = 127  # stored in 8 bits
_NO_LABEL = -1


class RowError(ValueError):
    """A row cannot be used; the message holds every reason."""


def plain_row(value: Any, maps: LabelMaps) -> dict[str, Any]:
    """The columns of a raw row.

    Raises:
        RowError: A column has a type that cannot be used.
    """
    reasons: list[str] = []
    row = _columns(value, maps, reasons)
    row["annot_utt"] = _text("annot_utt", value.get("annot_utt"), reasons)
    row["utt"] = _utterance(value.get("utt"), row["annot_utt"], reasons)
    if has_tagged_tokens(value):
        reasons.append("tokens with tags among rows with annot_utt; import them by themselves")
    if reasons:
        raise RowError("; ".join(reasons))
    return row


def tagged_row(line: int, source: str, value: Any, maps: LabelMaps) -> ForeignRow:
    """A raw row that has tokens with a tag each."""
    reasons: list[str] = []
    tokens: list[str] = []
    tags: list[str] | None = None
    try:
        row = _columns(value, maps, reasons)
    except RowError as error:
        return ForeignRow(line, source, mistakes=[str(error)])
    name, tags_name = column_of("tokens", value), column_of("tags", value)
    if name is not None and _texts(value[name]):
        tokens = value[name]
    else:
        reasons.append(f"no tokens: {name or 'tokens'} is not a list of texts")
    if tags_name is not None:
        tags = _tags(tags_name, value[tags_name], maps, reasons)
    text = value.get("utt")
    return ForeignRow(
        line,
        source,
        id=row["id"],
        locale=row["locale"],
        partition=row["partition"],
        intent=row["intent"],
        scenario=row["scenario"],
        text=text if isinstance(text, str) else None,
        tokens=tokens,
        tags=tags,
        mistakes=reasons,
    )


def remarks(value: Mapping[str, Any], maps: LabelMaps) -> Iterator[str]:
    """What to tell of the integers of a raw row."""
    for kind in ("intent", "scenario"):
        column = column_of(kind, value)
        if column is not None and isinstance(value[column], int):
            remark = maps.remark(column)
            if remark:
                yield remark


def _columns(value: Any, maps: LabelMaps, reasons: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowError(f"{kind_of(value)}, not a row of columns")
    row: dict[str, Any] = {}
    row["worker_id"] = _text("worker_id", value.get("worker_id"), reasons, integers=True)
    for kind in ("id", "locale", "partition"):
        column = column_of(kind, value)
        row[kind] = column and _text(column, value[column], reasons, integers=kind == "id")
    for kind in ("intent", "scenario"):
        column = column_of(kind, value)
        row[kind] = column and _label(column, value[column], maps, reasons)
    row["slot_method"] = _structs("slot_method", value.get("slot_method"), _METHOD, reasons)
    row["judgments"] = _structs("judgments", value.get("judgments"), _JUDGMENT, reasons)
    return row


def _text(name: str, value: Any, reasons: list[str], *, integers: bool = False) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if integers and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    reasons.append(f"{name} is {_shown(value)}, not text")
    return None


def _label(name: str, value: Any, maps: LabelMaps, reasons: list[str]) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _text(name, value, reasons)
    names = maps.names(name)
    # A ClassLabel that is not known, as in rows without labels.
    if value == _NO_LABEL:
        return None
    if 0 <= value < len(names):
        return names[value]
    todo = "" if names or name not in ALIASES["intent"] else "; give them with --intent-map"
    reasons.append(
        f"{name} is the integer {value}, and there are {len(names) or 'no'} names for it{todo}"
    )
    return None


def _utterance(value: Any, annotated: str | None, reasons: list[str]) -> str | None:
    if not _texts(value):
        return _text("utt", value, reasons)
    joined = " ".join(value)
    # Tokens of characters cannot be joined, but the annotated utterance has the spaces.
    try:
        text = notation.strip(annotated) if annotated else joined
    except NotationError:
        return joined
    # Of other text than the annotated utterance, the row is refused later on.
    return text if _unspaced(text) == _unspaced(joined) else joined


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _tags(name: str, value: Any, maps: LabelMaps, reasons: list[str]) -> list[str]:
    names = maps.names(name)
    tags = []
    for tag in value if isinstance(value, list) else [value]:
        if isinstance(tag, int) and not isinstance(tag, bool) and 0 <= tag < len(names):
            tags.append(names[tag])
        elif isinstance(tag, str):
            tags.append(tag)
        else:
            todo = "" if names else "; give them with --slot-map"
            reasons.append(f"{name} holds {_shown(tag)}, and {len(names)} names are known{todo}")
            break
    return tags


def _structs(
    name: str, value: Any, fields: Mapping[str, type], reasons: list[str]
) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if isinstance(value, dict):
        columns = [value.get(key) or [] for key in fields]
        if not all(isinstance(column, list) for column in columns):
            reasons.append(f"{name} is {_shown(value)}, neither a list nor columns of lists")
            return None
        length = max(len(column) for column in columns)
        if any(len(column) not in {0, length} for column in columns):
            reasons.append(f"{name} has lists of different length")
            return None
        value = [
            {
                key: values[i] if values else None
                for key, values in zip(fields, columns, strict=True)
            }
            for i in range(length)
        ]
    if not isinstance(value, list):
        reasons.append(f"{name} is {_shown(value)}, not a list")
        return None
    structs = []
    for struct in value:
        if not isinstance(struct, dict) or not all(
            _fits(struct.get(key), kind) for key, kind in fields.items()
        ):
            reasons.append(f"{name} holds {_shown(struct, 80)}")
            return None
        structs.append({key: struct.get(key) for key in fields})
    return structs


def _shown(value: Any, width: int = 60) -> str:
    """A value as messages show it."""
    try:
        return repr(value)[:width]
    except RecursionError:
        return f"{kind_of(value)} nested too deep"


def _fits(value: Any, kind: type) -> bool:
    if value is None:
        return True
    if kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and -_MAX_SCORE <= value <= _MAX_SCORE
    return isinstance(value, kind)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
