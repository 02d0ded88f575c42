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


def test_asking_a_teacher_is_shown_like_predicting_and_training_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    with shown_training(table=False) as usual:
        shown = ShownTraining(usual.bar, table=False, clock=lambda: now[0])
        shown.teaching(1000)
        for locale in ("en-US", "ja-JP"):
            for _ in range(10):
                now[0] += 10
                shown.taught(locale, 50)
        (task,) = usual.bar.tasks
        assert (task.description, task.completed, task.total) == (
            *("asking the teacher (ja-JP)", 1000, 1000),
        )
        shown.started(100, 40)
        assert (task.description, task.completed, task.total) == ("training", 40, 100)
        now[0] += 60
        shown.stepped(41)
    assert capsys.readouterr().err.splitlines() == [
        "300 of 1,000 answers of the teacher  en-US  0:02:20 left",
        "600 of 1,000 answers of the teacher  ja-JP  0:01:20 left",
        "900 of 1,000 answers of the teacher  ja-JP  0:00:20 left",
        "step 41 of 100  0:59:00 left",
    ]


def test_text_that_is_read_after_training_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with shown_training(table=False) as usual:
        shown = ShownTraining(usual.bar, table=False, clock=lambda: now[0])
        shown.started(100, 0)
        shown.reading(0)
        (task,) = usual.bar.tasks
        assert task.description == "training"
        shown.reading(200)
        for locale in ("de-DE", "sw-KE"):
            now[0] += 50
            shown.read(locale, 100)
        assert (task.description, task.completed, task.total) == (
            *("reading texts (sw-KE)", 200, 200),
        )
    assert capsys.readouterr().err.splitlines() == ["200 of 200 texts  sw-KE"]
