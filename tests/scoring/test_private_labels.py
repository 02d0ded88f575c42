"""Labels that stay private: no error, no file and no cache names them or gives them away."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.demo.corpus import rows
from massive_kit.errors import ContentError, MassiveKitError, MissingDataError
from massive_kit.files.jsonio import dumps
from massive_kit.schema.task import load_task
from massive_kit.scoring.private_labels import private_store, strip_counts

NAME = "the-private-gold"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / NAME
    folder.mkdir()
    lines = [dumps(row, indent=False) for row in rows("en-US") if row["partition"] == "test"]
    (folder / "en-US.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_raw_source_is_read_and_leaves_nothing(source: Path) -> None:
    home = Path(os.environ["MASSIVE_KIT_HOME"])
    before = set(home.rglob("*"))
    with private_store(source, load_task("demo-full")) as store:
        assert store.name == "demo"
        assert store.locales == ("en-US",)
        held = store.path
    assert not held.exists()
    assert set(home.rglob("*")) == before


@pytest.mark.parametrize("content", [b"{", b'{"id": 1}', b"\xff"])
def test_errors_do_not_name_the_place(content: bytes, source: Path) -> None:
    (source / "en-US.jsonl").write_bytes(content)
    with pytest.raises(MassiveKitError) as caught, private_store(source, load_task("demo-full")):
        pass
    message = str(caught.value)
    if isinstance(caught.value, ContentError):
        message += "".join(map(str, caught.value.problems))
    assert NAME not in message


def test_nothing_there_is_not_named(tmp_path: Path) -> None:
    with (
        pytest.raises(MissingDataError) as caught,
        private_store(tmp_path / NAME, load_task("demo-full")),
    ):
        pass
    assert NAME not in str(caught.value)


def test_errors_of_the_block_do_not_name_the_place_either(source: Path) -> None:
    with (
        pytest.raises(MissingDataError) as caught,
        private_store(source, load_task("demo-full")) as store,
    ):
        store.read("MMNLU-22", ["en-US"])
    assert NAME not in str(caught.value)


def test_no_utterance_is_left_in_the_statistics(tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    np.savez(
        path,
        about=np.array("{}"),
        replicates=np.zeros((2, 3)),
        weights=np.array("w"),
        intent_right=np.ones(5),
        exact=np.ones(5),
        tp=np.ones(5),
    )
    strip_counts(path)
    with np.load(path, allow_pickle=False) as arrays:
        assert set(arrays.files) == {"about", "replicates", "weights"}
