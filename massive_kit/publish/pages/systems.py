"""A page for each version of each system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from markupsafe import Markup

from massive_kit.publish import cells, citation, declared, paths, svg
from massive_kit.publish.asked_facts import asked_facts
from massive_kit.publish.board_model import BoardModel, part_of_test
from massive_kit.publish.entries import Entry
from massive_kit.publish.forecast_tables import system_forecasts_table
from massive_kit.publish.page import Page
from massive_kit.publish.pairs import pairs
from massive_kit.publish.system_tables import (
    averages_table,
    groups_table,
    labels_table,
    locales_table,
    seen_table,
    slot_methods_table,
)
from massive_kit.publish.text import safe_link, safe_text
from massive_kit.schema.manifest import TrainingData

Fact = tuple[str, Markup]
_YES_OR_NO = {True: "yes", False: "no", None: "not given"}


def makers(model: BoardModel) -> Iterator[Callable[[], Page]]:
    """Each version, older ones too."""
    for entry in model.versions:
        yield partial(system_page, model, entry)


def system_page(model: BoardModel, entry: Entry) -> Page:
    """Everything about one version of a system."""
    root = paths.root_of(entry.page)
    tables = [averages_table(model, entry), locales_table(model, entry, root)]
    if (forecasts := system_forecasts_table(model, entry, root)) is not None:
        tables.append(forecasts)
    tables += [
        table
        for by in model.board.groupings
        if (table := groups_table(model, entry, by, root)) is not None
    ]
    for view in (seen_table(model, entry), slot_methods_table(model, entry)):
        if view is not None:
            tables.append(view)
    if entry.scores.intents:
        tables.append(labels_table("intents", "Intent", entry.scores.intents))
    if entry.scores.slots:
        tables.append(labels_table("slots", "Slot", entry.scores.slots))
    stem = paths.stem(entry.page)
    bibtex = citation.bibtex(entry, model.base_url)
    ranked, standing = model.standings.get(entry.key, (None, None))
    return Page(
        entry.page,
        "system.html",
        safe_text(entry.manifest.title),
        "index",
        tuple(tables),
        {
            "entry": entry,
            "facts": facts(entry),
            "badges": declared.badges(entry),
            "links": links(entry),
            "section": ranked.section if ranked else None,
            "standing": standing,
            "newest": newest(model, entry),
            "others": [
                other for other in model.versions_of[entry.manifest.system] if other is not entry
            ],
            "pairs": [
                (pair.page, (pair.second if pair.first is entry else pair.first).manifest)
                for pair in pairs(model)
                if entry.key in (pair.first.key, pair.second.key)
            ],
            "bibtex": bibtex,
        },
        {
            f"{stem}.manifest.yaml": (entry.folder / "manifest.yaml").read_bytes(),
            f"{stem}.scores.json": (entry.folder / "scores.json").read_bytes(),
            f"{stem}.bib": bibtex,
            f"{stem}.svg": svg.badge(*badge(model, entry)),
        },
    )


def badge(model: BoardModel, entry: Entry) -> tuple[str, str]:
    """What the badge of a system says: the section, its score with interval, and its place."""
    ranked, standing = model.standings.get(entry.key, (None, None))
    name = ranked.section.title if ranked else entry.scores.task
    score = entry.headline(model.board)
    metric = cells.in_sentence(model.board.metric)
    value = "no score"
    if score:
        value = f"{metric} {cells.percent(score.value)}"
        if score.low is not None and score.high is not None:
            value += f" ({cells.percent(score.low)}{cells.DASH}{cells.percent(score.high)})"
    place = f", place {standing.place}" if standing and standing.scored else ""
    return f"{model.board.title} \u00b7 {name}", value + place


def newest(model: BoardModel, entry: Entry) -> Entry | None:
    """The version that the board shows, if it is another one."""
    if entry.key in model.standings:
        return None
    for ranked in model.sections:
        for other in ranked.entries:
            if other.manifest.system == entry.manifest.system:
                return other
    return None


def links(entry: Entry) -> list[tuple[str, str | None, str]]:
    """The links of a manifest: what, address if it is safe to follow, address as text."""
    manifest = entry.manifest
    urls = {"Paper": manifest.paper, "Code": manifest.code, "Weights": manifest.weights}
    return [(name, safe_link(url), safe_text(url)) for name, url in urls.items() if url]


def facts(entry: Entry) -> list[Fact]:
    """What a manifest and the scores say of themselves."""
    manifest, scores = entry.manifest, entry.scores
    named = dict.fromkeys((scores.data.name, scores.data.version))
    data = f"{' '.join(named)}, {scores.data.partition}"
    if scores.data.subset:
        data += f", {part_of_test(scores.data.subset)} ({scores.data.subset})"
    plain = [
        ("Team", manifest.team),
        ("Version", manifest.version),
        ("Date", manifest.date.isoformat()),
        ("Task", f"{scores.task} ({scores.setting})"),
        ("Data", data),
        ("Architecture", manifest.architecture),
        ("Parameters", sizes(entry)),
        ("Pre-trained model", manifest.pretrained_model or "none or not given"),
        *([("Resources", ", ".join(manifest.resources))] if manifest.resources else []),
        *asked_facts(entry),
        *declared.seen_facts(entry),
        ("Open weights", _YES_OR_NO[manifest.open_weights]),
        ("Seeds", ", ".join(map(str, manifest.seeds)) or "not given"),
        ("Scorer", scores.scorer + (f", compat {scores.compat}" if scores.compat else "")),
        ("Intervals", interval_text(entry)),
        *([("Spans", "each by itself, where two touch")] if scores.scheme == "brackets" else []),
    ]
    shown = [(name, Markup("<bdi>{}</bdi>").format(safe_text(value))) for name, value in plain]
    if manifest.training_data:
        shown.append(("Training data", Markup("; ").join(map(_training, manifest.training_data))))
    return shown


def sizes(entry: Entry) -> str:
    """The parameter counts of a system in words."""
    total = entry.manifest.parameters.total
    bare = entry.manifest.parameters.without_embeddings
    text = cells.size(total) if total else "not given"
    return f"{text}, {cells.size(bare)} without embeddings" if bare else text


def _training(data: TrainingData) -> Markup:
    url = safe_link(data.url)
    name = Markup("<bdi>{}</bdi>").format(safe_text(data.name))
    if url:
        name = Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(url, name)
    return name + (f" ({safe_text(data.licence)})" if data.licence else "")


def interval_text(entry: Entry) -> str:
    """How the intervals of an entry were made, in words."""
    interval = entry.scores.interval
    level = f"{interval.level * 100:g} %"
    if interval.method == "none":
        return "none"
    if interval.method == "as printed":
        return f"{level}, as printed in the paper"
    drawn = (
        f", {interval.resamples:,} resamples, seed {interval.seed}" if interval.resamples else ""
    )
    return f"{level}, bootstrap over {interval.unit or 'utterances'}{drawn}"
