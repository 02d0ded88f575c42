"""Whether a run, or one that it rests on, has seen the rows that a task scores.

Ids are shared by languages, so that a partition has been seen in whatever language it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from massive_kit.data.lineage import Lineage
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.task import Task
from massive_kit.systems.kind import kinds

_JOINED = " + "


@dataclass(frozen=True, slots=True)
class SeenRows:
    """Rows that a run has read.

    Attributes:
        chain: The runs that lead to who read them, outermost first.
        use: What for: labels or text to train on, labels that selected checkpoints, or text that
            the recipe names by `key`.
        partition: The partition; of runs that are made of others it may be several.
        origins: Names and content hashes of the stores that they are of, and that these were made
            of.
        locales: In which locales, where `content` is known.
        content: The hash of the rows in these; `None` where it is not known.
        key: The key of the recipe that names the partition.
    """

    chain: tuple[str, ...]
    use: Literal["labels", "text", "selection", "key"]
    partition: str
    origins: frozenset[str]
    locales: tuple[str, ...] = ()
    content: str | None = None
    key: str = ""

    def problem(self) -> Problem:
        """What a message says of them where a task scores them."""
        where = " > ".join(f"run {path}" for path in self.chain)
        if self.use == "key":
            todo = f"massive-kit configure {self.chain[-1]} --out NEW -o {self.key}=train"
            todo += ", and put the new run in its place" * (len(self.chain) > 1)
            what = f"its {self.key} is {self.partition}, whose text the task scores"
            return Problem(where, what, "text of another partition", todo)
        what = {
            "labels": f"it was trained on labels of {self.partition}, which the task scores",
            "text": f"it was trained on text of {self.partition}, which the task scores",
            "selection": f"labels of {self.partition}, which the task scores, selected checkpoints",
        }[self.use]
        todo = "train on other partitions, or score on a partition that no run here has seen"
        return Problem(where, what, "another partition", todo)


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """The rows that a task scores.

    Attributes:
        task: The task.
        origins: As those of `SeenRows`.
        store: The data, where they are at hand.
    """

    task: Task
    origins: frozenset[str]
    store: Store | None = None
    _hashes: dict[tuple[str, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, task_data: TaskData) -> ScoredRows:
        """Those of a task on its data."""
        store = _whole(task_data.test.store)
        # The split may be another than the task's, such as one that a search scores.
        partition = task_data.test.partition
        scored = task_data.task.test.model_copy(update={"partition": partition})
        task = task_data.task.model_copy(update={"test": scored})
        return cls(task, frozenset(store_origins(store)), store)

    def has(self, seen: SeenRows) -> bool:
        """Whether rows are among them, in whatever language."""
        partition = self.task.test.partition
        if partition in seen.partition.split(_JOINED) and self.origins & seen.origins:
            return True
        return seen.content is not None and seen.content == self._content(seen.locales)

    def allows(self, seen: SeenRows) -> bool:
        """Whether the task itself says that they are trained or selected on."""
        task = self.task
        declared = {"labels": [task.train], "text": [task.train]}
        declared["selection"] = [task.train, task.dev]
        return task.test.partition in [split.partition for split in declared.get(seen.use, [])]

    def _content(self, locales: tuple[str, ...]) -> str | None:
        store, partition = self.store, self.task.test.partition
        if store is None or any(partition not in store.parts.get(name, {}) for name in locales):
            return None
        if locales not in self._hashes:
            self._hashes[locales] = store.content_hash(partition, locales)
        return self._hashes[locales] if locales else None


def check_unseen(run: RunFolder, scored: ScoredRows, *, configured: bool = False) -> None:
    """Refuses a run that has seen what is scored, itself or through a run that it rests on.

    Args:
        run: The finished run.
        scored: What is scored.
        configured: Whether the run gets other settings before it is, so that what its own recipe
            reads does not matter.

    Raises:
        ConfigError: With the chain that leads to each run that has seen it.
        MissingDataError: The run has not ended.
        MassiveKitError: A file of it is damaged.
    """
    facts, path = run.facts(needs_model=False), str(run.path)
    seen = [*_seen(facts, (path,)), *_seen_by_key(facts, texts_read(run), (path,))]
    refused = [
        rows
        for rows in seen
        if scored.has(rows)
        and not scored.allows(rows)
        and not (configured and rows.use == "key" and rows.chain == (path,))
    ]
    # A run that is made of others has their rows; who read them is at the end of the chain.
    refused = [rows for rows in refused if not any(_is_behind(other, rows) for other in refused)]
    if refused:
        problems = [*dict.fromkeys(rows.problem() for rows in refused)]
        is_text = all(rows.use in {"text", "key"} for rows in refused)
        reason = "text that is scored was read before"
        raise ConfigError(reason if is_text else "rows that are scored were seen before", problems)


def texts_read(run: RunFolder) -> list[tuple[str, str, str]]:
    """Where text was read before a run predicts, its members' included if it is made of runs.

    Returns:
        For each a run, the key of its recipe that names the partition, and that.

    Raises:
        MissingDataError: The run has not ended.
        MassiveKitError: A file of it is damaged.
    """
    facts = run.facts(needs_model=False)
    of_members = [
        (str(read["run"]), str(read["key"]), str(read["partition"]))
        for read in facts.get("texts_read", ())
    ]
    # A recipe of a kind that is not installed here cannot be read.
    if facts["kind"] not in kinds() or not run.recipe_file.is_file():
        return of_members
    named = run.recipe().text_partitions().items()
    return [*((str(run.path), key, partition) for key, partition in named), *of_members]


def texts_as_json(texts: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """What `texts_read` returns, as a key of what `run.json` says; none where nothing was read."""
    kept = [{"run": run, "key": key, "partition": partition} for run, key, partition in texts]
    return {"texts_read": kept} if kept else {}


def store_origins(store: Store) -> list[str]:
    """Names and content hashes of a store and of all that it was made of."""
    store = _whole(store)
    return [*dict.fromkeys((store.name, store.hash, *_lineage_origins(store.lineage)))]


def _lineage_origins(lineage: Lineage | None) -> Iterator[str]:
    for parent in () if lineage is None else lineage.parents:
        yield from (parent.name, parent.hash, *_lineage_origins(parent.lineage))


def _whole(store: Store) -> Store:
    """The store without the view of some rows, which has other hashes."""
    return store if store.subset is None else Store.open(store.path)


def _seen(facts: Mapping[str, Any], chain: tuple[str, ...]) -> Iterator[SeenRows]:
    """What a run and all that it rests on have seen, as `run.json` says."""
    data = facts.get("data") or {}
    for name in ("train", "dev", "text", "pairs"):
        split = data.get(name)
        # Rows of several runs as one are those of its parents, which are told apart.
        if not split or ("parts" in split and facts.get("parents")):
            continue
        # What was selected on text alone, no label chose.
        if name == "dev" and (not facts.get("best") or split.get("text_only")):
            continue
        use: Literal["labels", "text", "selection"] = "text"
        if name == "dev":
            use = "selection"
        elif name == "train" and not split.get("text_only"):
            use = "labels"
        yield SeenRows(
            chain,
            use,
            str(split.get("partition", name)),
            _origins(data, "dev" if name == "dev" else "train"),
            tuple(split.get("locales", ())),
            split.get("hash"),
        )
    for parent in facts.get("parents", ()):
        longer = (*chain, str(parent["run"]))
        texts = [
            (read["run"], read["key"], read["partition"]) for read in parent.get("texts_read", ())
        ]
        yield from _seen_by_key(parent, texts, longer)
        yield from _seen(parent, longer)


def _seen_by_key(
    facts: Mapping[str, Any], texts: Sequence[tuple[str, str, str]], chain: tuple[str, ...]
) -> Iterator[SeenRows]:
    data = facts.get("data") or {}
    origins = _origins(data, "train") | _origins(data, "dev")
    for reader, key, partition in texts:
        readers = chain if reader == chain[-1] else (*chain, reader)
        yield SeenRows(readers, "key", partition, origins, key=key)


def _origins(data: Mapping[str, Any], split: str) -> frozenset[str]:
    kept = data.get("origins", {}).get(split)
    if kept is not None:
        return frozenset(kept)
    # Runs of earlier versions kept names alone, those that are made of others have several.
    names = (data.get("name") or "").split(_JOINED)
    train = data.get("train", {}).get("store")
    if train is None:
        return frozenset(names)
    return frozenset((train,) if split == "train" else (*names, train))


def _is_behind(other: SeenRows, rows: SeenRows) -> bool:
    """Whether another run down the same chain is why rows were seen."""
    same = (other.use, other.key) == (rows.use, rows.key)
    longer = len(other.chain) > len(rows.chain)
    return same and longer and other.chain[: len(rows.chain)] == rows.chain
