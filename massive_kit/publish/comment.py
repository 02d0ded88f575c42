"""What is said under a pull request: the scores of a new system beside the best ones."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.breakdown.replicate_comparison import load_replicates, paired_differences
from massive_kit.publish.results import Result
from massive_kit.schema.metrics import (
    AVERAGE_INFO,
    AVERAGES,
    DEFAULT_METRIC,
    MAIN_METRICS,
    METRIC_INFO,
)
from massive_kit.schema.scores import Estimate

_BEST = 3
_MARKS = frozenset("\\`*_{}[]()<>#|!@~&:")


def comment(result: Result, others: Sequence[Result]) -> str:
    """Markdown: its scores, and the difference to the best systems of the same task and setting."""
    manifest = result.manifest
    lines = [
        f"### {_plain(manifest.title)}, {_plain(manifest.version)} ({_plain(manifest.team)})",
        "",
        f"Task `{result.scores.task}`, {result.scores.setting}; percent, with 95 % intervals.",
        "",
        f"| average | {' | '.join(METRIC_INFO[m].title for m in MAIN_METRICS)} |",
        f"| --- |{' ---: |' * len(MAIN_METRICS)}",
    ]
    for average in AVERAGES:
        own = result.scores.averages.get(average)
        if own is not None:
            cells = [_estimate(getattr(own, metric)) for metric in MAIN_METRICS]
            lines.append(f"| {AVERAGE_INFO[average].title} | {' | '.join(cells)} |")
    lines += ["", *_differences(result, others), "", f"`{result.scores.signature}`"]
    return "\n".join(lines) + "\n"


def _differences(result: Result, others: Sequence[Result]) -> list[str]:
    rivals = [
        other
        for other in others
        if other.folder != result.folder
        and (other.scores.task, other.scores.setting) == (result.scores.task, result.scores.setting)
    ]
    rivals.sort(key=lambda r: (-_pooled(r, DEFAULT_METRIC), r.manifest.system, r.manifest.version))
    if not rivals:
        return ["It is the first system on this task and setting."]
    place = 1 + sum(_pooled(r, DEFAULT_METRIC) > _pooled(result, DEFAULT_METRIC) for r in rivals)
    metric = METRIC_INFO[DEFAULT_METRIC].title
    standing = f"By {metric} (pooled) it would stand at place {place} of {len(rivals) + 1}."
    lines = [
        f"{standing} Difference to the best systems, pooled:",
        "",
        f"| system | {' | '.join(METRIC_INFO[m].title for m in MAIN_METRICS)} |",
        f"| --- |{' ---: |' * len(MAIN_METRICS)}",
    ]
    for rival in rivals[:_BEST]:
        name = f"{_plain(rival.manifest.title)} {_plain(rival.manifest.version)}"
        lines.append(f"| {name} | {' | '.join(_gaps(rival, result))} |")
    return lines


def _gaps(rival: Result, result: Result) -> list[str]:
    first = load_replicates(rival.stats) if rival.stats else None
    second = load_replicates(result.stats) if result.stats else None
    if first is None or second is None or not first.comparable(second):
        return [f"{100 * (_pooled(result, m) - _pooled(rival, m)):+.1f}" for m in MAIN_METRICS]
    found = {d.metric: d for d in paired_differences(first, second, ["average:pooled"])}
    cells = []
    for metric in MAIN_METRICS:
        one = found[metric]
        mark = "**" if one.significant else ""
        span = f"[{100 * one.low:+.1f}, {100 * one.high:+.1f}]"
        cells.append(f"{mark}{100 * one.difference:+.1f}{mark} {span}")
    return cells


def _pooled(result: Result, metric: str) -> float:
    value: float = getattr(result.scores.averages["pooled"], metric).value
    return value


def _estimate(estimate: Estimate) -> str:
    text = f"{100 * estimate.value:.1f}"
    if estimate.low is not None and estimate.high is not None:
        text += f" [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
    return text


def _plain(text: str) -> str:
    # A title comes from outside: no mention, link, image or table cell may come of it.
    return "".join(f"&#{ord(c)};" if c in _MARKS else c if c.isprintable() else " " for c in text)
