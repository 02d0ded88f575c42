"""A page for each version of each system."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from massive_kit.publish import cells, citation, paths, shared_columns, svg
from massive_kit.publish.model import Entry, Model, metric_of
from massive_kit.publish.page import Page
from massive_kit.publish.pages import compare
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.tables import Column, Row, Table, filters_of
from massive_kit.publish.text import counted, safe_link, visible
from massive_kit.schema.manifest import TrainingData
from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import Difference, LabelReport, TransferGap

Fact = tuple[str, Markup]


def pages(model: Model) -> Iterator[Page]:
    """Each version, older ones too."""
    for entry in model.versions:
        yield system_page(model, entry)


def system_page(model: Model, entry: Entry) -> Page:
    """Everything about one version of a system."""
    root = paths.root_of(entry.page)
    tables = [averages_table(model, entry), locales_table(model, entry, root)]
    tables += [
        table
        for by in model.board.groupings
        if (table := groups_table(model, entry, by, root)) is not None
    ]
    if entry.scores.intents:
        tables.append(labels_table("intents", "Intent", entry.scores.intents))
    if entry.scores.slots:
        tables.append(labels_table("slots", "Slot", entry.scores.slots))
    stem = paths.stem(entry.page)
    ranked, standing = model.standings.get(entry.key, (None, None))
    return Page(
        entry.page,
        "system.html",
        visible(entry.manifest.title),
        "index",
        tuple(tables),
        {
            "entry": entry,
            "facts": facts(entry),
            "links": links(entry),
            "section": ranked.section if ranked else None,
            "standing": standing,
            "newest": newest(model, entry),
            "others": [
                other
                for other in model.versions
                if other.manifest.system == entry.manifest.system and other is not entry
            ],
            "pairs": [
                (pair.page, (pair.second if pair.first is entry else pair.first).manifest)
                for pair in compare.pairs(model)
                if entry.key in (pair.first.key, pair.second.key)
            ],
            "bibtex": citation.bibtex(entry, model.base_url),
        },
        {
            f"{stem}.manifest.yaml": (entry.folder / "manifest.yaml").read_bytes(),
            f"{stem}.scores.json": (entry.folder / "scores.json").read_bytes(),
            f"{stem}.bib": citation.bibtex(entry, model.base_url),
            f"{stem}.svg": svg.badge(*badge(model, entry)),
        },
    )


def badge(model: Model, entry: Entry) -> tuple[str, str]:
    """What the badge of a system says: the section, and its score and place."""
    ranked, standing = model.standings.get(entry.key, (None, None))
    name = ranked.section.title if ranked else entry.scores.task
    score = entry.headline(model.board)
    said = cells.said(model.board.metric)
    value = f"{said} {cells.percent(score.value)}" if score else "no score"
    place = f", place {standing.place}" if standing else ""
    return f"{model.board.title} \u00b7 {name}", value + place


def newest(model: Model, entry: Entry) -> Entry | None:
    """The version that stands on the board, if it is another one."""
    if entry.key in model.standings:
        return None
    for ranked in model.sections:
        for other in ranked.entries:
            if other.manifest.system == entry.manifest.system:
                return other
    return None


def averages_table(model: Model, entry: Entry) -> Table:
    """The three averages."""
    columns = [
        Column("average", "Average", "head", ("average",)),
        *(cells.estimate_column(name) for name in metrics(model)),
    ]
    body = []
    for average in AVERAGES:
        found = entry.average(average)
        if found is None:
            continue
        head = cells.text(cells.AVERAGE_TITLES[average].capitalize())
        line = [
            type(head)(head.html, (average,), head.sort),
            *(cells.estimate(metric_of(found, name)) for name in metrics(model)),
        ]
        body.append(Row(line))
    return Table(
        "averages",
        f"Averages over {counted(len(entry.scores.averaged), 'language')}, in percent",
        columns,
        body,
        title="Averages",
    )


def locales_table(model: Model, entry: Entry, root: str) -> Table:
    """All languages, with the interval of each drawn."""
    main, *others = metrics(model)
    scores = entry.scores.locales
    values = {locale: metric_of(one, main) for locale, one in scores.items()}
    axis = svg.Axis.over(end for v in values.values() if v for end in (v.value, v.low, v.high))
    gaps = entry.scores.transfer
    columns = [
        Column("language", "Language", "head", ("locale",)),
        cells.plot_column(axis, f"{cells.TITLES[main]}, 95 %"),
        *(cells.estimate_column(name) for name in (main, *others)),
    ]
    if gaps:
        source = entry.scores.source_locale or "the source"
        columns.append(
            Column(
                "transfer",
                "Transfer gap",
                "number",
                ("transfer_gap", "transfer_gap_low", "transfer_gap_high"),
                hint=f"{cells.TITLES[main]} minus that on {visible(source)}, in points",
                first="descending",
            )
        )
    columns += [
        *(Column(by, shared_columns.label(by), "text", (by,)) for by in model.board.groupings),
        Column("utterances", "Utterances", "number", ("utterances",), first="descending"),
    ]
    averaged = set(entry.scores.averaged)
    body = []
    for locale, value in sorted(
        values.items(), key=lambda item: (-(item[1].value if item[1] else -1.0), item[0])
    ):
        own = scores[locale]
        head = shared_columns.language(model, locale, root)
        if locale not in averaged:
            head = type(head)(
                head.html + Markup(' <span class="mark">not in averages</span>'),
                head.data,
                head.sort,
            )
        line = [
            head,
            cells.plot(axis, value),
            *(cells.estimate(metric_of(own, name)) for name in (main, *others)),
        ]
        if gaps:
            line.append(cells.difference(_gap(gaps.get(locale), main)))
        known = model.language(locale)
        line += [
            *(shared_columns.group(model, by, known.get(by), root) for by in model.board.groupings),
            cells.number(own.n),
        ]
        body.append(Row(line, shared_columns.language_facets(model, locale)))
    return Table(
        "languages",
        f"{counted(len(body), 'language')}, in percent with 95 % intervals",
        columns,
        body,
        order=(main, "descending"),
        filters=filters_of(body, {by: shared_columns.label(by) for by in model.board.groupings}),
        search=True,
        title="Languages",
    )


def _gap(gap: TransferGap | None, metric: str) -> Difference | None:
    found = getattr(gap, metric, None)
    return found if isinstance(found, Difference) else None


def groups_table(model: Model, entry: Entry, by: str, root: str) -> Table | None:
    """The means over the groups of one grouping."""
    found = entry.scores.groups.get(by)
    if not found:
        return None
    main, *others = metrics(model)
    values = [metric_of(one, main) for one in found.values()]
    axis = svg.Axis.over(end for v in values if v for end in (v.value, v.low, v.high))
    columns = [
        Column("group", shared_columns.label(by), "head", (by,)),
        cells.plot_column(axis, cells.TITLES[main]),
        Column("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        *(cells.estimate_column(name) for name in (main, *others)),
    ]
    body = []
    for name, one in sorted(
        found.items(), key=lambda item: (-getattr(item[1], main).value, item[0])
    ):
        head = shared_columns.group(model, by, name, root)
        single = Markup(' <span class="mark">one language</span>')
        html = head.html + single if len(one.locales) == 1 else head.html
        body.append(
            Row(
                [
                    type(head)(html, head.data, head.sort),
                    cells.plot(axis, metric_of(one, main)),
                    cells.number(len(one.locales)),
                    *(cells.estimate(metric_of(one, metric)) for metric in (main, *others)),
                ]
            )
        )
    return Table(
        paths.group_name(by),
        f"By {shared_columns.label(by).lower()}: means over the languages of each, in percent",
        columns,
        body,
        order=(main, "descending"),
        title=shared_columns.label(by),
    )


def labels_table(name: str, title: str, reports: dict[str, LabelReport]) -> Table:
    """Precision, recall and F1 of each intent or slot."""
    columns = [
        Column("label", title, "head", (name.removesuffix("s"),)),
        *(
            Column(key, key.capitalize(), "number", (key,), first="descending")
            for key in ("f1", "precision", "recall", "support", "predicted")
        ),
    ]
    body = [
        Row(
            [
                cells.text(label),
                *(
                    cells.number(round(v, 6), f"{v * 100:.1f}")
                    for v in (r.f1, r.precision, r.recall)
                ),
                cells.number(r.support),
                cells.number(r.predicted),
            ]
        )
        for label, r in sorted(reports.items(), key=lambda item: (-item[1].support, item[0]))
    ]
    return Table(
        name,
        f"{counted(len(body), title.lower())}, pooled over the averaged languages, in percent",
        columns,
        body,
        order=("support", "descending"),
        css="labels",
        title=f"{title}s",
    )


def links(entry: Entry) -> list[tuple[str, str | None, str]]:
    """The links of a manifest: what, address if it is safe to follow, address as text."""
    manifest = entry.manifest
    found = {"Paper": manifest.paper, "Code": manifest.code, "Weights": manifest.weights}
    return [(name, safe_link(url), visible(url)) for name, url in found.items() if url]


def facts(entry: Entry) -> list[Fact]:
    """What a manifest and the scores say of themselves."""
    manifest, scores = entry.manifest, entry.scores
    total, bare = manifest.parameters.total, manifest.parameters.without_embeddings
    sizes = cells.size(total) if total else "not said"
    if bare:
        sizes += f", {cells.size(bare)} without embeddings"
    named = dict.fromkeys((scores.data.name, scores.data.version))
    data = f"{' '.join(named)}, {scores.data.partition}"
    plain = [
        ("Team", manifest.team),
        ("Version", manifest.version),
        ("Date", manifest.date.isoformat()),
        ("Task", f"{scores.task} ({scores.setting})"),
        ("Data", data),
        ("Architecture", manifest.architecture),
        ("Parameters", sizes),
        ("Pre-trained model", manifest.pretrained_model or "none or not said"),
        ("Open weights", "yes" if manifest.open_weights else "no"),
        ("Seeds", ", ".join(map(str, manifest.seeds)) or "not said"),
        ("Scorer", scores.scorer + (f", compat {scores.compat}" if scores.compat else "")),
        ("Intervals", interval_text(entry)),
    ]
    found = [(name, Markup("<bdi>{}</bdi>").format(visible(value))) for name, value in plain]
    if manifest.training_data:
        found.append(("Training data", Markup("; ").join(map(_training, manifest.training_data))))
    return found


def _training(one: TrainingData) -> Markup:
    url = safe_link(one.url)
    name = Markup("<bdi>{}</bdi>").format(visible(one.name))
    if url:
        name = Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(url, name)
    return name + (f" ({visible(one.licence)})" if one.licence else "")


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
