"""Forecasts beside the results: shown apart from scores, and in no mean and no rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from massive_kit.errors import Problem, SubmissionError
from massive_kit.publish.entries import Entry
from massive_kit.schema.board_forecasts import BoardForecasts

FOLDER = "forecasts"
_MAX_BYTES = 4 << 20


def load_forecasts(root: Path, entries: Sequence[Entry], metric: str) -> dict[str, BoardForecasts]:
    """The forecasts of a leaderboard folder, `forecasts/<system>/<version>.json`, by key.

    Those of another metric than the board's are left out, and of each file the languages that were
    measured after all.

    Args:
        root: The leaderboard's folder.
        entries: All versions of all systems.
        metric: The metric that ranks.

    Raises:
        SubmissionError: Some are wrong; every mistake is listed.
    """
    problems: list[Problem] = []
    known = {f"{entry.manifest.system}/{entry.manifest.version}.json": entry for entry in entries}
    forecasts = {}
    for path in sorted((root / FOLDER).glob("*/*")):
        name = path.relative_to(root / FOLDER).as_posix()
        entry = known.get(name)
        if entry is None:
            todo = "name it <system>/<version>.json"
            problems.append(Problem(str(path), "no such result", "one of the results tree", todo))
            continue
        made = _read(path, problems)
        if made is None:
            continue
        if made.signature != entry.scores.signature:
            todo = "forecast again: massive-kit forecast RESULT --board FILE"
            problems.append(
                Problem(str(path), "made from other scores", "those of the result", todo)
            )
        elif made.metric == metric:
            unmeasured = {
                locale: forecast
                for locale, forecast in made.languages.items()
                if locale not in entry.scores.locales
            }
            forecasts[entry.key] = made.model_copy(update={"languages": unmeasured})
    if problems:
        raise SubmissionError(f"{root / FOLDER} holds wrong forecasts", problems)
    return forecasts


def _read(path: Path, problems: list[Problem]) -> BoardForecasts | None:
    if path.stat().st_size > _MAX_BYTES:
        found = f"{path.stat().st_size:,} bytes"
        problems.append(Problem(str(path), found, f"at most {_MAX_BYTES:,}"))
        return None
    try:
        return BoardForecasts.model_validate(orjson.loads(path.read_bytes()))
    except orjson.JSONDecodeError as error:
        problems.append(Problem(str(path), f"not JSON: {error}"))
    except ValidationError as error:
        problems.extend(
            Problem(str(path), ".".join(map(str, item["loc"])) or "the file", item["msg"])
            for item in error.errors()
        )
    return None
