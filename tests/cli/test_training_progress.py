"""How a training run is shown where stderr is no terminal."""

from __future__ import annotations

import pytest

from massive_kit.cli.training_progress import ShownTraining, shown_training
from massive_kit.engine.evaluation import DevReport


def test_a_log_file_gets_a_line_a_minute_with_the_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    with shown_training(table=False) as usual:
        assert usual.bar.disable
        shown = ShownTraining(usual.bar, table=False, clock=lambda: now[0])
        shown.started(1000, 100)
        for step in range(101, 351):
            now[0] += 0.5
            shown.stepped(step)
            if step == 200:
                shown.logged({"loss": 0.5})
    assert capsys.readouterr().err.splitlines() == [
        "step 220 of 1,000  loss 0.500  0:06:30 left",
        "step 340 of 1,000  loss 0.500  0:05:30 left",
    ]


def test_a_resumed_run_tells_of_its_own_speed(capsys: pytest.CaptureFixture[str]) -> None:
    now = [5.0]
    with shown_training(table=False) as usual:
        shown = ShownTraining(usual.bar, table=False, clock=lambda: now[0])
        shown.started(20, 10)
        now[0] += 7200
        shown.stepped(11)
    assert capsys.readouterr().err == "step 11 of 20  18:00:00 left\n"


def test_a_locale_without_the_score_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"de-DE": {"slot_f1": 0.5}, "nl-NL": {}, "ja-JP": {"slot_f1": 0.75}}
    with shown_training(table=True) as shown:
        shown.evaluated(DevReport({"slot_f1": 0.6}, parts), metric="slot_f1", epoch=1, best=True)
    assert "slot F1: ja-JP 75.0%, de-DE 50.0%\n" in capsys.readouterr().err
