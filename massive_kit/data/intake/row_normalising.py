"""One raw row from anywhere, brought to MASSIVE's columns and types or refused with reasons.

Accepted beside MASSIVE's own form: integers for intent and scenario (ClassLabel), integers as ids,
the hub's dictionaries of lists for `slot_method` and `judgments`, and qanastek's `tokens` with BIO
`ner_tags` in place of `annot_utt`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from massive_kit.data.intake.label_maps import LabelMaps

_TEXTS = ("id", "locale", "partition", "scenario", "intent", "utt", "annot_utt", "worker_id")
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


class RowError(ValueError):
    """A row cannot be used; the message holds every reason."""


def plain_row(value: Any, maps: LabelMaps) -> dict[str, Any]:
    """The columns of a raw row.

    Raises:
        RowError: A column has a type that cannot be used.
    """
    if not isinstance(value, dict):
        raise RowError(f"a {type(value).__name__}, not a row of columns")
    reasons: list[str] = []
    row: dict[str, Any] = {}
    for name in _TEXTS:
        row[name] = _text(name, value.get(name), maps, reasons)
    row["slot_method"] = _structs("slot_method", value.get("slot_method"), _METHOD, reasons)
    row["judgments"] = _structs("judgments", value.get("judgments"), _JUDGMENT, reasons)
    if row["annot_utt"] is None and value.get("ner_tags") is not None:
        row["annot_utt"] = _from_tags(value.get("tokens"), value["ner_tags"], maps, reasons)
    if reasons:
        raise RowError("; ".join(reasons))
    return row


def _text(name: str, value: Any, maps: LabelMaps, reasons: list[str]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if name in {"id", "worker_id"}:
            return str(value)
        if name in {"intent", "scenario"}:
            names = maps.intents if name == "intent" else maps.scenarios
            if 0 <= value < len(names):
                return names[value]
            reasons.append(
                f"{name} is the integer {value}, and there are {len(names)} names for it"
            )
            return None
    reasons.append(f"{name} is {value!r:.60}, not text")
    return None


def _structs(
    name: str, value: Any, fields: Mapping[str, type], reasons: list[str]
) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if isinstance(value, dict):
        columns = [value.get(key) or [] for key in fields]
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
        reasons.append(f"{name} is {value!r:.60}, not a list")
        return None
    structs = []
    for struct in value:
        if not isinstance(struct, dict) or not all(
            _fits(struct.get(key), kind) for key, kind in fields.items()
        ):
            reasons.append(f"{name} holds {struct!r:.80}")
            return None
        structs.append({key: struct.get(key) for key in fields})
    return structs


def _fits(value: Any, kind: type) -> bool:
    if value is None:
        return True
    if kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and -_MAX_SCORE <= value <= _MAX_SCORE
    return isinstance(value, kind)


def _from_tags(tokens: Any, tags: Any, maps: LabelMaps, reasons: list[str]) -> str | None:
    if not _texts(tokens) or not isinstance(tags, list) or len(tags) != len(tokens):
        reasons.append("tokens and ner_tags are not lists of the same length")
        return None
    names = []
    for tag in tags:
        if isinstance(tag, int) and 0 <= tag < len(maps.tags):
            names.append(maps.tags[tag])
        elif isinstance(tag, str):
            names.append(tag)
        else:
            reasons.append(f"ner_tags holds {tag!r}, and {len(maps.tags)} names are known")
            return None
    return _bracketed(tokens, names)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _bracketed(tokens: Sequence[str], tags: Sequence[str]) -> str:
    """Tags as brackets: BIO, which keeps neighbours of one type apart, or plain slot names."""
    parts: list[str] = []
    current = ""
    for token, tag in zip(tokens, tags, strict=True):
        begins = tag.startswith("B-")
        slot = "" if tag in {"O", "Other"} else tag.removeprefix("B-").removeprefix("I-")
        inside = slot == current and not begins
        if current and not inside:
            parts[-1] += "]"
        parts.append(f"[{slot} : {token}" if slot and not inside else token)
        current = slot
    if current:
        parts[-1] += "]"
    return " ".join(parts)
