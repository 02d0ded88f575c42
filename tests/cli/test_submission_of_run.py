"""A run is told from predictions where a bundle is packed."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from massive_kit.cli.app import app


def test_a_run_is_told_to_be_predicted_first(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    arguments = ["submission", "pack", str(tmp_path), "--out", str(tmp_path / "b"), "--task", "t"]
    error = CliRunner().invoke(app, arguments).exception
    assert f"massive-kit predict {tmp_path} --task t --out predictions.jsonl" in str(error)
