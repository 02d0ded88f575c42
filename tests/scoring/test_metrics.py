"""The vocabulary of metrics, and what it takes to add one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np

import massive_kit.scoring.metrics
from massive_kit.exports.evalai import LABELS
from massive_kit.schema.board import Board
from massive_kit.schema.metrics import (
    AVERAGE_INFO,
    AVERAGES,
    MAIN_METRICS,
    METRIC_INFO,
    MetricInfo,
)
from massive_kit.schema.scores import MetricSpreads, ScoreSet, TransferGap
from massive_kit.scoring.metrics import MAIN, METRICS, MORE, PARTS, info_of

THROW_AWAY = '''
"""Right spans per token."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio(MetricInfo("span_rate", "span rate", "spans/token", 1), {"tp": 1}, {"tokens": 1})
'''
SCRIPT = """
import sys, json
from dataclasses import asdict
import massive_kit.scoring
massive_kit.scoring.__path__.insert(0, sys.argv[1])
import massive_kit
from massive_kit.breakdown.score_tables import more_table

row = {"id": "1", "locale": "en-US"}
scores = massive_kit.score(
    [{**row, "pred_intent": "a_b", "pred_annot_utt": "one [x : two] [y : three] four"}],
    [{**row, "intent": "a_b", "annot_utt": "one [x : two] [z : three] four"}],
)
sets = [scores.averages["pooled"], scores.locales["en-US"], scores.groups["genus"]["Germanic"]]
headings = [column.title for column in more_table(scores).columns]
values = [asdict(each.more["span_rate"]) for each in sets]
print(json.dumps({"values": values, "headings": headings}))
"""


def test_a_new_metric_is_a_module_and_nothing_else(tmp_path: Path) -> None:
    shipped = Path(massive_kit.scoring.metrics.__file__).parent
    shutil.copytree(shipped, tmp_path / "metrics")
    (tmp_path / "metrics" / "span_rate.py").write_text(THROW_AWAY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["values"] == [{"value": 0.25, "low": 0.25, "high": 0.25}] * 3
    assert answer["headings"][1] == "spans/token"


def test_metrics_stand_in_the_order_that_they_say() -> None:
    assert tuple(metric.name for metric in MAIN) == MAIN_METRICS
    assert [metric.name for metric in PARTS] == ["slot_precision", "slot_recall"]
    assert (*MAIN, *PARTS, *MORE) == METRICS
    orders = [metric.info.order for metric in METRICS]
    assert orders == sorted(set(orders))


def test_every_record_of_scores_holds_the_main_metrics() -> None:
    assert tuple(MetricSpreads.model_fields) == MAIN_METRICS
    for record in (ScoreSet, TransferGap):
        assert tuple(field.name for field in fields(record))[: len(MAIN_METRICS)] == MAIN_METRICS
    assert tuple(METRIC_INFO) == MAIN_METRICS
    assert tuple(AVERAGE_INFO) == AVERAGES
    assert Board(title="x").metric in MAIN_METRICS
    assert next(iter(LABELS)) == METRIC_INFO[Board(title="x").metric].heading


def test_titles_within_a_sentence_and_above_a_table() -> None:
    info = METRIC_INFO["slot_f1"]
    assert (info.title, info.heading) == ("slot F1", "Slot F1")
    assert METRIC_INFO["intent_accuracy"].heading == "Intent accuracy"
    unknown = info_of("slot_f1_of_tomorrow")
    assert (unknown.short, unknown.order > METRICS[-1].info.order) == ("slot F1 of tomorrow", True)


def test_a_gain_knows_the_direction() -> None:
    errors = MetricInfo("errors", "errors", "errors", 99, higher_is_better=False)
    assert np.sign([errors.gain(0.1), METRIC_INFO["slot_f1"].gain(0.1)]).tolist() == [-1, 1]
