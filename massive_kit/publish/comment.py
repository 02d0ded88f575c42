"""The comment on a pull request: the scores of a new system next to those of the best ones."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.breakdown.replicate_comparison import (
    load_replicates,
    paired_differences,
    plain_difference,
)
from massive_kit.publish.board_model import newest
from massive_kit.publish.entries import Entry, estimate_of, merit
from massive_kit.schema.metrics import (
    AVERAGE_INFO,
    AVERAGES,
    DEFAULT_AVERAGE,
    DEFAULT_METRIC,
    MAIN_METRICS,
    METRIC_INFO,
    Metric,
)
from massive_kit.schema.scores import Estimate

_BEST = 3
DASH = "\u2013"
_MARKS = frozenset("\\`*_{}[]()<>#|!@~&:")


def comment(entry: Entry, others: Sequence[Entry]) -> str:
    """Markdown: its scores, and the difference to the best systems of the same task and setting.

    Args:
        entry: The new entry.
        others: All results of the tree. As on the board, a system stands with its newest version,
            and no version of the entry's own system stands against it.
    """
    manifest, scores = entry.manifest, entry.scores
    lines = [
        f"### {_plain(manifest.title)}, {_plain(manifest.version)} ({_plain(manifest.team)})",
        "",
        f"Task `{scores.task}`, {scores.setting}; percent, with 95 % intervals.",
        "",
        *_heading("average"),
    ]
    for average in AVERAGES:
        averaged = scores.averages.get(average)
        if averaged is not None:
            cells = [_estimate(estimate_of(averaged, metric)) for metric in MAIN_METRICS]
            lines.append(f"| {AVERAGE_INFO[average].title} | {' | '.join(cells)} |")
    lines += ["", *_differences(entry, others), "", f"`{scores.signature}`"]
    return "\n".join(lines) + "\n"


def _heading(first: str) -> list[str]:
    titles = " | ".join(METRIC_INFO[metric].title for metric in MAIN_METRICS)
    return [f"| {first} | {titles} |", f"| --- |{' ---: |' * len(MAIN_METRICS)}"]


def _differences(entry: Entry, others: Sequence[Entry]) -> list[str]:
    system = entry.manifest.system
    rivals = newest(
        [
            other
            for other in others
            if other.manifest.system != system and _contest(other) == _contest(entry)
        ]
    )
    rivals.sort(key=lambda rival: (-_merit(rival), rival.manifest.system, rival.manifest.version))
    if not rivals:
        return ["It is the first system on this task and setting."]
    place = 1 + sum(_merit(rival) > _merit(entry) for rival in rivals)
    metric = METRIC_INFO[DEFAULT_METRIC].title
    standing = f"By {metric} (pooled) it would stand at place {place} of {len(rivals) + 1}."
    lines = [f"{standing} Difference to the best systems, pooled:", "", *_heading("system")]
    for rival in rivals[:_BEST]:
        name = f"{_plain(rival.manifest.title)} {_plain(rival.manifest.version)}"
        lines.append(f"| {name} | {' | '.join(_gaps(rival, entry))} |")
    return lines


def _contest(entry: Entry) -> tuple[str, str, str | None]:
    """Whom an entry is ranked with: those of its task, setting and part of the test set."""
    return entry.scores.task, entry.setting, entry.scores.data.subset


def _gaps(rival: Entry, entry: Entry) -> list[str]:
    first = load_replicates(rival.stats) if rival.stats else None
    second = load_replicates(entry.stats) if entry.stats else None
    if first is None or second is None or not first.comparable(second):
        plain = [plain_difference(_pooled(rival, m), _pooled(entry, m)) for m in MAIN_METRICS]
        return [DASH if gap is None else f"{100 * gap.value:+.1f}" for gap in plain]
    key = f"average:{DEFAULT_AVERAGE}"
    tests = {test.metric: test for test in paired_differences(first, second, [key])}
    cells = []
    for test in (tests.get(metric) for metric in MAIN_METRICS):
        if test is None:
            cells.append(DASH)
            continue
        mark = "**" if test.significant else ""
        span = f"[{100 * test.low:+.1f}, {100 * test.high:+.1f}]"
        cells.append(f"{mark}{100 * test.difference:+.1f}{mark} {span}")
    return cells


def _merit(entry: Entry) -> float:
    return merit(estimate_of(entry.average(DEFAULT_AVERAGE), DEFAULT_METRIC), DEFAULT_METRIC)


def _pooled(entry: Entry, metric: Metric) -> Estimate | None:
    return estimate_of(entry.average(DEFAULT_AVERAGE), metric)


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return DASH
    text = f"{100 * estimate.value:.1f}"
    if estimate.low is not None and estimate.high is not None:
        text += f" [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
    return text


def _plain(text: str) -> str:
    # A title comes from outside: no mention, link, image or table cell may come of it.
    return "".join(f"&#{ord(c)};" if c in _MARKS else c if c.isprintable() else " " for c in text)
