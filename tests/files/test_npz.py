"""The one gate for `.npz` files."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from massive_kit.errors import ContentError, MissingDataError
from massive_kit.files import npz
from massive_kit.files.npz import read_arrays, write_arrays

ARRAYS: dict[str, NDArray[Any]] = {
    "counts": np.arange(12, dtype=np.int16).reshape(3, 4),
    "scores": np.linspace(0, 1, 5),
    "names": np.array(["a", "\u00e9"]),
    "single": np.array(3),
}


@pytest.mark.parametrize("compressed", [True, False])
def test_what_is_written_is_read(tmp_path: Path, *, compressed: bool) -> None:
    path = tmp_path / "new" / "x.npz"
    write_arrays(path, ARRAYS, compressed=compressed)
    arrays = read_arrays(path)
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert (arrays[name] == array).all()
    with np.load(path) as by_numpy:
        assert (by_numpy["counts"] == ARRAYS["counts"]).all()


def test_equal_arrays_make_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_arrays(tmp_path / name, ARRAYS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x.npz", ARRAYS)
    assert set(read_arrays(tmp_path / "x.npz", only={"names", "no such array"})) == {"names"}


def test_a_missing_file_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"x\.npz not found; `massive-kit x` writes it"):
        read_arrays(tmp_path / "x.npz", written_by="massive-kit x")
    with pytest.raises(MissingDataError, match=r"x\.npz not found$"):
        read_arrays(tmp_path / "x.npz")


@pytest.mark.parametrize("raw", [b"", b"PK no zip", b"PK\x05\x06" + bytes(17)])
def test_other_bytes_are_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(raw)
    with pytest.raises(ContentError, match="cannot be read"):
        read_arrays(tmp_path / "x.npz")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", evil=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ContentError, match="arrays without pickle"):
        read_arrays(tmp_path / "x.npz")


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tp.npy", b"0" * 20_000)
    with pytest.raises(ContentError, match="20,000 bytes unpacked; expected at most 19,999"):
        read_arrays(path, limit=19_999)
    monkeypatch.setattr(npz, "MAX_BYTES", 10_000)
    with pytest.raises(ContentError, match="at most 10,000"):
        read_arrays(path)
