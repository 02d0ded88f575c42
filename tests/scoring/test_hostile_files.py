"""Files from strangers: whatever stands in them, the answer is a message."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from massive_kit.errors import MassiveKitError
from massive_kit.files import npz
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef
from massive_kit.scoring.evaluation import Context, evaluate_labels
from massive_kit.scoring.labels import load_labels
from massive_kit.scoring.replicates import load_replicates
from massive_kit.scoring.stats_file import load_stats_file
from tests.scoring.corpora import random_pair


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("files")
    gold, predicted = random_pair(2, 12, seed=0)
    data = DataRef(name="d", version="", hash="0", partition="test")
    context = Context("t", "full", data, LanguageTable.shipped(), gold.locales)
    evaluate_labels(context, gold, predicted, resamples=10).save(root)
    return root


READERS: dict[str, Callable[[Path], object]] = {
    "stats.npz": load_stats_file,
    "labels.npz": load_labels,
}


@pytest.mark.parametrize("name", READERS)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6))
def test_damaged_bytes_give_a_message(
    name: str, changes: list[tuple[float, int]], folder: Path, tmp_path: Path
) -> None:
    raw = bytearray((folder / name).read_bytes())
    for place, value in changes:
        raw[int(place * len(raw))] = value
    path = tmp_path / name
    path.write_bytes(raw)
    readers = [READERS[name], *([load_replicates] if name == "stats.npz" else [])]
    for read in readers:
        with contextlib.suppress(MassiveKitError):
            read(path)


def _changed(folder: Path, tmp_path: Path, **values: object) -> Path:
    arrays = npz.read_arrays(folder / "stats.npz") | {k: np.asarray(v) for k, v in values.items()}
    npz.write_arrays(tmp_path / "stats.npz", arrays)
    return tmp_path / "stats.npz"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"locale": np.full(24, 9, np.int16)}, "wrong values in locale"),
        ({"locale": np.arange(24, dtype=np.int16)[::-1]}, "wrong values in locale"),
        ({"tp": np.full(24, -1)}, "wrong values in tp"),
        ({"exact": np.zeros(24)}, "wrong values in exact"),
        ({"tp": np.zeros(3, np.int16)}, "columns differ in length"),
        ({"about": '{"task": 1}'}, "does not say what it is of"),
    ],
)
def test_wrong_values_are_told(
    values: dict[str, object], message: str, folder: Path, tmp_path: Path
) -> None:
    path = _changed(folder, tmp_path, **values)
    with pytest.raises(MassiveKitError, match=message):
        load_stats_file(path)


def test_replicates_that_are_not_numbers_are_told(folder: Path, tmp_path: Path) -> None:
    replicates = npz.read_arrays(folder / "stats.npz")["replicates"]
    with pytest.raises(MassiveKitError, match="not all numbers"):
        load_replicates(_changed(folder, tmp_path, replicates=replicates + np.inf))
    # A score that is not defined on the whole is not defined on a part.
    scores = np.full(replicates.shape[1:], np.nan)
    with pytest.raises(MassiveKitError, match="not all numbers"):
        load_replicates(_changed(folder, tmp_path, replicate_scores=scores))
    with pytest.raises(MassiveKitError, match="replicates have shape"):
        load_replicates(_changed(folder, tmp_path, replicates=replicates[:, :1]))
