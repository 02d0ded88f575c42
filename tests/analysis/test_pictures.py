from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from massive_kit.analysis.any_to_any import AnySearch
from massive_kit.analysis.language_map import language_map
from massive_kit.analysis.pictures.files import pictures
from massive_kit.analysis.score_correlation import correlated
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Hits, LayerProbe, LocaleProbe, Probe, ProbedRows
from massive_kit.schema.scores import Scores

LOCALES = ("en-US", "de-DE", "sv-SE", "ja-JP", "hi-IN", "ru-RU")


def layer_probe(share: float) -> LayerProbe:
    hits = Hits(at_1=share, at_5=share, same_labels=None)
    names = ("raw_euclidean", "raw_cosine", "offset_euclidean", "offset_cosine", "centred_cosine")
    return LayerProbe.model_validate(
        {**dict.fromkeys(names, hits), "language": 1.0, "intent": None}
    )


def words_of(picture: str) -> str:
    """The text of a file, which has to be XML."""
    return "".join(ET.fromstring(picture).itertext())  # noqa: S314 - of our own making


def small_probe(model: str = "small") -> Probe:
    chance = np.random.default_rng(0)
    languages = LanguageTable.shipped()
    means = {code: chance.normal(size=8).astype(np.float32) for code in LOCALES}
    rows = ProbedRows(partition="test", rows=3)
    return Probe(
        model=model,
        kind="base",
        prefix="",
        precision="fp32",
        data="demo",
        against="en-US",
        searched=rows,
        reference=rows,
        layers=[0, 1],
        locales={
            code: LocaleProbe(
                queries=3,
                subwords_per_token=1.5,
                subwords_per_utterance=9,
                layers=[layer_probe(number / 10), layer_probe(0.9 - number / 10)],
            )
            for number, code in enumerate(LOCALES)
        },
        map=language_map(1, means, languages),
        seconds=1,
    )


def test_pictures_are_whole_files_and_name_every_language() -> None:
    probe = small_probe("<a & b>\x1b")
    files = pictures(probe, small_probe("other"), LanguageTable.shipped())
    assert {*files} == {"layers.svg", "languages.svg", "tree.svg"}
    texts = {name: words_of(picture) for name, picture in files.items()}
    assert all("<a & b>" in text for text in texts.values())
    assert all(code in texts["languages.svg"] and code in texts["tree.svg"] for code in LOCALES)
    # Two of a genus have a colour of their own, which the legend names.
    assert "Germanic" in texts["languages.svg"]
    assert "other" in texts["layers.svg"]


def test_a_lone_layer_and_two_languages_can_be_drawn() -> None:
    probe = small_probe()
    two = {code: probe.locales[code] for code in LOCALES[:2]}
    means = {code: np.ones(4, np.float32) for code in two}
    probe = probe.model_copy(
        update={
            "layers": [5],
            "locales": two,
            "map": language_map(5, means, LanguageTable.shipped()),
        }
    )
    for picture in pictures(probe, None, LanguageTable.shipped()).values():
        assert "nan" not in picture
        assert words_of(picture)


def test_any_to_any_finds_what_is_parallel() -> None:
    search = AnySearch(12)
    vectors = np.eye(3, dtype=np.float32)
    search.add("aa", ["1", "2", "3"], vectors)
    search.add("bb", ["3", "2", "1"], vectors[::-1])
    search.add("cc", ["1", "2", "9"], vectors[[1, 1, 0]])
    hits = search.hits().hits
    assert hits["aa"]["bb"] == hits["bb"]["aa"] == 1
    # Of the two ids that are there, one stands where another text does.
    assert hits["aa"]["cc"] == hits["cc"]["aa"] == pytest.approx(0.5)


def test_correlation_with_scores(demo_scores: Scores) -> None:
    probe = correlated(small_probe(), demo_scores)
    assert probe.scores == demo_scores.task
    first, last = probe.correlations[:2]
    assert (first.metric, first.layer, last.layer) == ("intent_accuracy", 0, 1)
    assert first.languages == 5
    assert first.raw_cosine == pytest.approx(-1)
    assert last.centred_cosine == pytest.approx(1)


@pytest.fixture
def demo_scores() -> Scores:
    def locale_scores(value: float) -> dict[str, object]:
        score = {"value": value}
        return {"intent_accuracy": score, "slot_f1": score, "exact_match": None, "n": 3}

    return Scores.model_validate(
        {
            "task": "demo-zeroshot",
            "setting": "zero-shot",
            "signature": "s",
            "data": {"name": "demo", "version": "", "hash": "0" * 16, "partition": "test"},
            "interval": {"method": "none"},
            "averaged": LOCALES[1:],
            "locales": {
                code: locale_scores(0.9 - number / 10) for number, code in enumerate(LOCALES)
            },
            "averages": {},
        }
    )
