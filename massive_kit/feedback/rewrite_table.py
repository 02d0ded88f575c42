"""The table of rewrites: one tab-separated line each, sorted, with all of its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import get_args

from massive_kit.errors import NotationError
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.mistakes import Mistakes
from massive_kit.feedback.rewrites import Evidence, Rewrite, State
from massive_kit.files.atomic import atomic_file
from massive_kit.files.bounded_lines import bounded_lines
from massive_kit.languages import LanguageTable

HEAD = (
    "locale",
    "state",
    "from",
    "to",
    "turns",
    "successes",
    "ended",
    "of",
    "chain",
    "share",
    "share_low",
    "led_low",
    "reached",
    "reached_low",
    "target_turns",
    "target_successes",
    "target_low",
    "live_successes",
    "live_failures",
    "reason",
)
# What older tables lack, of a time when episodes that reached the target were not counted.
_NEW = ("reached", "reached_low")
_OLD_HEAD = tuple(name for name in HEAD if name not in _NEW)
_STATES: tuple[State, ...] = get_args(State)
_REAL = {"chain", "share", "share_low", "led_low", "reached_low", "target_low"}
_NUMBERS = HEAD[HEAD.index("turns") : HEAD.index("reason")]
# What is a part of what.
_PARTS = (
    ("successes", "turns"),
    ("target_successes", "target_turns"),
    ("ended", "of"),
    ("ended", "reached"),
)
_LARGEST = 10**15
_SHOWN = 60


def table_text(rewrites: Iterable[Rewrite]) -> str:
    """The table as text."""
    lines = ["\t".join(HEAD)]
    ordered = sorted(rewrites, key=lambda rewrite: (rewrite.locale, str(rewrite.source)))
    for rewrite in ordered:
        numbers = (
            *astuple(rewrite.evidence),
            rewrite.live_successes,
            rewrite.live_failures,
        )
        cells = (
            rewrite.locale,
            rewrite.state,
            str(rewrite.source),
            str(rewrite.target),
            *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in numbers),
            rewrite.reason,
        )
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def write_table(path: Path, rewrites: Iterable[Rewrite]) -> None:
    """Writes the table, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as stream:
        stream.write(table_text(rewrites).encode())


def read_table(path: Path, languages: LanguageTable) -> list[Rewrite]:
    """The rewrites of a table.

    Raises:
        MissingDataError: It is not there.
        DataError: It is wrong; every mistake is told.
    """
    mistakes = Mistakes()
    rewrites: list[Rewrite] = []
    lines: dict[tuple[str, Interpretation], int] = {}
    head: tuple[str, ...] = ()
    for line in bounded_lines(path):
        cells = (line.text or "").split("\t")
        if line.number == 1:
            head = tuple(cells)
            if head not in (HEAD, _OLD_HEAD):
                mistakes.add(
                    str(path),
                    1,
                    f"the columns {line.text!r}"[:_SHOWN],
                    ", ".join(HEAD),
                    "`massive-kit feedback mine` writes such a table",
                )
                break
            continue
        rewrite = _read(head, cells, languages)
        if isinstance(rewrite, str):
            mistakes.add(str(path), line.number, rewrite)
            continue
        key = (rewrite.locale, rewrite.source)
        if key in lines:
            found = f"{rewrite.locale} {rewrite.source} again"[:_SHOWN]
            mistakes.add(str(path), line.number, found, f"once; it is in line {lines[key]}, too")
        lines.setdefault(key, line.number)
        rewrites.append(rewrite)
    if not head and not mistakes.total:
        mistakes.add(str(path), 1, "no line", "a table of rewrites")
    mistakes.raise_if_any(f"{path} is not a table of rewrites")
    return rewrites


def _read(head: Sequence[str], cells: Sequence[str], languages: LanguageTable) -> Rewrite | str:
    """The rewrite of a line, or what is wrong with it."""
    if len(cells) != len(head):
        return f"{len(cells)} cells instead of {len(head)}"
    row = dict(zip(head, cells, strict=True))
    if "reached" not in row:
        row |= {"reached": row["ended"], "reached_low": "0"}
    match = languages.match(row["locale"])
    if not match.known:
        return f"the locale {row['locale'][:_SHOWN]!r}; {match.hint or 'it is not known'}"
    state = next((state for state in _STATES if state == row["state"]), None)
    if state is None:
        return f"the state {row['state'][:_SHOWN]!r} is not one of {', '.join(_STATES)}"
    try:
        source, target = (Interpretation.parsed(row[name]) for name in ("from", "to"))
    except NotationError as error:
        return f"from or to: {error}"
    if source == target:
        return "from and to are the same"
    numbers = _numbers(row)
    if isinstance(numbers, str):
        return numbers
    evidence = Evidence(
        turns=int(numbers["turns"]),
        successes=int(numbers["successes"]),
        ended=int(numbers["ended"]),
        of=int(numbers["of"]),
        chain=numbers["chain"],
        share=numbers["share"],
        share_low=numbers["share_low"],
        led_low=numbers["led_low"],
        reached=int(numbers["reached"]),
        reached_low=numbers["reached_low"],
        target_turns=int(numbers["target_turns"]),
        target_successes=int(numbers["target_successes"]),
        target_low=numbers["target_low"],
    )
    return Rewrite(
        match.locale,
        source,
        target,
        evidence,
        int(numbers["live_successes"]),
        int(numbers["live_failures"]),
        state,
        row["reason"],
    )


def _numbers(row: Mapping[str, str]) -> dict[str, float] | str:
    """The numbers of a line, or what is wrong with them."""
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        number = _number(row[name], real=name in _REAL)
        if number is None:
            return f"{name} {row[name][:_SHOWN]!r} is no {'share' if name in _REAL else 'count'}"
        numbers[name] = number
    for part, whole in _PARTS:
        if numbers[part] > numbers[whole]:
            return f"{part} {row[part]} of {whole} {row[whole]}"
    return numbers


def _number(text: str, *, real: bool) -> float | None:
    try:
        value = float(text) if real else int(text)
    except ValueError:
        return None
    return value if 0 <= value <= (1 if real else _LARGEST) else None
