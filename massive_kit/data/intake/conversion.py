"""Raw rows to rows of the store: checks, tokens, labels; every mistake with its line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.intake.label_kinds import LabelKind, label_kind
from massive_kit.data.intake.labelling import label_rows, laid_on_text
from massive_kit.data.intake.locale_spellings import Spelling
from massive_kit.data.intake.partition_names import canonical_partition, partition_problem
from massive_kit.data.intake.raw_rows import ANNOTATED, Mistake, Note, RawBlock
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import SCHEMA
from massive_kit.data.undeclared_labels import undeclared_labels
from massive_kit.languages import LanguageTable

# It becomes the name of a folder.
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}")
# What is noted of a row whose slot ended inside a token.
WIDENED = "a slot ended inside a token, and now holds all of it"


@dataclass(frozen=True, slots=True)
class PartRows:
    """Good rows of one locale and partition.

    Attributes:
        locale: Their locale.
        partition: Their partition.
        table: The rows, of the store's schema.
        lines: Shape (n,), the line of each in its file.
    """

    locale: str
    partition: str
    table: pa.Table
    lines: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConvertedBlock:
    """A block of a file.

    Attributes:
        rows: The good rows by locale and partition, in file order.
        mistakes: The bad rows, in file order.
        spellings: Its locales, by what is written there.
        notes: What was changed in good rows, in file order.
        kinds: What its labelled rows have, and the line of the first of them.
    """

    rows: list[PartRows]
    mistakes: list[Mistake]
    spellings: dict[str, Spelling]
    notes: list[Note]
    kinds: Mapping[LabelKind, int]


def convert(
    raw: RawBlock, languages: LanguageTable, declared: Inventory | None = None
) -> ConvertedBlock:
    """Checks and labels the rows of a block; labels that are not declared are refused, if any are.

    Args:
        raw: The rows.
        languages: Says where the scoring unit is the character.
        declared: The only labels that rows may have.
    """
    table = raw.table
    reasons: dict[int, list[str]] = {}

    def refuse(rows: Any, reason: str) -> None:
        for row in rows:
            reasons.setdefault(int(row), []).append(reason)

    columns = {name: _as_array(table.column(name)) for name in table.column_names}
    for name in ("intent", "annot_utt", "scenario"):
        columns[name] = _without_empty(columns[name])
    for name in ("id", "locale", "partition", "utt"):
        refuse(_where(pc.fill_null(pc.equal(columns[name], ""), fill_value=True)), f"no {name}")
    columns["locale"], spellings = _locales(columns["locale"], raw.lines, languages, refuse)
    columns["partition"] = _partitions(columns["partition"], refuse)
    labelled = columns["annot_utt"].is_valid().to_numpy(zero_copy_only=False)
    with_intent = columns["intent"].is_valid().to_numpy(zero_copy_only=False)
    kind = label_kind(with_intent, labelled)
    if kind == "intents alone":
        columns["annot_utt"] = _without_slots(columns["utt"], with_intent)
        labelled = with_intent
    elif kind == "intents and slots":
        _refuse_half_labelled(with_intent, labelled, raw.annotation, refuse)
    first = np.flatnonzero(labelled | with_intent)[:1]
    kinds = {} if kind is None else {kind: int(raw.lines[first[0]])}
    characters = _character_scored(columns["locale"], languages)
    labelling = label_rows(columns, labelled, characters, refuse)
    empty = np.diff(labelling.tokens.offsets) == 0
    # A row whose notation is wrong has no tokens, either.
    refuse(np.flatnonzero(empty & ~_among(reasons, len(table))), "the utterance is empty")
    sound = labelled & ~_among(reasons, len(table))
    labelling = laid_on_text(labelling, columns, sound, characters)
    for row, mistake in labelling.mistakes.items():
        refuse([row], mistake)
    columns |= {"tokens": labelling.tokens, "labels": labelling.labels}
    columns["boundaries"] = labelling.boundaries
    if declared is not None:
        intents, scenarios = columns["intent"], columns["scenario"]
        for label in undeclared_labels(intents, scenarios, labelling.labels, declared):
            refuse(label.rows, label.reason)
    rows = pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)
    mistakes = raw.mistakes + [
        Mistake(int(raw.lines[row]), "; ".join(row_reasons), raw.source(row))
        for row, row_reasons in reasons.items()
    ]
    good = np.ones(len(rows), bool)
    good[list(reasons)] = False
    mistakes.sort(key=lambda mistake: mistake.line)
    notes = [Note(int(raw.lines[row]), WIDENED) for row in sorted(labelling.widened) if good[row]]
    return ConvertedBlock(list(_groups(rows, raw.lines, good)), mistakes, spellings, notes, kinds)


def content_bytes(table: pa.Table) -> bytes:
    """What a part's content hash runs over: id, intent and annotated utterance of every row."""
    columns = [_as_array(table.column(name)) for name in ("id", "intent", "annot_utt")]
    joined = pc.binary_join_element_wise(
        *columns, "\t", null_handling="replace", null_replacement="None"
    )
    lines = pc.binary_join_element_wise(joined, "", "\n")
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[: len(lines) + 1]
    return memoryview(data)[ends[0] : ends[-1]].tobytes()


def content_hash(table: pa.Table) -> str:
    """SHA-256 of `content_bytes`."""
    return hashlib.sha256(content_bytes(table)).hexdigest()


def _as_array(column: pa.ChunkedArray) -> Any:
    combined = column.combine_chunks()
    if isinstance(combined, pa.ChunkedArray):
        return combined.chunk(0) if combined.num_chunks else pa.array([], column.type)
    return combined


def _where(mask: Any) -> NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def _without_empty(column: Any) -> Any:
    # Unlabelled rows have the column empty in some files, and not at all in others.
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _refuse_half_labelled(
    with_intent: NDArray[np.bool_], annotated: NDArray[np.bool_], annotation: str, refuse: Any
) -> None:
    todo = ""
    if annotation == ANNOTATED:
        todo = "; where there is no slot, annot_utt is the utterance itself"
    refuse(np.flatnonzero(with_intent & ~annotated), f"an intent but no {annotation}{todo}")
    refuse(np.flatnonzero(annotated & ~with_intent), f"{annotation} but no intent")


def _without_slots(utterances: Any, labelled: NDArray[np.bool_]) -> Any:
    """The annotated utterances of a corpus that has intents alone."""
    escaped = pc.replace_substring_regex(utterances, r"[\[\]\\]", r"\\\0")
    return pc.if_else(pa.array(labelled), escaped, pa.scalar(None, pa.string()))


def _partitions(column: Any, refuse: Any) -> Any:
    encoded = column.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    for code, name in enumerate(names):
        if name and (problem := partition_problem(name)):
            refuse(_where(pc.equal(encoded.indices, code)), problem)
    renamed = pa.array([name and canonical_partition(name) for name in names], pa.string())
    return renamed.take(encoded.indices)


def _locales(
    column: Any, lines: NDArray[np.int64], languages: LanguageTable, refuse: Any
) -> tuple[Any, dict[str, Spelling]]:
    encoded = column.dictionary_encode()
    spellings: dict[str, Spelling] = {}
    names = encoded.dictionary.to_pylist()
    for code, name in enumerate(names):
        if not name:
            continue
        rows = _where(pc.equal(encoded.indices, code).fill_null(fill_value=False))
        match = languages.match(name)
        if match.problem or not _LOCALE.fullmatch(match.locale):
            hint = f"; {match.hint}" if match.hint else ""
            refuse(rows, f"locale {match.problem or repr(name)}{hint}")
        else:
            names[code] = match.locale
            spellings[name] = Spelling(match.locale, int(lines[rows[0]]))
    return pa.array(names, pa.string()).take(encoded.indices), spellings


def _character_scored(locale: Any, languages: LanguageTable) -> NDArray[np.bool_]:
    encoded = locale.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    scored = np.array([languages[name or ""].character_scored for name in names] + [False])
    codes = encoded.indices.fill_null(len(scored) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(scored[codes], bool)


def _among(reasons: dict[int, list[str]], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, bool)
    mask[list(reasons)] = True
    return mask


def _groups(
    table: pa.Table, lines: NDArray[np.int64], good: NDArray[np.bool_]
) -> Iterator[PartRows]:
    if not good.all():
        keep = np.flatnonzero(good)
        table, lines = table.take(pa.array(keep)), lines[keep]
    if not len(table):
        return
    locales = _as_array(table.column("locale")).dictionary_encode()
    partitions = _as_array(table.column("partition")).dictionary_encode()
    width = len(partitions.dictionary)
    keys = locales.indices.to_numpy() * width + partitions.indices.to_numpy()
    for key in np.unique(keys):
        rows = np.flatnonzero(keys == key)
        group = table if len(rows) == len(table) else table.take(pa.array(rows))
        locale, partition = divmod(int(key), width)
        yield PartRows(
            locales.dictionary[locale].as_py(),
            partitions.dictionary[partition].as_py(),
            group,
            lines[rows],
        )
