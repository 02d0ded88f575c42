"""Why a language was chosen, in words."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.choosing import Choice
from massive_kit.analysis.coverage.forecast_widths import ForecastWidths
from massive_kit.languages.world.table import WorldLanguage

_NAMED = 3
_MILLION = 1_000_000


def reasons(
    choices: Sequence[Choice], benchmark: Benchmark, forecast: ForecastWidths | None = None
) -> list[str]:
    """A sentence for each choice; "first" means beside the benchmark and the choices before."""
    groups = {by: {*benchmark.covers(by)} for by in ("area", "family", "genus", "script")}
    sentences = []
    for choice in choices:
        language = choice.language
        parts = [_first(language, groups), _nearest(choice), _nearer(choice)]
        parts.append(forecast.words(language.code) if forecast else "")
        sentences.append("; ".join(part for part in parts if part))
        for by, names in groups.items():
            names.add(language.group(by))
    return sentences


def users(count: int) -> str:
    """A number of users as people read it."""
    if count >= _MILLION:
        return f"{count / _MILLION:,.1f} million"
    return f"{count:,}"


def _first(language: WorldLanguage, groups: dict[str, set[str]]) -> str:
    area = f"in {language.area}" if language.area not in groups["area"] else ""
    script = f"in the script {language.script}" if language.script not in groups["script"] else ""
    kin = ""
    if language.family and language.family not in groups["family"]:
        kin = f"of the family {language.family}"
    elif language.genus and language.genus not in groups["genus"]:
        kin = f"of {language.genus} ({language.family})"
    named = " and ".join(part for part in (area, kin, script if language.script else "") if part)
    return f"the first {named}" if named else f"one more of {language.genus or 'no family'}"


def _nearest(choice: Choice) -> str:
    other, language = choice.nearest, choice.language
    if other is None:
        return ""
    if language.genus and (language.family, language.genus) == (other.family, other.genus):
        kin = "same genus"
    elif language.family and language.family == other.family:
        kin = "same family"
    else:
        kin = "other family"
    script = "same script" if language.script == other.script else f"script {other.script}"
    return f"nearest is {other.name} ({kin}, {script}, {choice.kilometres:,.0f} km)"


def _nearer(choice: Choice) -> str:
    if not choice.nearer:
        return ""
    names = ", ".join(language.name for language in choice.nearer[:_NAMED])
    more = "such as " if len(choice.nearer) > _NAMED else ""
    many = "language" if len(choice.nearer) == 1 else "languages"
    return (
        f"nearer to {len(choice.nearer)} other {many} with {users(choice.nearer_speakers)} users,"
        f" {more}{names}"
    )
