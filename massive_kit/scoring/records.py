"""Rows for the scorer out of whatever holds them: lists, data frames, Arrow tables, data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral
from os import PathLike
from typing import Any

from massive_kit.counted import kind_of

Record = Mapping[str, Any]

_SHOWN = 40


class NoRowsError(Exception):
    """Something holds no rows; the message says what it is."""


def records_of(rows: Any) -> Iterable[Any]:
    """The rows of a list, a data frame (pandas, polars, ...), an Arrow table or a data set.

    Labels that a data set of Hugging Face keeps as integers come as their names.

    Raises:
        NoRowsError: It is something else.
    """
    if isinstance(rows, str | bytes | PathLike):
        raise NoRowsError(f"{rows!r:.{_SHOWN}}, {kind_of(rows)}")
    if isinstance(rows, Mapping):
        return _of_columns(rows)
    if hasattr(rows, "to_pylist"):
        return list(rows.to_pylist())
    if hasattr(rows, "to_dicts"):
        return list(rows.to_dicts())
    if hasattr(rows, "columns") and hasattr(rows, "to_dict"):
        return list(rows.to_dict("records"))
    features = getattr(rows, "features", None)
    if isinstance(features, Mapping):
        return _with_names(rows, features)
    table = _arrow_table(rows)
    if table is not None:
        return list(table.to_pylist())
    if not isinstance(rows, Iterable):
        raise NoRowsError(kind_of(rows))
    return rows


def _of_columns(columns: Mapping[Any, Any]) -> list[Record]:
    if any(hasattr(column, "column_names") for column in columns.values()):
        raise NoRowsError(f"data sets {', '.join(map(str, columns))}")
    lists = {name: [*column] for name, column in columns.items() if _is_column(column)}
    if len(lists) < len(columns) or len({len(values) for values in lists.values()}) > 1:
        raise NoRowsError(f"{kind_of(columns)} that does not hold columns of one length")
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _is_column(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _arrow_table(rows: Any) -> Any:
    """The Arrow table of a data frame that says how to be read; `None` of anything else."""
    if hasattr(rows, "__arrow_c_stream__"):
        import pyarrow as pa

        return pa.table(rows)
    if hasattr(rows, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return from_dataframe(rows)
    return None


def _with_names(rows: Iterable[Any], features: Mapping[str, Any]) -> Iterator[Record]:
    named = {name: feature for name, feature in features.items() if hasattr(feature, "int2str")}
    for row in rows:
        value = dict(row)
        for name, feature in named.items():
            if isinstance(value.get(name), Integral):
                value[name] = feature.int2str(int(value[name]))
        yield value


def text_of(name: str, value: object) -> str | None:
    """A field of a row as text, or `None` where it is none.

    An id may be a whole number: `pandas.read_json` makes numbers of ids.
    """
    if isinstance(value, str):
        return str(value)
    if name != "id" or isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return str(int(value))
    # A column of numbers where one is missing.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else None
