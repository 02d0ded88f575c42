"""The Python face: each function does what the command of its name does, and returns the result.

    import massive_kit

    data = massive_kit.load("1.1", "test", ["sw-KE"])
    run = massive_kit.train("tiny", task="massive-zeroshot", data="1.1", out="runs/tiny")
    evaluation = massive_kit.evaluate(run.path, task="massive-zeroshot", data="1.1")
    evaluation.to_frame()

Results show as tables in a notebook. Errors are those of `massive_kit.errors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args, overload

from massive_kit.arguments import (
    MOST_RESAMPLES,
    AnyPath,
    choice,
    list_of_names,
    path_of,
    paths_of,
    sampling,
    whole_number,
)
from massive_kit.breakdown.comparison import Comparison
from massive_kit.breakdown.comparison import compare as compare_systems
from massive_kit.data.opening import open_data, open_task
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Compat, Store
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.runs.evaluating import Evaluator
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import (
    PredictedFile,
    PredictedTexts,
    predict_task,
    predict_texts,
)
from massive_kit.runs.training import train_run
from massive_kit.schema.task import Task, load_task
from massive_kit.scoring.averages import DEFAULT_GROUPINGS
from massive_kit.scoring.evaluation import Evaluation
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.submission.report import Report
from massive_kit.systems.recipes import load_recipe

if TYPE_CHECKING:
    from massive_kit.engine.observer import TrainingObserver

_NAMED = "a name or a path"


@overload
def load(
    data: AnyPath | Store | None,
    partition: None = None,
    locales: None = None,
    *,
    text_only: bool = False,
) -> Store: ...


@overload
def load(
    data: AnyPath | Store | None,
    partition: str,
    locales: str | Sequence[str] | None = None,
    *,
    text_only: bool = False,
) -> DataSplit: ...


def load(
    data: AnyPath | Store | None,
    partition: str | None = None,
    locales: str | Sequence[str] | None = None,
    *,
    text_only: bool = False,
) -> Store | DataSplit:
    """A data set, or a partition of it over some locales.

    Args:
        data: A store by name or path, a raw source, or `demo`; `None` for what
            `MASSIVE_KIT_DATA` names.
        partition: Its partition; without it the whole store comes back.
        locales: Its locales, or one of them; by default all that have the partition.
        text_only: Labels cannot be read from the split.

    Returns:
        A `Store`, whose `to_frame` counts rows, or a `DataSplit`, whose `to_frame` and
        `to_dataset` give the rows to pandas and to `datasets`.

    Raises:
        MissingDataError: The data set, the partition or a locale is not found.
        UsageError: Locales or `text_only` are given without a partition.
    """
    source = _data(data)
    store = source if isinstance(source, Store) else open_data(source)
    if partition is None:
        if locales is not None or text_only:
            raise UsageError("locales and text_only are for a partition; name one")
        return store
    if partition not in store.partitions:
        known = ", ".join(store.partitions)
        raise MissingDataError(f"{store.name} has no partition {partition!r}; it has {known}")
    if locales is None:
        kept = tuple(name for name in store.locales if partition in store.parts[name])
    else:
        given = [locales] if isinstance(locales, str) else locales
        names = list_of_names("locales", given, store.locales[0])
        if not names:
            raise UsageError("locales is empty; leave it out for all of them")
        kept = LanguageTable.shipped().find(names, store.locales, f"the store {store.name}")
    split = DataSplit(store, partition, kept, text_only=text_only)
    # Tells now, not at the first read, what is missing.
    _ = split.hash
    return split


def train(
    recipe: AnyPath,
    task: AnyPath | Task,
    out: AnyPath,
    *,
    data: AnyPath | Store | None = None,
    train_data: AnyPath | None = None,
    override: Sequence[str] = (),
    resume: bool = False,
    observer: TrainingObserver | None = None,
) -> RunFolder:
    """Trains a system, as `massive-kit train` does.

    Args:
        recipe: A recipe by name or a YAML file.
        task: A task, its name or its file.
        out: The run directory.
        data: A store; the task's default if not given.
        train_data: The store to train on, if it is another one.
        override: `key=value` changes to the recipe.
        resume: Go on with a stopped run.
        observer: Told how training goes.

    Returns:
        The run; its `to_frame` has the dev scores.

    Raises:
        MassiveKitError: As `massive_kit.runs.training.train_run`.
    """
    folder, changes = path_of("out", out), _changes(override)
    other = None if train_data is None else str(path_of("train_data", train_data, _NAMED))
    task_data = open_task(_task(task), _data(data), other)
    loaded = load_recipe(str(path_of("recipe", recipe, _NAMED)), changes)
    return train_run(loaded, task_data, folder, resume=resume, observer=observer)


@overload
def predict(
    run: AnyPath | RunFolder,
    *,
    texts: str | Sequence[str],
    locale: str = "en-US",
    override: Sequence[str] = (),
) -> PredictedTexts: ...


@overload
def predict(
    run: AnyPath | RunFolder,
    *,
    task: AnyPath | Task,
    out: AnyPath,
    data: AnyPath | Store | None = None,
    override: Sequence[str] = (),
) -> PredictedFile: ...


def predict(
    run: AnyPath | RunFolder,
    *,
    texts: str | Sequence[str] | None = None,
    locale: str = "en-US",
    task: AnyPath | Task | None = None,
    out: AnyPath | None = None,
    data: AnyPath | Store | None = None,
    override: Sequence[str] = (),
) -> PredictedTexts | PredictedFile:
    """Predicts texts, or a task's test split into a file, as `massive-kit predict` does.

    Args:
        run: A run directory.
        texts: Texts of one locale, or one text.
        locale: Their locale.
        task: A task whose test split is predicted instead.
        out: The prediction file, `.jsonl` or `.jsonl.gz`.
        data: A store; the task's default if not given.
        override: `key=value` changes to the run's recipe, of keys that may change.

    Raises:
        MissingDataError: The run or the data set is not found.
        UsageError: Neither texts nor task and out are given, or both.
    """
    if (texts is None) == (task is None) or (task is None) != (out is None):
        raise UsageError("give texts (and locale), or task and out")
    folder, changes = path_of("run", run), _changes(override)
    if texts is not None:
        sentences = [texts] if isinstance(texts, str) else _sentences(texts)
        trained = RunFolder(folder).data().get("train", {}).get("locales", [])
        known = _text_locale(locale, trained)
        system = load_system(folder, changes)
        predicted = predict_texts(system, sentences, known)
        return PredictedTexts(tuple(predicted), system.inventory.scheme)
    assert task is not None
    task_data = open_task(_task(task), _data(data))
    return predict_task(folder, task_data, path_of("out", out), overrides=changes)


def evaluate(
    system: AnyPath | RunFolder | Sequence[AnyPath],
    task: AnyPath | Task,
    *,
    data: AnyPath | Store | None = None,
    out: AnyPath | None = None,
    compat: Literal["alexa"] | None = None,
    by: Sequence[str] = DEFAULT_GROUPINGS,
    resamples: int = 1000,
    seed: int = 0,
    source: AnyPath | Sequence[AnyPath] = (),
    again: bool = False,
) -> Evaluation:
    """Scores a run, or one system's prediction files, as `massive-kit eval` does.

    Args:
        system: A run directory, a prediction file, or one file per locale.
        task: A task, its name or its file.
        data: A store; the task's default if not given.
        out: A folder for `scores.json`, `stats.npz` and `labels.npz`.
        compat: `alexa` for the original's labels, defects included.
        by: Columns of the language table to group by.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the bootstrap.
        source: Predictions in the source locale, for the transfer gap.
        again: Whether a run predicts anew what it has kept.

    Raises:
        PredictionError: The predictions are invalid; holds every mistake.
        MissingDataError: The data set or a file is not found.
        ConfigError: The run used more than the task allows.
        UsageError: An argument cannot be used.
    """
    paths = paths_of("system", system)
    resamples, seed = sampling(resamples, seed)
    columns = list_of_names("by", by, "genus")
    others = () if source == () else paths_of("source", source)
    if compat is not None:
        choice("compat", compat, get_args(Compat))
    folder = None if out is None else path_of("out", out)
    if folder is not None and folder.is_file():
        raise UsageError(f"out is the file {folder}; expected a folder")
    evaluator = Evaluator(
        open_task(_task(task), _data(data)),
        compat=compat,
        resamples=resamples,
        seed=seed,
        by=columns,
        source=others,
        folder=folder,
        again=again,
    )
    return evaluator.evaluate(paths, evaluator.folder).evaluation


def compare(
    first: AnyPath, second: AnyPath, *, resamples: int = 10_000, seed: int = 0
) -> Comparison:
    """Compares two systems by paired tests, as `massive-kit compare` does.

    Args:
        first: A folder that `evaluate(..., out=...)` or `massive-kit eval --out` wrote.
        second: Another one.
        resamples: Of each test.
        seed: Of the tests.

    Raises:
        MassiveKitError: The folders hold no scores, or scores of different data.
    """
    systems = [path_of("first", first), path_of("second", second)]
    resamples = whole_number("resamples", resamples, 1, MOST_RESAMPLES)
    seed = whole_number("seed", seed)
    (comparison,) = compare_systems(systems, resamples=resamples, seed=seed)
    return comparison


def validate(
    files: AnyPath | Sequence[AnyPath],
    task: AnyPath | Task,
    *,
    data: AnyPath | Store | None = None,
    shown: int = 10,
) -> Report:
    """Checks predictions for a task, without labels, as `massive-kit validate` does.

    Args:
        files: A prediction file, or several of one system.
        task: A task, its name or its file.
        data: A store; without it the index that comes with the package, where it has the task's.
        shown: How many mistakes of each kind the report lists; all are counted.

    Raises:
        MissingDataError: The data set or a file is not found.
    """
    paths, shown = paths_of("files", files), whole_number("shown", shown, 1)
    index = TaskIndex.at_hand(_task(task), _data(data))
    return read_predictions(paths, index, allow_errors=True, shown=shown).report


def _text_locale(given: str, trained: Sequence[str]) -> str:
    if not isinstance(given, str):
        raise UsageError(f"locale is {given!r:.60}; expected a locale, such as 'en-US'")
    table = LanguageTable.shipped()
    meant = table.match(given, [*table.languages, *trained])
    if not meant.known:
        words = meant.problem or f"the locale {given!r} is not known here"
        raise MissingDataError(f"{words}; {meant.hint}" if meant.hint else words)
    return meant.locale


def _task(task: AnyPath | Task) -> Task:
    return task if isinstance(task, Task) else load_task(str(path_of("task", task, _NAMED)))


def _data(data: AnyPath | Store | None) -> str | Store | None:
    return data if data is None or isinstance(data, Store) else str(path_of("data", data, _NAMED))


def _changes(override: Sequence[str]) -> tuple[str, ...]:
    return list_of_names("override", override, "optimiser.lr=1e-4")


def _sentences(texts: Sequence[str]) -> list[str]:
    sentences = [*texts] if isinstance(texts, Iterable) else [texts]
    for text in sentences:
        if not isinstance(text, str):
            raise UsageError(f"texts holds {text!r:.60}; expected a text, or a list of texts")
    return sentences
