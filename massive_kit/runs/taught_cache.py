"""What teachers said, kept in the cache: half precision, by a hash of all that it hangs on.

HOME/taught/KEY.npz          distributions over labels of the texts of a locale
HOME/taught/KEY.states.npy   hidden states of their words, where they were asked for
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.home import home
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.word_states import StatesAsked, WordStates
from massive_kit.errors import ContentError, MissingDataError
from massive_kit.files.atomic import atomic_file
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.runs.folder import RunFolder
from massive_kit.systems.trained_recipe import TrainedRecipe

# What other answers than these would be written under has another number.
_FORMAT = 1
# Older answers are deleted where all would take more.
MOST_BYTES = 24 * 2**30
# Parts of a file that are hashed at a time.
_BLOCK = 2**22
_SHAPES = {"intents": 2, "labels": 2, "offsets": 1, "read": 1}


@dataclass(frozen=True, slots=True)
class TaughtCache:
    """What a run said.

    Attributes:
        run: A hash of its model and of how it predicts, with what is asked.
        with_states: Whether hidden states are asked for.
    """

    run: str
    with_states: bool

    @classmethod
    def of(cls, path: Path, asked: StatesAsked | None) -> TaughtCache:
        """The answers of a finished run."""
        folder = RunFolder(path)
        recipe = folder.recipe()
        from massive_kit.engine.precision import choose_precision

        # The members of an ensemble are loaded as their recipes say, by default as it fits here.
        wanted = recipe.training.precision if isinstance(recipe, TrainedRecipe) else "auto"
        precision = choose_precision(wanted)
        digest = hashlib.sha256(f"{_FORMAT} {asked} {precision} ".encode())
        digest.update(recipe.model_dump_json().encode())
        for file in sorted(file for file in folder.model.rglob("*") if file.is_file()):
            digest.update(f" {file.relative_to(folder.model)} ".encode())
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
        return cls(digest.hexdigest(), asked is not None)

    def read(self, locale: str, table: pa.Table) -> LabelDistributions | None:
        """What it said of the rows of a locale; `None` where that is not kept."""
        path = self._path(locale, table)
        try:
            arrays = read_arrays(path)
            states = np.load(_states_of(path), mmap_mode="r") if self.with_states else None
        except (MissingDataError, ContentError, OSError, ValueError, EOFError):
            # Not there, or torn: it is asked again.
            return None
        if {name: array.ndim for name, array in arrays.items()} != _SHAPES:
            return None
        offsets, count = arrays["offsets"], len(arrays["labels"])
        whole = len(offsets) == len(table) + 1 and offsets[-1] == count
        if not whole or (states is not None and len(states) != count):
            return None
        with suppress(OSError):
            # The oldest are deleted first.
            os.utime(path)
        return LabelDistributions(
            **arrays, states=None if states is None else WordStates((states,))
        )

    def holds(self, locale: str, table: pa.Table) -> bool:
        """Whether there is a file with what it said of the rows of a locale."""
        path = self._path(locale, table)
        return path.is_file() and (not self.with_states or _states_of(path).is_file())

    def write(self, locale: str, table: pa.Table, said: LabelDistributions) -> None:
        """Keeps what it said of the rows of a locale."""
        path = self._path(locale, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        states = None
        if said.states is not None:
            (states,) = said.states.parts
        arrays: dict[str, NDArray[np.generic]] = {
            "intents": said.intents.astype(np.float16, copy=False),
            "labels": said.labels.astype(np.float16, copy=False),
            "offsets": said.offsets,
            "read": said.read,
        }
        size = sum(array.nbytes for array in arrays.values())
        _make_room(path.parent, size + (0 if states is None else states.nbytes))
        if states is not None:
            with atomic_file(_states_of(path)) as stream:
                np.save(stream, states, allow_pickle=False)
        write_arrays(path, arrays, compressed=False)

    def _path(self, locale: str, table: pa.Table) -> Path:
        columns = [table[name].to_pylist() for name in ("id", "utt", "tokens")]
        digest = hashlib.sha256(f"{self.run} {locale} ".encode() + orjson.dumps(columns))
        return home() / "taught" / f"{digest.hexdigest()[:32]}.npz"


def _states_of(path: Path) -> Path:
    return path.with_suffix(".states.npy")


def _make_room(folder: Path, size: int) -> None:
    """Deletes the answers that were read longest ago, until others have room."""
    answers = sorted(folder.glob("*.npz"), key=_age)
    total = size + sum(_sizes(folder))
    for path in answers:
        if total <= MOST_BYTES:
            return
        for file in (path, _states_of(path)):
            with suppress(OSError):
                total -= file.stat().st_size
                file.unlink()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.iterdir():
        with suppress(OSError):
            yield path.stat().st_size
