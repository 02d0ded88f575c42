"""`massive_kit.score` takes rows in whatever holds them, locales in any spelling, and no more."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import massive_kit
from massive_kit.errors import PredictionError, UsageError
from massive_kit.schema.scores import Scores
from tests.known import known

# In ja-JP the first slot has one of two characters right, the second has both.
GOLD = (
    {"id": "1", "locale": "ja-JP", "intent": "weather_query", "annot_utt": "[date : 明日] の天気"},
    {"id": "2", "locale": "ja-JP", "intent": "weather_query", "annot_utt": "[date : 今日] の天気"},
    {"id": "1", "locale": "pt-PT", "intent": "weather_query", "annot_utt": "tempo [date : hoje]"},
    {"id": "2", "locale": "pt-PT", "intent": "play_music", "annot_utt": "toca fado"},
)
PREDICTED = (
    {**GOLD[0], "annot_utt": "[date : 明] 日の天気"},
    GOLD[1],
    {**GOLD[2], "intent": "play_music"},
    GOLD[3],
)
GOLD_ROWS: list[dict[str, Any]] = [*GOLD]
PREDICTED_ROWS: list[dict[str, Any]] = [
    {f"pred_{key}" if key in {"intent", "annot_utt"} else key: text for key, text in row.items()}
    for row in PREDICTED
]


def respelled(rows: list[dict[str, Any]], **locales: str) -> list[dict[str, Any]]:
    given = {locale.replace("_", "-"): text for locale, text in locales.items()}
    return [{**row, "locale": given.get(row["locale"], row["locale"])} for row in rows]


def score(predictions: Any, references: Any, **options: Any) -> Scores:
    return massive_kit.score(predictions, references, **{"resamples": 0, **options})


def problems(predictions: Any, references: Any) -> list[str]:
    with pytest.raises(PredictionError) as caught:
        score(predictions, references)
    return [str(problem) for problem in caught.value.problems]


EXPECTED = score(PREDICTED_ROWS, GOLD_ROWS)


def test_the_numbers_by_hand() -> None:
    # Two of three spans are right; ja-JP is scored by character, so that 明 is not 明日.
    assert known(EXPECTED.averages["pooled"].slot_f1).value == pytest.approx(2 / 3)
    assert known(EXPECTED.locales["ja-JP"].slot_f1).value == 0.5
    assert known(EXPECTED.averages["pooled"].intent_accuracy).value == 0.75
    assert EXPECTED.locales["ja-JP"].tokens == 10


@pytest.mark.parametrize("locales", [("ja", "pt"), ("ja_JP", "PT-pt"), ("jpn", "por_Latn")])
def test_a_locale_in_any_spelling_is_the_same_locale(locales: tuple[str, str]) -> None:
    ja, pt = locales
    references = respelled(GOLD_ROWS, ja_JP=ja, pt_PT=pt)
    assert score(PREDICTED_ROWS, references) == EXPECTED
    assert score(respelled(PREDICTED_ROWS, ja_JP=ja, pt_PT=pt), GOLD_ROWS) == EXPECTED
    options = {"averaged": [pt], "source_locale": ja}
    canonical = score(PREDICTED_ROWS, GOLD_ROWS, averaged=["pt-PT"], source_locale="ja-JP")
    assert score(PREDICTED_ROWS, references, **options) == canonical
    assert canonical.transfer.keys() == {"pt-PT"}


def test_what_means_no_locale_is_told_once() -> None:
    told = problems(respelled(PREDICTED_ROWS, ja_JP="jp"), respelled(GOLD_ROWS, pt_PT="zh"))
    assert told[:2] == [
        "references:3: locale 'zh' can be more than one locale (did you mean 'zh-CN' or 'zh-TW'?)",
        "predictions:1: locale 'jp' is not a locale code (did you mean 'ja-JP'?)",
    ]


def test_of_two_locales_of_a_language_none_is_taken() -> None:
    references = [*GOLD_ROWS[2:], *respelled(GOLD_ROWS[2:], pt_PT="pt-BR")]
    told = problems(respelled(PREDICTED_ROWS[2:], pt_PT="pt"), references)
    assert told[0] == (
        "predictions:1: locale 'pt' can be more than one locale (did you mean 'pt-PT' or 'pt-BR'?)"
    )
    # One of the language alone is the one that is meant.
    only = respelled(GOLD_ROWS[2:], pt_PT="pt-BR")
    assert set(score(respelled(PREDICTED_ROWS[2:], pt_PT="pt"), only).locales) == {"pt-BR"}


def test_two_spellings_of_one_locale_are_told_with_both_rows() -> None:
    references = [*GOLD_ROWS[:3], {**GOLD_ROWS[3], "locale": "pt_PT"}]
    (told,) = problems(PREDICTED_ROWS, references)
    assert told == (
        "references:4: locale 'pt_PT' here, 'pt-PT' at references:3; expected one spelling of pt-PT"
        " (write 'pt-PT' everywhere)"
    )


def test_ones_own_language_table(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("locale,scoring_unit\nja-JP,word\n", encoding="utf-8")
    by_word = score(PREDICTED_ROWS[1:], GOLD_ROWS[1:], languages=table)
    assert by_word.locales["ja-JP"].tokens == 2


class Polars:
    """What polars' data frames offer."""

    columns = ("id",)

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def to_dicts(self) -> list[dict[str, Any]]:
        return self._rows


class Exchanged:
    """A data frame that only says how it is read."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.__arrow_c_stream__ = pa.Table.from_pylist(rows).__arrow_c_stream__


class Interchanged:
    """The same by the older protocol."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.__dataframe__ = pa.Table.from_pylist(rows).__dataframe__


def read_json(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.read_json(io.StringIO("\n".join(map(json.dumps, rows))), lines=True)


def columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def numpy_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: np.str_(text) for name, text in row.items()} for row in rows]


@pytest.mark.parametrize(
    "holder",
    [
        pd.DataFrame,
        read_json,
        lambda rows: pd.DataFrame(rows).convert_dtypes(),
        pa.Table.from_pylist,
        pa.RecordBatch.from_pylist,
        Polars,
        Exchanged,
        Interchanged,
        columns,
        numpy_rows,
        iter,
        lambda rows: ({**row, "id": np.int64(row["id"])} for row in rows),
        lambda rows: [{**row, "id": float(row["id"])} for row in rows],
        lambda rows: [{**row, "utt": "x", "worker_id": 3, "judgments": []} for row in rows],
    ],
    ids=[
        *("frame", "read_json", "dtypes", "table", "batch", "polars", "stream", "interchange"),
        *("columns", "numpy", "iterator", "integers", "floats", "whole rows"),
    ],
)
def test_rows_may_be_held_in_many_ways(holder: Any) -> None:
    assert score(holder(PREDICTED_ROWS), holder(GOLD_ROWS)) == EXPECTED
    assert score(holder(PREDICTED_ROWS), GOLD_ROWS) == EXPECTED


def test_read_json_makes_numbers_of_ids() -> None:
    assert read_json(GOLD_ROWS)["id"].dtype == np.int64


def test_a_data_set_of_hugging_face_with_labels_as_integers() -> None:
    datasets = pytest.importorskip("datasets")
    names = ["play_music", "weather_query"]
    features = datasets.Features(
        {
            **{name: datasets.Value("string") for name in ("id", "locale", "annot_utt")},
            "intent": datasets.ClassLabel(names=names),
        }
    )
    rows = [{**row, "intent": names.index(row["intent"])} for row in GOLD_ROWS]
    references = datasets.Dataset.from_list(rows, features=features)
    assert score(datasets.Dataset.from_list(PREDICTED_ROWS), references) == EXPECTED
    splits = datasets.DatasetDict({"test": references, "dev": references})
    assert problems(PREDICTED_ROWS, splits)[0] == (
        "references: data sets test, dev; expected rows, or a data frame"
    )


def test_rows_of_the_data_set_are_not_taken_for_predictions() -> None:
    assert problems(GOLD_ROWS[:1], GOLD_ROWS[:1])[0] == (
        "predictions:1: no text in pred_intent, pred_annot_utt; expected id, locale, pred_intent,"
        " pred_annot_utt as strings (rename intent to pred_intent; rename annot_utt to"
        " pred_annot_utt)"
    )


LOST = "write the name that the model's id2label has for it"
IN_MASSIVE = f"{LOST}; number 47 is 'qa_stock' in the order of the alphabet, 'social_post' in the"


@pytest.mark.parametrize("intent", ["LABEL_47", "47"])
def test_an_intent_that_lost_its_name(intent: str) -> None:
    predictions = [{**PREDICTED_ROWS[0], "pred_intent": intent}]
    assert problems(predictions, GOLD_ROWS[:1])[0] == (
        f"predictions:1: pred_intent {intent!r}; expected an intent by its name"
        f" ({IN_MASSIVE} hub's)"
    )
    references = [{**GOLD_ROWS[0], "intent": "of_ones_own"}]
    assert problems(predictions, references)[0].endswith(f"by its name ({LOST})")
    # Where intents are numbers, a wrong one is a mistake of the system.
    numbers = [{**GOLD_ROWS[0], "intent": "46"}]
    assert known(score(predictions, numbers).locales["ja-JP"].intent_accuracy).value == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"averaged": "pt-PT"}, "averaged is the text 'pt-PT'; expected a list, such as ['pt-PT']"),
        ({"averaged": 3}, "averaged is 3; expected a list, such as ['ja-JP']"),
        ({"averaged": [3]}, "averaged holds 3; expected texts, such as 'ja-JP'"),
        ({"averaged": []}, "averaged is empty; leave it out to average over all locales"),
        (
            {"averaged": ["jp", "ja", "xxxxxx"]},
            "averaged: no row is of 'jp', 'xxxxxx'; did you mean 'ja-JP'?",
        ),
        ({"averaged": ["de-DE"]}, "averaged: no row is of 'de-DE'; there are ja-JP, pt-PT"),
        (
            {"source_locale": "pt-BR"},
            "source_locale: no row is of 'pt-BR', from which to measure; did you mean 'pt-PT'?",
        ),
        ({"source_locale": 3}, "source_locale is 3; expected a locale, such as 'en-US'"),
        ({"resamples": -1}, "resamples is -1; expected a whole number from 0 to 1,000,000"),
        ({"resamples": 1.5}, "resamples is 1.5; expected a whole number from 0 to 1,000,000"),
        ({"resamples": True}, "resamples is True; expected a whole number from 0 to 1,000,000"),
        ({"seed": None}, "seed is None; expected a whole number from 0"),
        ({"by": "genus"}, "by is the text 'genus'; expected a list, such as ['genus']"),
        ({"scheme": "iob"}, "scheme is 'iob'; expected 'runs' or 'brackets'"),
    ],
)
def test_an_argument_that_cannot_be_used_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        score(PREDICTED_ROWS, GOLD_ROWS, **options)
    assert str(caught.value) == message


def test_numbers_may_be_numpys() -> None:
    scores = score(PREDICTED_ROWS, GOLD_ROWS, resamples=np.int64(20), seed=np.int32(3))
    assert scores.interval.resamples == 20
