"""How sure labels are is read by row, and a wrong file is told line by line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.confidences import CONFIDENCES, row_confidences
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, DataError

HEAD = "locale\tpartition\tid\tconfidence\tkind\n"


@pytest.fixture
def split(demo_store: Store, tmp_path: Path) -> DataSplit:
    """Its Parquet files lie beside a file of confidences."""
    for locale in ("de-DE", "en-US"):
        (tmp_path / locale).symlink_to(demo_store.path / locale)
    return DataSplit(replace(demo_store, path=tmp_path), "train", ("de-DE", "en-US"))


def test_rows_that_are_not_named_are_sure(split: DataSplit, tmp_path: Path) -> None:
    (part, other) = split.by_locale()
    ids = part.read(["id"])["id"].to_pylist()
    lines = f"de-DE\ttrain\t{ids[1]}\t0.25\tx\nde-DE\tdev\t{ids[0]}\t0.5\tx\n"
    (tmp_path / CONFIDENCES).write_text(HEAD + lines, encoding="utf-8")
    values = row_confidences(split)
    assert values.shape == (part.rows + other.rows,)
    assert np.flatnonzero(values != 1).tolist() == [1]
    assert values[1] == np.float32(0.25)
    # The rows that are trained on.
    (chosen, capped) = (part.capped_rows(2), row_confidences(part, 2))
    assert chosen is not None
    assert capped.tolist() == values[chosen].tolist()


def test_every_wrong_line_is_told(split: DataSplit, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no confidences\.tsv"):
        row_confidences(split)
    wrong = ["nan", "1.5", "-1", "x", ""]
    lines = [f"de-DE\ttrain\t{place}\t{value}" for place, value in enumerate(wrong)]
    path = tmp_path / CONFIDENCES
    path.write_text(HEAD + "\n".join([*lines, "de-DE", "de-DE\ttrain\t1\t1"]), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        row_confidences(split)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5, 6, 7]
    path.write_text("id\tconfidence\n", encoding="utf-8")
    with pytest.raises(DataError, match="locale, partition, id"):
        row_confidences(split)
