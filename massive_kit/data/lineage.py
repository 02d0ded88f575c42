"""Where a store comes from: its parents, how it was made of them, and what was used for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from massive_kit.data.id_split import IdSplit
from massive_kit.schema.resources import RESOURCES, Resource

# Files of one parameter that are shown to people.
_MOST_FILES = 3
# What transforms put at the end of ids before stores kept that, where it was not their own name.
_OLD_ID_ENDINGS = {"translate_words": "words", "mix": "again"}


@dataclass(frozen=True, slots=True)
class UsedResource:
    """A resource, and who used it.

    Attributes:
        resource: What was used.
        by: The chain that leads to who used it, outermost first, such as `run runs/student`,
            `store mixed`, `store translated`.
        shots: Of `target-labels`, most training rows per intent, or `None` where all were used.
        locales: Of `target-labels` whose labels, of `unlabelled-text` whose text; empty where that
            is not known.
        ids: Of `parallel-text` the ids that were read in pairs, of `target-labels` those that were
            left out since others are; `None` where nothing is known of ids.
    """

    resource: Resource
    by: tuple[str, ...]
    shots: int | None = None
    locales: tuple[str, ...] = ()
    ids: IdSplit | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> UsedResource:
        """The inverse of `to_json`.

        Raises:
            ValueError: The resource is not one of the vocabulary.
            KeyError: A key is missing.
        """
        shots = value.get("shots")
        return cls(
            _resource(value["resource"]),
            tuple(map(str, value["by"])),
            None if shots is None else int(shots),
            tuple(map(str, value.get("locales", ()))),
            IdSplit.from_json(value["ids"]) if "ids" in value else None,
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept beside a run."""
        shots = {} if self.shots is None else {"shots": self.shots}
        locales = {"locales": list(self.locales)} if self.locales else {}
        ids = {"ids": self.ids.to_json()} if self.ids else {}
        return {"resource": self.resource, "by": list(self.by), **shots, **locales, **ids}

    def is_of(self, locales: Collection[str]) -> bool:
        """Whether these are labels or text of some locales alone."""
        of_locales = self.resource in {"target-labels", "unlabelled-text"} and self.locales
        return bool(of_locales) and {*self.locales} <= {*locales}

    def through(self, user: str) -> UsedResource:
        """The same, seen from `user`, which builds on the one that leads the chain."""
        return replace(self, by=(user, *self.by))


@dataclass(frozen=True, slots=True)
class Parent:
    """A store that another one was made of.

    Attributes:
        name: What it was called.
        hash: Of its content, as `Store.hash` gives it.
        lineage: Where it came from itself; `None` where it was imported.
    """

    name: str
    hash: str
    lineage: Lineage | None = None


@dataclass(frozen=True, slots=True)
class LabellingRun:
    """A run that labelled rows of a store.

    Attributes:
        name: Where it is.
        used: What it used, each with its chain.
        facts: What a run that is trained on the store keeps of it, as of a parent.
    """

    name: str
    used: tuple[UsedResource, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> LabellingRun:
        """The inverse of `to_json`.

        Raises:
            ValueError: A resource is not one of the vocabulary.
            KeyError: A key is missing.
        """
        used = tuple(UsedResource.from_json(resource) for resource in value["resources"])
        return cls(str(value["run"]), used, dict(value["facts"]))

    def to_json(self) -> dict[str, Any]:
        """As it stands in `store.json`."""
        resources = [resource.to_json() for resource in self.used]
        return {"run": self.name, "resources": resources, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a store was made of others.

    Attributes:
        transform: The transform that made it, such as `sample`.
        parameters: Its parameters, as JSON holds them.
        resources: What this step used; its parents' own are in their lineage.
        parents: What it was made of.
        labels_from: Of locales whose rows were made of another's, whose labels they have.
        runs: The runs that labelled its rows.
        id_endings: What it put at the end of ids of rows that it made of others; `None` where that
            was not kept.
        labels_made: By locale the partitions with labels of its own in some rows, and with labels
            that were made in others; of the locales of `labels_from` all are made.
        software: Programs beside this package that made its rows what they are, with versions; no
            resource, since they hold no data of the task.
    """

    transform: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    parents: tuple[Parent, ...] = ()
    labels_from: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[LabellingRun, ...] = ()
    id_endings: tuple[str, ...] | None = None
    labels_made: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    software: tuple[str, ...] = ()

    @classmethod
    def of_sample(cls, shots: int) -> Lineage:
        """What can be known of a few-shot sample whose index says no more than `shots`."""
        return cls("sample", {"per_intent": shots, "partitions": ["train"]})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Lineage:
        """The inverse of `to_json`.

        Raises:
            ValueError: A resource is not one of the vocabulary.
            KeyError: A key is missing.
        """
        return cls(
            str(value["transform"]),
            dict(value["parameters"]),
            tuple(_resource(name) for name in value["resources"]),
            tuple(
                Parent(
                    str(parent["name"]),
                    str(parent["hash"]),
                    cls.from_json(parent["lineage"]) if "lineage" in parent else None,
                )
                for parent in value["parents"]
            ),
            {str(key): str(source) for key, source in value.get("labels_from", {}).items()},
            tuple(LabellingRun.from_json(run) for run in value.get("runs", ())),
            tuple(map(str, value["id_endings"])) if "id_endings" in value else None,
            {
                str(locale): tuple(map(str, names))
                for locale, names in value.get("labels_made", {}).items()
            },
            tuple(map(str, value.get("software", ()))),
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in `store.json`."""
        return {
            "transform": self.transform,
            "parameters": dict(self.parameters),
            "resources": list(self.resources),
            **({"labels_from": dict(self.labels_from)} if self.labels_from else {}),
            **({"runs": [run.to_json() for run in self.runs]} if self.runs else {}),
            **({} if self.id_endings is None else {"id_endings": list(self.id_endings)}),
            **(
                {"labels_made": {key: list(names) for key, names in self.labels_made.items()}}
                if self.labels_made
                else {}
            ),
            **({"software": list(self.software)} if self.software else {}),
            "parents": [
                {"name": parent.name, "hash": parent.hash}
                | ({"lineage": parent.lineage.to_json()} if parent.lineage else {})
                for parent in self.parents
            ],
        }

    @property
    def shots(self) -> int | None:
        """Most training rows per intent of the sample that the store rests on; `None`: no sample.

        What is made of samples alone is a sample too, as large as the largest of them.
        """
        limits = [parent.lineage.shots if parent.lineage else None for parent in self.parents]
        known = [limit for limit in limits if limit is not None]
        inherited = max(known) if known and len(known) == len(limits) else None
        drawn = self.parameters.get("per_intent") if self._samples("train") else None
        return min((limit for limit in (drawn, inherited) if limit is not None), default=None)

    def _samples(self, partition: str) -> bool:
        return self.transform == "sample" and partition in self.parameters.get("partitions", ())

    def sampled(self, partition: str) -> bool:
        """Whether some rows of a partition were left out on the way to this store."""
        parents = (parent.lineage for parent in self.parents)
        return self._samples(partition) or any(
            lineage is not None and lineage.sampled(partition) for lineage in parents
        )

    def used(self, store: str) -> Iterator[UsedResource]:
        """What was used for the store of that name, by it and by all that it was made of."""
        user = f"store {store}"
        for resource in self.resources:
            # Text that was labelled is that of the locales whose labels it has not.
            of_text = tuple(self.labels_from) if resource == "unlabelled-text" else ()
            ids = self.parameters.get("parallel_ids") if resource == "parallel-text" else None
            read = IdSplit.from_json(ids) if ids else None
            yield UsedResource(resource, (user,), locales=of_text, ids=read)
        for run in self.runs:
            for used in run.used:
                yield used.through(f"run {run.name}").through(user)
        for parent in self.parents:
            if parent.lineage is not None:
                for used in parent.lineage.used(parent.name):
                    yield used.through(user)

    def labelling_runs(self) -> Iterator[LabellingRun]:
        """The runs that labelled rows of the store or of one that it was made of."""
        yield from self.runs
        for parent in self.parents:
            if parent.lineage is not None:
                yield from parent.lineage.labelling_runs()

    def all_id_endings(self) -> Iterator[str]:
        """What the ids of rows may end with that were made of others, here or on the way here."""
        if self.id_endings is not None:
            yield from self.id_endings
        else:
            yield _OLD_ID_ENDINGS.get(self.transform, self.transform)
            # Of an id that two stores have, `mix` says of which one it is.
            yield from [parent.name for parent in self.parents if self.transform == "mix"]
        for parent in self.parents:
            yield from parent.lineage.all_id_endings() if parent.lineage is not None else []

    def all_software(self) -> Iterator[str]:
        """The programs that made rows of the store or of one that it was made of."""
        yield from self.software
        for parent in self.parents:
            yield from parent.lineage.all_software() if parent.lineage is not None else []

    def lines(self, indent: str = "") -> list[str]:
        """The chain for people, a line per store, parents indented below what was made of them."""
        given = {key: value for key, value in self.parameters.items() if value is not None}
        parameters = ", ".join(f"{key}={_shown(value)}" for key, value in given.items())
        using = f", using {', '.join(self.resources)}" if self.resources else ""
        through = f" through {', '.join(self.software)}" if self.software else ""
        lines = [f"{indent}made by {self.transform}({parameters}){through}{using}"]
        lines += [f"{indent}labelled by run {run.name}" for run in self.runs]
        for parent in self.parents:
            lines.append(f"{indent}of {parent.name} ({parent.hash})")
            if parent.lineage is not None:
                lines += parent.lineage.lines(indent + "  ")
        return lines


def _resource(name: Any) -> Resource:
    for resource in RESOURCES:
        if resource == name:
            return resource
    raise ValueError(f"{name!r} is not a resource; expected one of {', '.join(RESOURCES)}")


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        files = [entry for entry in value if isinstance(entry, Mapping)]
        more = f" and {len(files) - _MOST_FILES:,} more" * (len(files) > _MOST_FILES)
        return "+".join(map(_shown, files[:_MOST_FILES] or value)) + more
    if isinstance(value, Mapping):
        return f"{value.get('name')} (sha256 {str(value.get('sha256'))[:12]})"
    return str(value)
