"""`sweep.csv` as a figure reads it: curves over the number of labelled utterances."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import ConfigError, MissingDataError, Problem

SHOTS = "data.per_intent"
ALL = "all"
# Keys of a run come before these columns, metrics after them.
_AFTER_KEYS = ("seed", "run", "seconds", "locale")
_MOST_BYTES = 50_000_000
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class LadderRuns:
    """The runs of one curve.

    Attributes:
        series: What they have in common beside the language, such as `optimiser.lr=1e-4`, or "".
        locale: The language, or `pooled`.
        scores: By number of utterances of each intent, the score of each run; -1 is all of them.
    """

    series: str
    locale: str
    scores: Mapping[int, Sequence[float]]


def read_ladder(path: Path, metric: str) -> list[LadderRuns]:
    """The curves of a file, in its order.

    Args:
        path: The file.
        metric: The column of the score, in 0..1 there.

    Raises:
        MissingDataError: There is no such file.
        ConfigError: It is no `sweep.csv` over `data.per_intent`, or lacks the metric.
    """
    rows, keys = _rows(path, metric)
    others = [key for key in keys if key != SHOTS and _varies(rows, key)]
    scores: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    problems = []
    for line, row in enumerate(rows, 2):
        if not row[metric]:
            continue
        if not (row[SHOTS] == ALL or _COUNT.fullmatch(row[SHOTS])) or not _is_score(row[metric]):
            shown = f"{SHOTS} {row[SHOTS][:20]!r}, {metric} {row[metric][:20]!r}"
            problems.append(Problem(str(path), shown, "a count or all, a score", line=line))
            continue
        shots = -1 if row[SHOTS] == ALL else int(row[SHOTS])
        series = ", ".join(f"{key}={row[key]}" for key in others)
        scores[series, row["locale"]][shots].append(float(row[metric]))
    if problems:
        raise ConfigError(f"{path} is not a sweep.csv", problems)
    return [LadderRuns(series, locale, dict(of)) for (series, locale), of in scores.items()]


def _rows(path: Path, metric: str) -> tuple[list[dict[str, str]], list[str]]:
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file; `massive-kit sweep` writes sweep.csv")
    if path.stat().st_size > _MOST_BYTES:
        problem = Problem(str(path), f"{path.stat().st_size:,} bytes", f"{_MOST_BYTES:,} at most")
        raise ConfigError(f"{path} is too large for a sweep.csv", [problem])
    try:
        reader = csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""), strict=True)
        header = [*(reader.fieldnames or ())]
        needed = [SHOTS, "locale", metric]
        lacking = [name for name in needed if name not in header]
        if lacking:
            held = f"columns {', '.join(header)[:200]}"
            problem = Problem(str(path), held, f"also {', '.join(lacking)}", line=1)
            raise ConfigError(f"{path} is not a sweep.csv over {SHOTS}", [problem])
        rows = [*reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} is not a sweep.csv", [Problem(str(path), str(error))]) from None
    short = [
        Problem(str(path), "a different number of cells", f"{len(header)}", line=line)
        for line, row in enumerate(rows, 2)
        if None in row or None in row.values()
    ]
    if short or not rows:
        raise ConfigError(f"{path} has no rows, or broken ones", short)
    end = min(header.index(name) for name in _AFTER_KEYS if name in header)
    return rows, header[:end]


def _is_score(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _varies(rows: Sequence[Mapping[str, str]], key: str) -> bool:
    """Whether a key differs among runs with as many utterances; else it goes with their number."""
    values: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        values[row[SHOTS]].add(row[key])
    return any(len(of) > 1 for of in values.values())
