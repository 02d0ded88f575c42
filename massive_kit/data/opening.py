"""From the names on a command line to a store, and to a task laid on its data."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from massive_kit.data.home import DATA_VARIABLE, DEMO, home, stores
from massive_kit.data.intake.importing import import_data
from massive_kit.data.store import FORMAT, INDEX, Store
from massive_kit.data.task_data import TaskData, lay_task, task_languages
from massive_kit.errors import MissingDataError
from massive_kit.languages import LanguageTable
from massive_kit.schema.task import Task, load_task

# How samples are named by habit: of what, and how many rows per intent.
_SAMPLE = re.compile(r"(.+)-k([1-9][0-9]*)")

# Counts changes of the rules by which rows are read; what older rules read is imported again.
_RULES = 3


def open_data(
    name: str | None,
    fitting: Sequence[str] = (),
    languages: LanguageTable | None = None,
    *,
    sampled: bool = False,
) -> Store:
    """The store that `--data` (or `MASSIVE_KIT_DATA`, or the first fitting one at hand) names.

    A raw source is imported into the cache once and taken from there afterwards. The demo corpus is
    generated.

    Args:
        name: The value of `--data`, or `None` if it was not given.
        fitting: Names of stores that the task fits, the default first.
        languages: The task's language table, for raw sources.
        sampled: Whether the fitting stores are few-shot samples.

    Raises:
        MissingDataError: It is not there; the message says which command gets it.
    """
    name = name or os.environ.get(DATA_VARIABLE) or None
    candidates = [name] if name else list(fitting)
    for candidate in candidates:
        if candidate == DEMO:
            from massive_kit.data.demo import open_demo

            return open_demo()
        # A name first: an unpacked archive leaves a folder `1.1` behind; `./1.1` still means it.
        if Path(candidate).name == candidate and (stores() / candidate / INDEX).is_file():
            return Store.open(stores() / candidate)
        path = Path(candidate)
        if name and path.exists():
            return Store.open(path) if (path / INDEX).is_file() else _import_once(path, languages)
    if sampled and (name is None or name in fitting or _SAMPLE.fullmatch(name)):
        raise _missing_sample(candidates[0])
    wanted = " or ".join(repr(candidate) for candidate in candidates) or "to work on"
    raise MissingDataError(
        f"data set {wanted} not found; get it with `massive-kit data fetch`, or import a copy"
        f" with `massive-kit data import PATH --name {candidates[0] if candidates else 'NAME'}`"
    )


def open_task(
    task: str | Task, data: str | Store | None = None, train_data: str | None = None
) -> TaskData:
    """The task of that name or file, on the data that `--data` names or on the task's default.

    Args:
        task: A task, its name or its file.
        data: The store that is selected on and scored, or what names it.
        train_data: The store that is trained on, where that is another one.

    Raises:
        MissingDataError: The task or the data are not there.
        ConfigError: The task is wrong, or does not fit the data.
    """
    loaded = task if isinstance(task, Task) else load_task(task)
    languages = task_languages(loaded)
    sampled = loaded.setting == "few-shot"
    if isinstance(data, Store):
        store = data
    else:
        store = open_data(data, loaded.data, languages, sampled=sampled)
    # A store to train on is often a sample, whatever the setting.
    train_store = open_data(train_data, languages=languages, sampled=True) if train_data else None
    return lay_task(loaded, store, train_store)


def _missing_sample(name: str) -> MissingDataError:
    match = _SAMPLE.fullmatch(name)
    source, per_intent = match.groups() if match else ("1.1", "5")
    return MissingDataError(
        f"data set {name!r} not found; draw it with `massive-kit data sample --data {source}"
        f" --name {name} --per-intent {per_intent}`, or name another sample with --data"
    )


def _import_once(path: Path, languages: LanguageTable | None) -> Store:
    # Size and time of every file stand for the content, as in make.
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    digest = hashlib.sha256(str(path.resolve()).encode())
    for file in files:
        state = file.stat()
        digest.update(f"{file} {state.st_size} {state.st_mtime_ns}".encode())
    # So does what the user's own table says of locales and of scoring by character.
    table = languages or LanguageTable.shipped()
    scored = [(locale, table[locale].character_scored) for locale in sorted(table.languages)]
    digest.update(f"{FORMAT} {_RULES} {scored}".encode())
    target = home() / "imported" / digest.hexdigest()[:16]
    if (target / INDEX).is_file():
        return Store.open(target)
    try:
        return import_data(path, target, name=path.name.split(".jsonl")[0], languages=languages)
    except OSError:
        # Another process may have imported the same in the meantime.
        if (target / INDEX).is_file():
            return Store.open(target)
        raise
