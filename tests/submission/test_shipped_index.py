"""The index that comes with the package can be written again, and is what the data give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.intake.importing import import_data
from massive_kit.data.store import Store
from massive_kit.errors import DataError
from massive_kit.files.npz import read_arrays
from massive_kit.submission.index import SHIPPED
from massive_kit.submission.shipped_index import index_arrays, main


def test_the_command_writes_ids_and_token_counts(
    demo_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "index.npz"
    assert main(["--data", "demo", "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"156 ids, 52 locales -> {path}\n"
    arrays = read_arrays(path)
    assert arrays["locales"].tolist() == list(demo_store.locales)
    gold = demo_store.label_columns("test", ["km-KH"])
    row = demo_store.locales.index("km-KH")
    assert arrays["token_counts"][row].tolist() == gold.token_counts.tolist()
    assert arrays["ids"].astype(str).tolist() == gold.ids.tolist()
    assert len(arrays["ids_train"]) == demo_store.rows("train", ["km-KH"])


def test_missing_data_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", "nothing"]) == 1
    assert "data set 'nothing' not found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ids", "tokens", "expected"), [("12", 1, "the same ids"), ("1", 300, "at most 255")]
)
def test_data_that_do_not_fit_are_refused(
    tmp_path: Path, ids: str, tokens: int, expected: str
) -> None:
    row = {"partition": "test", "utt": " ".join(["a"] * tokens)}
    rows = [{**row, "id": "1", "locale": "de-DE"}]
    rows += [{**row, "id": name, "locale": "fr-FR"} for name in ids]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    store = import_data(tmp_path / "x.jsonl", tmp_path / "store", name="x")
    with pytest.raises(DataError) as caught:
        index_arrays(store)
    assert expected in str(caught.value)


@pytest.mark.realdata
def test_the_shipped_file_is_what_the_data_give(real_store: Store) -> None:
    shipped, arrays = read_arrays(SHIPPED), index_arrays(real_store)
    assert shipped.keys() == arrays.keys()
    for name, array in arrays.items():
        assert array.dtype == shipped[name].dtype, name
        np.testing.assert_array_equal(array, shipped[name], name)
