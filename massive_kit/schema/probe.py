"""`probe.json`: what the vectors of an encoder hold of languages and meanings, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from massive_kit.errors import ConfigError, Problem
from massive_kit.files import jsonio
from massive_kit.schema.config import Strict, check

# That of 51 languages at 25 layers has 1 MB.
_MOST_BYTES = 50_000_000


class Hits(Strict):
    """Shares of the utterances whose search was a success, in 0..1.

    Attributes:
        at_1: No candidate is nearer than the translation.
        at_5: At most four candidates are nearer than the translation.
        same_labels: The nearest candidate has the same intent and the same slots; `null` where no
            labels are known.
    """

    at_1: float = Field(ge=0, le=1)
    at_5: float = Field(ge=0, le=1)
    same_labels: float | None = Field(ge=0, le=1)


class LayerProbe(Strict):
    """One language at one layer.

    Attributes:
        raw_euclidean: Translations by Euclidean distance between vectors as they are.
        raw_cosine: The same by cosine.
        offset_euclidean: By Euclidean distance, after the difference of the two languages' mean
            vectors was added; the same as by distance between centred vectors.
        offset_cosine: The same by cosine.
        centred_cosine: By cosine between vectors less the mean vector of their language.
        language: Share of the utterances whose vector is nearest to the mean of their language,
            among those of all languages probed, in 0..1.
        intent: Share of the utterances whose centred vector is nearest, by cosine, to the centred
            mean of their intent in the language compared with, in 0..1; `null` where no labels are
            known.
    """

    raw_euclidean: Hits
    raw_cosine: Hits
    offset_euclidean: Hits
    offset_cosine: Hits
    centred_cosine: Hits
    language: float = Field(ge=0, le=1)
    intent: float | None = Field(ge=0, le=1)


class LocaleProbe(Strict):
    """One language.

    Attributes:
        queries: How many of its utterances have a translation among the candidates.
        subwords_per_token: Subwords of its text per token.
        subwords_per_utterance: Subwords of an utterance, on average.
        layers: By layer, what was found, in the order of `layers` of the probe.
    """

    queries: int = Field(ge=0)
    subwords_per_token: float = Field(ge=0)
    subwords_per_utterance: float = Field(ge=0)
    layers: list[LayerProbe]


class AnyToAny(Strict):
    """Translations from any language to any other, at one layer, by `centred_cosine`.

    Attributes:
        layer: The layer.
        rows: How many utterances a language has here, at most.
        hits: By the locale of the queries and that of the candidates, the share of the queries
            whose translation is nearest, in 0..1; without pairs that share no id here.
    """

    layer: int
    rows: int
    hits: dict[str, dict[str, float]]


class Join(Strict):
    """Two clusters of languages that become one.

    Attributes:
        members: All the locales of the new cluster.
        height: The mean distance (one less the cosine) between members of the two.
    """

    members: list[list[str]] = Field(min_length=2, max_length=2)
    height: float = Field(ge=0)


class LanguageMap(Strict):
    """Where the mean vectors of the languages lie to each other, at one layer.

    Attributes:
        layer: The layer.
        places: By locale, its place on the two axes along which they differ most.
        joins: Their hierarchical clusters, the nearest first: average linkage by one less the
            cosine between their mean vectors, what is common to all languages subtracted.
        agreement: By column of the language table, the adjusted Rand index between its groups and
            as many clusters: 1 where they are the same, 0 as by chance.
    """

    layer: int
    places: dict[str, tuple[float, float]]
    joins: list[Join]
    agreement: dict[str, float]


class ScoreCorrelation(Strict):
    """How retrieval at a layer varies with a system's scores over languages.

    Attributes:
        layer: The layer.
        metric: The score.
        languages: Over how many languages, the one compared with left out.
        raw_cosine: Spearman's rho between the score and hits at 1 by `raw_cosine`.
        centred_cosine: The same by `centred_cosine`.
    """

    layer: int
    metric: str
    languages: int
    raw_cosine: float
    centred_cosine: float


class ProbedRows(Strict):
    """Which utterances were used.

    Attributes:
        partition: Of the store.
        rows: Utterances a language, at most.
        drawn: Whether they were drawn where there are more, or were the first of the file.
        ids: `all`, or which half of the ids where one partition serves both purposes.
    """

    partition: str
    rows: int = Field(ge=0)
    drawn: bool = True
    ids: Literal["all", "one half", "other half"] = "all"


class Probe(Strict):
    """What the vectors of an encoder hold, layer by layer.

    An utterance's vector is the mean over the subwords of its text, special ones left out.

    Attributes:
        format: Version of this file's format.
        model: The model's name: that of its folder.
        kind: The kind of the run that it is of; `base` of a folder that is no run.
        prefix: Text before each utterance.
        precision: `bf16` or `fp32`.
        data: Name of the store.
        against: The language whose utterances are the candidates.
        searched: In which utterances translations were looked for.
        reference: From which utterances means were taken.
        layers: Which layers were probed; 0 is the embeddings, the last one the output.
        locales: The languages by locale; the one compared with has itself as candidates.
        any_to_any: Translations between all languages, at the last layer probed.
        map: Where the languages lie to each other, at the last layer probed.
        agreement: For each layer probed, how clusters of the languages agree with the groups of the
            language table, by column, as in `map`.
        scores: Which task's scores retrieval was correlated with, if any.
        correlations: How retrieval varies with them.
        seconds: How long it took.
    """

    format: Literal[1] = 1
    model: str
    kind: str
    prefix: str
    precision: str
    data: str
    against: str
    searched: ProbedRows
    reference: ProbedRows
    layers: list[int] = Field(min_length=1)
    locales: dict[str, LocaleProbe]
    any_to_any: AnyToAny | None = None
    map: LanguageMap | None = None
    agreement: list[dict[str, float]] = []
    scores: str | None = None
    correlations: list[ScoreCorrelation] = []
    seconds: float = Field(ge=0)


def load_probe(path: Path) -> Probe:
    """The probe in a file.

    Raises:
        ConfigError: It is not one.
    """
    if path.stat().st_size > _MOST_BYTES:
        problem = Problem(str(path), f"{path.stat().st_size:,} bytes", f"at most {_MOST_BYTES:,}")
        raise ConfigError(f"{path} is too large", [problem])
    try:
        value = jsonio.read_json(path)
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON", [Problem(str(path), str(error))]) from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds no probe", [Problem(str(path), "no JSON object")])
    return check(Probe, value, str(path))
