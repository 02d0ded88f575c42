"""The tables of `massive-kit probe`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Hits, LayerProbe, Probe
from massive_kit.schema.scores import Difference, Estimate

_COMPARISONS = {
    "raw_euclidean": "L2",
    "offset_euclidean": "L2 + offset",
    "raw_cosine": "cosine",
    "offset_cosine": "cosine + offset",
    "centred_cosine": "centred cosine",
}
_LAYER_COLUMNS = [
    *_COMPARISONS.items(),
    ("at_5", "centred, hit at 5"),
    ("same_labels", "centred, same labels"),
    ("language_told", "language told"),
    ("intent", "intent"),
]


def probe_tables(probe: Probe, other: Probe | None, languages: LanguageTable) -> list[Table]:
    """Retrieval by layer and by language, of one probe or beside another.

    Args:
        probe: The probe.
        other: What it is compared with.
        languages: The language table.
    """
    tables = [_layers(probe), _locales(probe, languages)]
    tables += [
        table for table in (_any_to_any(probe), _clusters(probe), _correlations(probe)) if table
    ]
    if other is not None:
        tables = [_layers(other), *tables, _differences(probe, other)]
    return tables


def _layers(probe: Probe) -> Table:
    rows = [
        (str(layer), *_layer_cells(probe, position)) for position, layer in enumerate(probe.layers)
    ]
    searched, reference = probe.searched, probe.reference
    share = {"all": "", "one half": ", one half of the ids", "other half": ", the other half"}
    first = "" if searched.drawn else " first"
    notes = (
        (
            f"Means over {len(_others(probe))} languages, in percent: translations among the"
            f"{first} {searched.rows:,} {probe.against} utterances of {searched.partition}"
            f"{share[searched.ids]}; offsets, means and centroids of {reference.rows:,} of"
            f" {reference.partition}{share[reference.ids]}."
        ),
        (
            "Layer 0 is the embeddings. Language told: nearest centroid of all probed. Intent:"
            f" nearest centroid of {probe.against}, centred."
        ),
    )
    return Table(
        f"layers_{probe.model}",
        f"Retrieval by layer: {probe.model}, {probe.data}",
        columns("layer", numbers=_LAYER_COLUMNS),
        tuple(rows),
        notes,
    )


def _layer_cells(probe: Probe, position: int) -> list[Cell]:
    layers = [probe.locales[code].layers[position] for code in _others(probe)]
    readings: list[Callable[[LayerProbe], float | None]] = [
        *(_at_1(name) for name in _COMPARISONS),
        lambda layer: layer.centred_cosine.at_5,
        lambda layer: layer.centred_cosine.same_labels,
        lambda layer: layer.language,
        lambda layer: layer.intent,
    ]
    return [_score(_mean([read(layer) for layer in layers])) for read in readings]


def _locales(probe: Probe, languages: LanguageTable) -> Table:
    keys = [
        *_COMPARISONS.items(),
        ("at_5", "centred, hit at 5"),
        ("language_told", "language told"),
        ("intent", "intent"),
        ("fertility", "subwords a token"),
        ("relative_length", f"subwords / {probe.against}"),
    ]
    length = probe.locales[probe.against].subwords_per_utterance
    rows: list[tuple[Cell, ...]] = []
    for code, locale in probe.locales.items():
        last = locale.layers[-1]
        hits: list[Cell] = [_score(_at_1(name)(last)) for name in _COMPARISONS]
        hits.append(_score(last.centred_cosine.at_5))
        if code == probe.against:
            hits = [None] * len(hits)
        rows.append(
            (
                code,
                languages[code].name,
                *hits,
                _score(last.language),
                _score(last.intent),
                locale.subwords_per_token,
                locale.subwords_per_utterance / max(length, 1e-9),
            )
        )
    return Table(
        "locales",
        f"By language, layer {probe.layers[-1]}: {probe.model}",
        columns("locale", "language", numbers=keys, decimals=2),
        tuple(rows),
    )


def _any_to_any(probe: Probe) -> Table | None:
    """For each language how it does as query and as candidate, over all others."""
    found = probe.any_to_any
    if found is None:
        return None
    rows: list[tuple[Cell, ...]] = []
    for code, row in found.hits.items():
        into = [hits[code] for hits in found.hits.values() if code in hits]
        if not row:
            continue
        best = max(row, key=row.__getitem__)
        means = (_score(_mean([*row.values()])), _score(_mean(into)))
        rows.append((code, *means, best, _score(row[best])))
    first = "the first " if found.rows < probe.searched.rows else ""
    return Table(
        "any_to_any",
        f"From any language into any other, layer {found.layer}, centred cosine",
        (
            *columns("locale", numbers=[("as_query", "into others"), ("into", "from others")]),
            *columns("best", numbers=[("best_score", "there")]),
        ),
        tuple(rows),
        (f"Means over languages, in percent; among {first}{found.rows:,} utterances.",),
    )


def _clusters(probe: Probe) -> Table | None:
    names = [*dict.fromkeys(name for groups in probe.agreement for name in groups)]
    if not names:
        return None
    rows: list[tuple[Cell, ...]] = [
        (str(layer), *(groups.get(name) for name in names))
        for layer, groups in zip(probe.layers, probe.agreement, strict=True)
    ]
    return Table(
        "clusters",
        "Clusters of languages beside the language table (adjusted Rand index)",
        columns("layer", numbers=[(name, name) for name in names], decimals=2),
        tuple(rows),
        (
            (
                "Average linkage by cosine of mean vectors, cut into as many clusters as groups:"
                " 1 is the same grouping, 0 chance."
            ),
        ),
    )


def _correlations(probe: Probe) -> Table | None:
    if not probe.correlations:
        return None
    rows: list[tuple[Cell, ...]] = [
        (
            row.metric.replace("_", " "),
            str(row.layer),
            row.languages,
            row.raw_cosine,
            row.centred_cosine,
        )
        for row in probe.correlations
    ]
    keys = [("languages", "languages"), ("raw_cosine", "raw cosine")]
    return Table(
        "correlations",
        f"Retrieval and scores of {probe.scores} over languages (Spearman's rho)",
        columns(
            "metric",
            "layer",
            numbers=[*keys, ("centred_cosine", "centred cosine")],
            decimals=2,
        ),
        tuple(rows),
    )


def _differences(probe: Probe, other: Probe) -> Table:
    shared = [layer for layer in probe.layers if layer in other.layers]
    rows: list[tuple[Cell, ...]] = []
    for layer in shared:
        ours = _layer_cells(probe, probe.layers.index(layer))
        theirs = _layer_cells(other, other.layers.index(layer))
        cells: list[Cell] = [
            Difference(value=a.value - b.value)
            if isinstance(a, Estimate) and isinstance(b, Estimate)
            else None
            for a, b in zip(ours, theirs, strict=True)
        ]
        rows.append((str(layer), *cells))
    return Table(
        "differences",
        f"{probe.model} less {other.model}",
        columns("layer", numbers=_LAYER_COLUMNS),
        tuple(rows),
    )


def _others(probe: Probe) -> list[str]:
    return [code for code in probe.locales if code != probe.against]


def _at_1(name: str) -> Callable[[LayerProbe], float]:
    def read(layer: LayerProbe) -> float:
        hits: Hits = getattr(layer, name)
        return hits.at_1

    return read


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _score(value: float | None) -> Cell:
    return None if value is None else Estimate(value=value)
