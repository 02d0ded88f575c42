"""`results.json` of a site: every result in one file, for programs."""

from __future__ import annotations

from massive_kit.files import jsonio
from massive_kit.publish import paths, release
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.text import safe_text
from massive_kit.schema import published
from massive_kit.schema.board_results import BoardRank, BoardResult, BoardResults
from massive_kit.version import __version__

RESULTS = "results.json"
SCHEMA = published.file_name("results")


def results_files(model: BoardModel) -> dict[str, str | bytes]:
    """All results, and beside them the schema that says what each field means."""
    return {
        RESULTS: results_json(model),
        SCHEMA: jsonio.dumps(published.json_schemas()[SCHEMA]) + "\n",
    }


def results_json(model: BoardModel) -> str:
    """Every version of every system, as JSON, a result a line."""
    head = BoardResults(
        board=safe_text(model.board.title),
        version=model.board.version,
        date=release.date(model),
        url=release.url(model),
        made_with=__version__,
        metric=model.board.metric,
        average=model.board.average,
        results=[],
    ).model_dump_json()
    # One result after the other: as objects, all of a large board would take ten times the memory.
    lines = ",\n".join(_result(model, entry).model_dump_json() for entry in model.versions)
    return f"{head.removesuffix(']}')}\n{lines}\n]}}\n"


def _result(model: BoardModel, entry: Entry) -> BoardResult:
    manifest, scores, stem = entry.manifest, entry.scores, paths.stem(entry.page)
    ranked, standing = model.standings.get(entry.key, (None, None))
    rank = None
    if standing is not None and standing.scored:
        rank = BoardRank(place=standing.place, best=standing.low, worst=standing.high)
    # Everything here was checked when it was read.
    return BoardResult.model_construct(
        system=manifest.system,
        version=manifest.version,
        title=safe_text(manifest.title),
        team=safe_text(manifest.team),
        task=safe_text(scores.task),
        setting=entry.setting,
        subset=scores.data.subset,
        date=manifest.date,
        section=ranked.section.id if ranked else None,
        rank=rank,
        signature=safe_text(scores.signature),
        page=entry.page,
        scores=f"{stem}.scores.json",
        manifest=f"{stem}.manifest.yaml",
        averaged=[safe_text(locale) for locale in scores.averaged],
        averages=scores.averages,
        means=ranked.means_of(entry).scores if ranked else {},
        locales={safe_text(locale): value for locale, value in scores.locales.items()},
    )
