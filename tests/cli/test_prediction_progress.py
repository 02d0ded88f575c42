"""How predicting is shown where stderr is no terminal."""

from __future__ import annotations

import pytest

from massive_kit.cli.prediction_progress import ShownPredictions, prediction_bar


def test_a_log_file_gets_a_line_a_minute_with_the_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    with prediction_bar("predicting", 400) as usual:
        assert usual.bar.disable
        shown = ShownPredictions(usual.bar, 400, clock=lambda: now[0])
        shown("en-US", 150)
        for _ in range(130):
            now[0] += 1
            shown("ja-JP", 1)
    assert capsys.readouterr().err.splitlines() == [
        "210 of 400 predictions  ja-JP  0:00:54 left",
        "270 of 400 predictions  ja-JP  0:02:10 left",
    ]


def test_the_time_left_is_told_after_a_few_batches(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with prediction_bar("predicting", 600) as usual:
        shown = ShownPredictions(usual.bar, 600, clock=lambda: now[0])
        for _ in range(5):
            now[0] += 60
            for _ in range(100):
                shown("en-US", 1)
    assert capsys.readouterr().err.splitlines() == [
        "1 of 600 predictions  en-US",
        "101 of 600 predictions  en-US",
        "201 of 600 predictions  en-US",
        "301 of 600 predictions  en-US  0:02:59 left",
        "401 of 600 predictions  en-US  0:01:59 left",
    ]
