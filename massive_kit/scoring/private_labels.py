"""Scoring against labels that stay private: neither they nor their path are ever published."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from massive_kit.data.intake.importing import import_data
from massive_kit.data.store import INDEX, Store
from massive_kit.data.task_data import task_languages
from massive_kit.errors import ContentError, MassiveKitError, MissingDataError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.schema.task import Task

# What does not say whether a single utterance was right, which would give the labels away to
# whoever has the predictions.
_PUBLIC = ("about", "replicates", "replicate_keys", "replicate_scores", "weights")


@contextmanager
def private_store(path: Path, task: Task) -> Iterator[Store]:
    """The labels as a store under the name of the task's data set, while the block runs.

    A raw source is imported into a temporary folder, not into the cache. Errors raised in the block
    do not name the path.

    Raises:
        MissingDataError: The labels cannot be read.
    """
    try:
        with tempfile.TemporaryDirectory() as temporary:
            if (path / INDEX).is_file():
                store = Store.open(path)
            elif path.exists():
                target = Path(temporary) / "store"
                store = import_data(path, target, name=task.data[0], languages=task_languages(task))
            else:
                raise MissingDataError("--labels names no file or folder")
            yield replace(store, name=task.data[0])
    except ContentError as error:
        problems = [replace(p, where=_without(p.where, path)) for p in error.problems]
        summary = _without(str(error.args[0]), path)
        raise type(error)(summary, problems, error.total) from None
    except MassiveKitError as error:
        raise type(error)(_without(str(error), path)) from None
    except OSError as error:
        raise MissingDataError(f"the labels cannot be read: {error.strerror}") from None


def strip_counts(path: Path) -> None:
    """Removes single utterances' counts from a `stats.npz`; averages can still be compared."""
    arrays = read_arrays(path)
    write_arrays(path, {name: arrays[name] for name in _PUBLIC if name in arrays})


def _without(text: str, path: Path) -> str:
    # The longest first, so that no part of it remains.
    for name in (str(path.resolve()), str(path), path.name):
        if len(name) > 1:
            text = text.replace(name, "the labels")
    return text
