"""Raw rows in one shape, whatever file they came in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import SCHEMA

RAW_SCHEMA = pa.schema([f for f in SCHEMA if f.name not in {"tokens", "labels", "boundaries"}])


# The column that MASSIVE has the slots in.
ANNOTATED = "annot_utt"


class NotRowsError(ValueError):
    """A file holds something else than utterances; the message says what."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a row is refused.

    Attributes:
        line: Its line in a JSONL file, its row in a Parquet file, from 1.
        reason: What is wrong.
        source: The row as it stood.
    """

    line: int
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Note:
    """What was changed in a row that is taken.

    Attributes:
        line: As that of a `Mistake`.
        text: What was changed.
    """

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Some rows of a file.

    Attributes:
        table: Of `RAW_SCHEMA`; nothing is checked yet but types.
        lines: Shape (n,), where each row stands, from 1.
        source: Gives a row as it stood, by position.
        mistakes: Rows that could not be read at all.
        notes: What was changed in rows to bring them into this shape.
        remarks: What is to be told once of the whole source.
        span_scheme: What a span is, where the file itself says.
        annotation: What the file calls its slots, for messages.
        numbers: Shape (n,), the place of each row among all of the file, from 1, where several rows
            may stand in a line; elsewhere `None`, and their lines number them.
        numbered: Whether the ids are no more than the places of rows in the file.
    """

    table: pa.Table
    lines: NDArray[np.int64]
    source: Callable[[int], str]
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    remarks: Collection[str] = ()
    span_scheme: SpanScheme | None = None
    annotation: str = ANNOTATED
    numbers: NDArray[np.int64] | None = None
    numbered: bool = False
