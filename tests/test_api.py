"""The Python face: each function does what its command does, and shows as a table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import massive_kit
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import (
    ConfigError,
    LabelsUnreachableError,
    MissingDataError,
    UsageError,
)

TASK = """\
name: two
title: Two locales
setting: full
data: [demo]
train: {partition: train, locales: [en-US, th-TH]}
dev: {partition: dev, locales: [en-US, th-TH]}
test: {partition: test, locales: [en-US, th-TH]}
allow: [target-labels]
"""
PUBLIC = {
    "__version__",
    "compare",
    "evaluate",
    "load",
    "predict",
    "score",
    "train",
    "validate",
}


def test_these_are_the_public_names() -> None:
    assert {*massive_kit.__all__} == PUBLIC
    assert {*dir(massive_kit)} >= PUBLIC
    for name in PUBLIC - {"__version__"}:
        assert callable(getattr(massive_kit, name))
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        getattr(massive_kit, "lode")  # noqa: B009 - the attribute is what is tested


def test_importing_costs_nothing_until_something_is_used() -> None:
    code = (
        "import sys, massive_kit; light = {*sys.modules};"
        "massive_kit.load; heavy = {'torch', 'transformers', 'datasets'} & {*sys.modules};"
        "print('numpy' in light, 'pydantic' in light, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False set()"


def test_a_store_and_a_split_become_frames_and_datasets() -> None:
    store = massive_kit.load("demo")
    assert isinstance(store, Store)
    counts = store.to_frame()
    assert list(counts["locale"]) == [*store.locales]
    assert counts["test"].sum() == store.rows("test", store.locales)
    split = massive_kit.load("demo", "test", ["th-TH", "km_kh"])
    assert isinstance(split, DataSplit)
    assert split.locales == ("th-TH", "km-KH")
    frame = split.to_frame()
    assert len(frame) == split.rows
    assert {"utt", "intent", "labels"} <= {*frame.columns}
    dataset = split.to_dataset()
    assert dataset.num_rows == split.rows
    assert dataset[0]["utt"] == frame["utt"][0]
    assert "<table" in split._repr_html_()
    text = massive_kit.load("demo", "test", ["th-TH"], text_only=True)
    assert "intent" not in text.to_frame().columns
    with pytest.raises(LabelsUnreachableError):
        text.labels()


def test_what_is_not_there_is_told_at_once() -> None:
    with pytest.raises(MissingDataError, match="did you mean 'th-TH'"):
        massive_kit.load("demo", "test", ["Thai"])
    with pytest.raises(MissingDataError, match="no partition 'heldout'; it has dev, test, train"):
        massive_kit.load("demo", "heldout")
    with pytest.raises(UsageError, match="are for a partition"):
        massive_kit.load("demo", locales=["th-TH"])  # type: ignore[call-overload]  # is wrong
    assert massive_kit.load("demo", "test", "th-TH").locales == ("th-TH",)
    assert massive_kit.load("demo", "test", ["pt_PT", "ja", "zh-Hans"]).locales == (
        *("pt-PT", "ja-JP", "zh-CN"),
    )
    with pytest.raises(MissingDataError, match=r"no locale 'zh'; did you mean 'zh-CN' or 'zh-TW'"):
        massive_kit.load("demo", "test", "zh")


def test_text_in_tables_is_escaped(tmp_path: Path) -> None:
    import pandas as pd

    from massive_kit.notebook import ShownAsTable

    class Hostile(ShownAsTable):
        def to_frame(self) -> pd.DataFrame:
            return pd.DataFrame({"text": ["<script>alert(1)</script>"]})

    assert "<script>" not in Hostile()._repr_html_()


def test_from_training_to_a_comparison(tmp_path: Path) -> None:
    task = tmp_path / "two.yaml"
    task.write_text(TASK, encoding="utf-8")
    run = massive_kit.train("majority", str(task), tmp_path / "run", data="demo")
    assert run.finished
    assert run.to_frame().empty
    with pytest.raises(UsageError, match="texts"):
        massive_kit.predict(run.path, task=str(task))  # type: ignore[call-overload]  # is wrong
    texts = massive_kit.predict(run.path, texts=["wake me up", "play a song"], locale="en_us")
    assert list(texts.to_frame()["text"]) == ["wake me up", "play a song"]
    file = massive_kit.predict(
        run.path, task=str(task), data="demo", out=tmp_path / "predictions.jsonl.gz"
    )
    assert len(file.to_frame()) == file.rows

    report = massive_kit.validate(file.path, str(task), data="demo")
    assert report.valid
    assert {*report.to_frame()["severity"]} <= {"warning"}
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text('{"id": "x", "locale": "th-TH"}\n<b>\n', encoding="utf-8")
    wrong = massive_kit.validate([spoilt], str(task), data="demo")
    assert not wrong.valid
    assert {"where", "line", "found", "expected", "code"} <= {*wrong.to_frame().columns}

    first = massive_kit.evaluate(
        file.path, str(task), data="demo", resamples=200, out=tmp_path / "first"
    )
    again = massive_kit.evaluate(
        run.path, str(task), data="demo", resamples=200, out=tmp_path / "second"
    )
    assert again.scores == first.scores
    assert {"kind", "key", "metric", "value"} <= {*first.to_frame().columns}
    comparison = massive_kit.compare(tmp_path / "first", tmp_path / "second", resamples=200)
    assert set(comparison.to_frame()["verdict"]) == {"no difference shown"}
    for shown in (run, texts, file, wrong, first, first.scores, comparison):
        assert "<table" in shown._repr_html_()
    with pytest.raises(ConfigError, match="target-labels was used"):
        massive_kit.evaluate(run.path, "demo-zeroshot", data="demo", resamples=0)
