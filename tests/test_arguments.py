"""What the Python face cannot use is told in a sentence, before anything is read or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import massive_kit
from massive_kit.arguments import paths_of, whole_number
from massive_kit.errors import MassiveKitError, UsageError
from massive_kit.runs.folder import RunFolder

FRAME = pd.DataFrame({"id": ["1"]})
TASK: dict[str, Any] = {"task": "demo-full", "data": "demo"}


def evaluate(**arguments: Any) -> object:
    return massive_kit.evaluate(**{"system": "p.jsonl", **TASK, **arguments})


def validate(**arguments: Any) -> object:
    return massive_kit.validate(**{"files": "p.jsonl", **TASK, **arguments})


def load(**arguments: Any) -> object:
    return massive_kit.load(**{"data": "demo", "partition": "test", **arguments})


def train(**arguments: Any) -> object:
    return massive_kit.train(**{"recipe": "majority", **TASK, "out": "run", **arguments})


def predict(**arguments: Any) -> object:
    return massive_kit.predict(**{"run": "run", "texts": "hello", **arguments})


def compare(**arguments: Any) -> object:
    return massive_kit.compare(**{"first": "a", "second": "b", **arguments})


WHOLE = "expected a whole number from"


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (evaluate, {"resamples": -1}, f"resamples is -1; {WHOLE} 0 to 1,000,000"),
        (evaluate, {"resamples": "10"}, f"resamples is '10'; {WHOLE} 0 to 1,000,000"),
        (evaluate, {"seed": None}, f"seed is None; {WHOLE} 0"),
        (evaluate, {"by": "genus"}, "by is the text 'genus'; expected a list, such as ['genus']"),
        (evaluate, {"by": None}, "by is None; expected a list, such as ['genus']"),
        (evaluate, {"compat": "alex"}, "compat is 'alex'; expected 'alexa'"),
        (evaluate, {"source": None}, "source is None; expected a path"),
        (
            evaluate,
            {"system": FRAME},
            "system is of type DataFrame; expected a path; massive_kit.score takes rows",
        ),
        (evaluate, {"system": []}, "system is empty; expected a path, or several"),
        (evaluate, {"system": ["a", 3]}, "system is 3; expected a path"),
        (evaluate, {"out": __file__}, f"out is the file {__file__}; expected a folder"),
        (evaluate, {"task": {"name": "x"}}, "task is of type dict; expected a name or a path"),
        (
            validate,
            {"files": pa.table({"id": ["1"]})},
            "files is of type Table; expected a path; massive_kit.score takes rows",
        ),
        (validate, {"shown": 0}, f"shown is 0; {WHOLE} 1"),
        (validate, {"data": 3}, "data is 3; expected a name or a path"),
        (load, {"locales": []}, "locales is empty; leave it out for all of them"),
        (load, {"locales": [3]}, "locales holds 3; expected texts, such as 'af-ZA'"),
        (load, {"data": ""}, "data is empty; expected a name or a path"),
        (train, {"out": None}, "out is None; expected a path"),
        (train, {"recipe": {}}, "recipe is of type dict; expected a name or a path"),
        (
            train,
            {"override": "a=b"},
            "override is the text 'a=b'; expected a list, such as ['a=b']",
        ),
        (
            train,
            {"override": {"title": "x"}},
            "override is of type dict; expected a list, such as ['optimiser.lr=1e-4']",
        ),
        (predict, {"texts": [3]}, "texts holds 3; expected a text, or a list of texts"),
        (predict, {"texts": 3}, "texts holds 3; expected a text, or a list of texts"),
        (compare, {"resamples": 0}, f"resamples is 0; {WHOLE} 1 to 1,000,000"),
        (compare, {"first": None}, "first is None; expected a path"),
    ],
)
def test_what_cannot_be_used_is_told(function: Any, arguments: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        function(**arguments)
    assert str(caught.value) == message


def test_numbers_and_paths_of_other_types() -> None:
    assert whole_number("n", np.int32(3)) == 3
    paths = iter(["a", Path("b"), RunFolder(Path("c"))])
    assert paths_of("p", paths) == (Path("a"), Path("b"), Path("c"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    out = tmp_path_factory.mktemp("arguments") / "run"
    return massive_kit.train("majority", out=out, **TASK)


def test_a_folder_that_is_taken_names_the_argument_that_goes_on(run: RunFolder) -> None:
    with pytest.raises(MassiveKitError) as caught:
        train(out=run.path)
    assert str(caught.value) == (
        f"{run.path} holds a finished run; add --resume (from Python resume=True) to go on with it,"
        " or choose another --out"
    )


@pytest.mark.parametrize(
    ("locale", "message"),
    [
        ("jp", "'jp' is not a locale code; did you mean 'ja-JP'?"),
        ("zh", "'zh' can be more than one locale; did you mean 'zh-CN' or 'zh-TW'?"),
        ("pt-BR", "the locale 'pt-BR' is not known here; did you mean 'pt-PT'?"),
        (None, "locale is None; expected a locale, such as 'en-US'"),
    ],
)
def test_a_locale_that_cannot_be_predicted(run: RunFolder, locale: Any, message: str) -> None:
    with pytest.raises(MassiveKitError) as caught:
        massive_kit.predict(run, texts="hello", locale=locale)
    assert str(caught.value) == message


def test_runs_stores_and_tasks_may_be_given_themselves(run: RunFolder) -> None:
    (spoken,) = massive_kit.predict(run, texts="明日", locale="ja").predictions
    assert (spoken.utterance.locale, spoken.utterance.tokens) == ("ja-JP", ["明", "日"])
    store = massive_kit.load("demo")
    assert massive_kit.load(store, "test", "ja").locales == ("ja-JP",)
    assert massive_kit.evaluate(run, "demo-full", data=store, resamples=0).scores.locales
