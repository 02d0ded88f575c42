"""Systems of all settings side by side by what they had seen of the languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from massive_kit.counted import counted
from massive_kit.publish import cells, declared, paths, seen_parts, shared_columns
from massive_kit.publish.board_model import BoardModel, part_of_test
from massive_kit.publish.entries import Entry
from massive_kit.publish.mean_choice import mean_links
from massive_kit.publish.page import Page
from massive_kit.publish.seen_parts import SeenMeans, SeenPart
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_text

# So many languages are named; of more, their number is.
_NAMED = 3


def pages(model: BoardModel) -> Iterator[Page]:
    """One page, if any manifest says which languages were seen."""
    if not seen_parts.declares(model):
        return
    parties = seen_parts.systems_alike(model)
    yield Page(
        seen_parts.PATH,
        "seen.html",
        seen_parts.TITLE.capitalize(),
        "averages",
        tuple(seen_table(model, party, f"data-{i}") for i, party in enumerate(parties, 1)),
        {"means": mean_links(model), "metric": cells.in_sentence(model.board.metric)},
    )


def seen_table(model: BoardModel, party: Sequence[SeenMeans], name: str) -> BoardTable:
    """The systems that were scored on the same data."""
    root = paths.root_of(seen_parts.PATH)
    shown = [means for means in party if means.known]
    told = declared.anyone_tells([means.entry for means in shown])
    columns = [
        shared_columns.SYSTEM,
        BoardColumn("setting", "Setting", "text", ("setting",)),
        BoardColumn("labels", "Labels of", "text", ("label_languages",)),
        *_columns("learnt", "Labels learnt", "Languages whose labels it learnt"),
        *_columns("not-learnt", "Not learnt", "Languages whose labels it did not learn"),
    ]
    if told:
        columns += [
            *_columns("seen", "Text seen", "Languages that its pre-trained model had seen"),
            *_columns("not-seen", "Not seen", "Languages that its pre-trained model had not seen"),
        ]
    rows = []
    for means in shown:
        entry = means.entry
        line = [
            shared_columns.system(model, entry, root),
            cells.text(entry.setting),
            _labels(model, entry),
            *_cells(means.labels),
            *(_cells(means.text) if told else []),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    many = len(rows) > shared_columns.FEW
    notes = ["n: languages in the mean. Compare a column where n and the languages are the same."]
    if silent := len(party) - len(shown):
        notes.append(f"Without such means: {counted(silent, 'system')} that do not say.")
    title = _data(shown[0].entry)
    return BoardTable(
        name,
        f"{title}: {counted(len(rows), 'system')}, {cells.in_sentence(model.board.metric)}, means"
        " over languages in percent with 95 % intervals",
        columns,
        rows,
        notes=notes,
        filters=filters_of(rows, shared_columns.FACETS) if many else [],
        css="systems wide",
        search=many,
        title=title,
    )


def _data(entry: Entry) -> str:
    scores = entry.scores
    named = dict.fromkeys((scores.data.name, scores.data.version, scores.data.partition))
    parts = [" ".join(safe_text(name) for name in named if name)]
    if scores.data.subset:
        parts.append(part_of_test(scores.data.subset))
    if scores.scheme != "runs":
        parts.append(scores.scheme)
    if scores.compat:
        parts.append(f"compat {scores.compat}")
    if entry.published:
        parts.append("published, original scorer")
    return ", ".join(parts)


def _columns(key: str, title: str, hint: str) -> list[BoardColumn]:
    name = key.replace("-", "_")
    fields = (name, f"{name}_low", f"{name}_high")
    return [
        BoardColumn(key, title, "number", fields, hint=hint, first="descending"),
        BoardColumn(f"{key}-n", "n", "number", (f"{name}_n",), hint=hint, first="descending"),
    ]


def _cells(parts: Sequence[SeenPart]) -> list[BoardCell]:
    return [
        cell
        for part in parts
        for cell in (cells.estimate(part.score), cells.number(part.languages))
    ]


def _labels(model: BoardModel, entry: Entry) -> BoardCell:
    languages = declared.learnt_languages(entry)
    if languages is None:
        return cells.text(None)
    known = {*model.locales}
    names = [model.language(tag).name if tag in known else tag for tag in languages]
    few = ", ".join(names) if len(names) <= _NAMED else counted(len(names), "language")
    return replace(cells.text(few or "none"), data=(", ".join(languages),))
