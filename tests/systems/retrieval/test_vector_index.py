"""The nearest rows by the cosine, centred by language or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massive_kit.errors import ContentError, MissingDataError
from massive_kit.systems.retrieval import vector_index
from massive_kit.systems.retrieval.vector_index import FILE, VectorIndex, centred, of_length_one


def random(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, 8)).astype(np.float32)


def test_a_row_is_nearest_to_itself_whatever_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random(50)
    index = VectorIndex.of(rows, ["en-US"] * 50)
    ranked = index.nearest(7 * rows[:20], ["en-US"] * 20, 3)
    assert ranked.rows[:, 0].tolist() == [*range(20)]
    assert np.allclose(ranked.scores[:, 0], 1)
    # Block by block as all at once.
    monkeypatch.setattr(vector_index, "_MOST_SCORES", 120)
    assert (index.nearest(rows[:20], ["en-US"] * 20, 3).rows == ranked.rows).all()
    assert len(index.nearest(random(0), [], 3)) == 0


def test_centring_takes_away_what_a_language_has_in_common() -> None:
    english, shift = random(30), 20 * random(1, seed=1)[0]
    swahili = english + shift
    means = {
        locale: of_length_one(vectors).mean(axis=0)
        for locale, vectors in (("en-US", english), ("sw-KE", swahili))
    }
    plain = VectorIndex.of(english, ["en-US"] * 30)
    aware = VectorIndex.of(english, ["en-US"] * 30, means)
    right = [
        (index.nearest(swahili, ["sw-KE"] * 30, 1).rows[:, 0] == np.arange(30)).mean()
        for index in (plain, aware)
    ]
    assert right[0] < 0.3
    assert right[1] > 0.6
    # A language that was never seen takes the mean of all.
    assert np.isfinite(centred(english, ["km-KH"] * 30, means)).all()


def test_an_index_is_read_back_and_a_broken_file_is_told(tmp_path: Path) -> None:
    index = VectorIndex.of(random(5), ["en-US"] * 5, {"en-US": random(1, seed=2)[0]})
    index.save(tmp_path)
    again = VectorIndex.load(tmp_path)
    assert (again.vectors == index.vectors).all()
    assert again.means.keys() == {"en-US"}
    (tmp_path / FILE).write_bytes(b"no vectors")
    with pytest.raises(ContentError, match="holds no vectors"):
        VectorIndex.load(tmp_path)
    with pytest.raises(MissingDataError, match="train again"):
        VectorIndex.load(tmp_path / "elsewhere")
