"""The systems that a figure shows: their scores, which have to be of the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.breakdown.figures.lettering import can_be_set, lettering
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.counted import counted
from massive_kit.errors import ContentError, Problem, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.scores import Estimate, Scores


@dataclass(frozen=True, slots=True)
class FigureSystem:
    """A system in a figure.

    Attributes:
        name: What it is called there.
        scores: Its scores.
    """

    name: str
    scores: Scores

    def estimate(self, locale: str, metric: str) -> Estimate | None:
        """A locale's score, if it has that one."""
        return self.scores.locales[locale].estimates().get(metric)

    def group(self, by: str, name: str, locales: Sequence[str], metric: str) -> Estimate | None:
        """The mean over a group, with its interval where the evaluation kept one."""
        kept = self.scores.groups.get(by, {}).get(name)
        if kept is not None and set(kept.locales) == {*locales}:
            return kept.estimates().get(metric)
        values = [self.estimate(locale, metric) for locale in locales]
        known = [value.value for value in values if value is not None]
        return Estimate(value=sum(known) / len(known)) if known else None


def open_systems(
    paths: Sequence[Path], names: Sequence[str], languages: Path | None, metric: str
) -> list[FigureSystem]:
    """The systems in folders written by `eval --out`.

    Args:
        paths: The folders.
        names: What they are called; by their folders where there are none.
        languages: A user's language table.
        metric: The score that is shown.

    Raises:
        UsageError: There are not as many names as folders, or no such score.
        ContentError: They are not scored on the same rows, counted alike.
    """
    if names and len(names) != len(paths):
        named = f"{counted(len(names), 'name')} for {counted(len(paths), 'folder')}"
        raise UsageError(f"{named}; give --name once for each")
    scores = [SavedEvaluation.open(path, languages).scores for path in paths]
    problems = [
        problem
        for path, other in zip(paths[1:], scores[1:], strict=True)
        for problem in _unlike(paths[0], scores[0], path, other)
    ]
    if problems:
        raise ContentError("these scores cannot stand in one figure", problems)
    known = {name for each in scores for of in each.locales.values() for name in of.estimates()}
    if metric not in known:
        raise UsageError(f"no score {metric!r}; there are {', '.join(sorted(known))}")
    called = names or _folder_names(paths)
    return [FigureSystem(name, each) for name, each in zip(called, scores, strict=True)]


def metric_title(metric: str) -> str:
    """A metric with a capital letter, in percent."""
    info = METRIC_INFO.get(metric)
    return lettering(f"{info.heading if info else metric.replace('_', ' ').capitalize()}, %")


def language_names(locales: Sequence[str], languages: LanguageTable) -> dict[str, str]:
    """English names, with the locale where two share one, as they can be set.

    A locale stands for a name in letters that the font lacks.
    """
    names = {locale: languages[locale].name for locale in locales}
    names = {locale: name if can_be_set(name) else locale for locale, name in names.items()}
    times = Counter(names.values())
    return {
        locale: lettering(f"{name} ({locale})" if times[name] > 1 and name != locale else name)
        for locale, name in names.items()
    }


def _folder_names(paths: Sequence[Path]) -> list[str]:
    """The last part of each path that is not the same in all."""
    folders = [(path if path.is_dir() else path.parent).resolve() for path in paths]
    while len(folders) > 1 and len({folder.name for folder in folders}) == 1 and folders[0].name:
        folders = [folder.parent for folder in folders]
    names = [folder.name for folder in folders]
    return names if len({*names}) == len(names) else [str(path) for path in paths]


def _unlike(first: Path, expected: Scores, path: Path, scores: Scores) -> list[Problem]:
    """What can change a score, and differs."""
    facts, wanted = _facts(scores), _facts(expected)
    return [
        Problem(str(path), f"{name} {facts[name]}", f"{fact}, as {first}")
        for name, fact in wanted.items()
        if facts[name] != fact
    ]


def _facts(scores: Scores) -> dict[str, str]:
    subset = f", subset {scores.data.subset}" if scores.data.subset else ""
    return {
        "split": f"{scores.data.partition}{subset}",
        "data hash": scores.data.hash,
        "compat": scores.compat or "no",
        "span scheme": scores.scheme,
        "locales": " ".join(sorted(scores.locales)),
        "averages over": " ".join(sorted(scores.averaged)),
    }
