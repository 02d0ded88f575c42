"""Stores made of stores: what a transform is, and writing what it makes.

A transform is a module in `massive_kit/data/derive/`, found by being there. Its name is that of the
module, and it holds one class that extends `Transform`: a frozen dataclass whose fields are the
transform's parameters and, at the same time, the options of `massive-kit data derive NAME`.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from massive_kit.data import derive as transforms_package
from massive_kit.data.intake.conversion import content_hash
from massive_kit.data.intake.part_writing import part_writer
from massive_kit.data.inventory import Inventory
from massive_kit.data.lineage import LabellingRun, Lineage, Parent
from massive_kit.data.replacing import refuse_other_lineage
from massive_kit.data.store import Part, Store
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.provenance import file_sha256
from massive_kit.schema.resources import Resource

# The default of a parameter that has none.
REQUIRED: Any = dataclasses.MISSING


def parameter(default: Any, description: str, *flags: str) -> Any:
    """A field of a transform that is an option of the command line, too.

    Args:
        default: Its default, or `REQUIRED`.
        description: What it does, in a sentence; the help text of the option.
        flags: How the option is spelt, if not as the field.
    """
    return field(default=default, metadata={"description": description, "flags": flags})


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table for people, of text that is ready to print.

    Attributes:
        head: Above its columns; the first one names what the rows are of.
        rows: Its rows.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class DerivationReport:
    """What a transform has to say of what it made.

    Attributes:
        facts: For machines.
        notes: For people: what a user should know.
        warnings: For people: what may not be as they want it.
        table: For people: the facts as a table, where they are one.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    table: ReportTable | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a transform makes of its stores.

    Attributes:
        partitions: The partitions of the new store by locale, in the order of writing.
        rows: Gives the rows of a locale and partition, of the store's schema.
        inventory: The labels of the new store.
        character_locales: Its locales whose scoring unit is the character.
        report: What there is to say of it.
        texts: Text files that are written beside the index, by name.
    """

    partitions: Mapping[str, Sequence[str]]
    rows: Callable[[str, str], pa.Table]
    inventory: Inventory
    character_locales: frozenset[str]
    report: DerivationReport = DerivationReport()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file that a transform used.

    Attributes:
        name: Its name, without folders: these are of one machine alone.
        sha256: Of its content.
    """

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> UsedFile:
        """What is known of a file."""
        return cls(path.name, file_sha256(path))


class Transform(ABC):
    """A way to make a store of others; see the docstring of this module.

    Attributes:
        description: What it does, in a sentence, and then whatever a user should know of it.
        several: Whether it takes more than one store.
    """

    description: ClassVar[str]
    several: ClassVar[bool] = False
    __slots__ = ()

    def resources(self) -> tuple[Resource, ...]:
        """What this step uses beside its stores; none by default."""
        return ()

    def software(self) -> tuple[str, ...]:
        """Programs beside this package that make its rows what they are, with versions; none."""
        return ()

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The files that its parameters name, by parameter, as the lineage keeps them.

        Args:
            locales: Those that `derivation` got.
        """
        del locales
        return {}

    def labels_from(self, stores: Sequence[Store], locales: Sequence[str]) -> dict[str, str]:
        """Of locales whose rows are made of another's, that one; by default as in the stores.

        Where a locale of several stores has labels of its own in one of them, it counts as having
        its own.
        """
        inherited = {}
        for locale in locales:
            sources = {
                store.labels_from.get(locale, locale) for store in stores if locale in store.parts
            }
            if len(sources) == 1 and locale not in sources:
                inherited[locale] = sources.pop()
        return inherited

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """What it puts at the end of an id, after a dash, for a row that it makes of that one.

        None by default. A number may follow. Rows that were made of one row are resampled together,
        and are read in pairs where that row is.
        """
        del stores
        return ()

    def holders(self, stores: Sequence[Store], locale: str, partition: str) -> list[Store]:
        """The stores whose rows of a part go into the new one; by default all that have it."""
        return [store for store in stores if partition in store.parts.get(locale, {})]

    def labelling_runs(self) -> tuple[LabellingRun, ...]:
        """The runs that label its rows; none by default."""
        return ()

    @abstractmethod
    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """What becomes of some locales of the stores.

        Raises:
            MassiveKitError: The parameters do not fit the stores.
        """


@dataclass(frozen=True, slots=True)
class Derived:
    """A store that a transform made.

    Attributes:
        store: The new store.
        report: What the transform has to say of it.
    """

    store: Store
    report: DerivationReport

    @property
    def rows(self) -> dict[str, int]:
        """Utterances of each partition over all locales."""
        counts: dict[str, int] = {}
        for parts in self.store.parts.values():
            for partition, part in parts.items():
                counts[partition] = counts.get(partition, 0) + part.rows
        return counts


def transform_names() -> list[str]:
    """The transforms there are, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(transforms_package.__path__))


def find_transform(name: str) -> type[Transform]:
    """The transform of that name.

    Raises:
        UsageError: There is none.
    """
    if name not in transform_names():
        raise UsageError(f"no transform {name!r}; there are: {', '.join(transform_names())}")
    module = importlib.import_module(f"{transforms_package.__name__}.{name}")
    (transform,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Transform)
        and value.__module__ == module.__name__
    )
    return transform


def plan(
    stores: Sequence[Store], transform: Transform, locales: Sequence[str] | None = None
) -> Derivation:
    """What `derive` would write, and what there is to say of it.

    Raises:
        MissingDataError: No store has one of the locales.
        UsageError: The transform takes one store only.
        MassiveKitError: The transform's parameters do not fit the stores.
    """
    if len(stores) > 1 and not transform.several:
        raise UsageError(f"{_name_of(transform)} takes one store, not {len(stores)}")
    available = _locales(stores)
    chosen = list(locales) if locales else available
    missing = [locale for locale in chosen if locale not in available]
    if missing:
        names = " or ".join(store.name for store in stores)
        raise MissingDataError(f"the store {names} has no locale {', '.join(missing)}")
    return transform.derivation(stores, chosen)


def derive(
    stores: Store | Sequence[Store],
    transform: Transform,
    target: Path,
    *,
    name: str,
    locales: Sequence[str] | None = None,
    overwrite: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Derived:
    """Writes what a transform makes of one or several stores, whole or not at all.

    The new store records its lineage. It is another data set than its parents, so it claims no
    version.

    Args:
        stores: What it is made of.
        transform: How.
        target: Folder of the new store.
        name: What the new store is called.
        locales: Only these; by default all that any of the stores has.
        overwrite: Whether an older store at `target` is replaced even if it was made otherwise.
        progress: Called with each locale when it is written.

    Raises:
        MissingDataError: No store has one of the locales.
        UsageError: The transform takes one store only, the target holds one of the stores, or a
            store that was made otherwise and is not to be replaced.
        MassiveKitError: The transform's parameters do not fit the stores.
    """
    parents = [stores] if isinstance(stores, Store) else list(stores)
    _refuse_parents(target, parents)
    if not overwrite:
        refuse_other_lineage(target, _lineage(transform, parents, locales, {}))
    derivation = plan(parents, transform, locales)
    parts: dict[str, dict[str, Part]] = {}
    with atomic_folder(target) as folder:
        for locale, partitions in derivation.partitions.items():
            for partition in partitions:
                table = derivation.rows(locale, partition).combine_chunks()
                path = folder / locale / f"{partition}.parquet"
                with part_writer(path) as writer:
                    writer.write_table(table)
                part = Part(len(table), file_sha256(path), content_hash(table))
                parts.setdefault(locale, {})[partition] = part
            if progress:
                progress(locale)
        for file_name, text in derivation.texts.items():
            (folder / file_name).write_text(text, encoding="utf-8")
        lineage = replace(
            _lineage(transform, parents, locales, transform.labels_from(parents, [*parts])),
            labels_made=_labels_made(transform, parents, parts),
        )
        characters = derivation.character_locales
        Store(folder, name, "", derivation.inventory, parts, characters, lineage).write_index()
    return Derived(Store.open(target), derivation.report)


def _refuse_parents(target: Path, parents: Sequence[Store]) -> None:
    """The folder is replaced, and with it what the new store is made of."""
    place = target.resolve()
    for parent in parents:
        path = parent.path.resolve()
        if path == place or place in path.parents:
            raise UsageError(
                f"the new store would replace the store {parent.name} at {parent.path}, which it is"
                " made of; give the new store another name"
            )


def _lineage(
    transform: Transform,
    parents: Sequence[Store],
    locales: Sequence[str] | None,
    labels_from: Mapping[str, str],
) -> Lineage:
    parameters = {
        entry.name: _as_json(getattr(transform, entry.name))
        for entry in dataclasses.fields(transform)  # type: ignore[arg-type]  # each is a dataclass
        if entry.metadata.get("recorded", True)
    }
    parameters |= {
        key: [{"name": file.name, "sha256": file.sha256} for file in files]
        for key, files in transform.files(locales or _locales(parents)).items()
    }
    if locales:
        parameters["locales"] = list(locales)
    return Lineage(
        _name_of(transform),
        parameters,
        transform.resources(),
        tuple(Parent(store.name, store.hash, store.lineage) for store in parents),
        labels_from,
        transform.labelling_runs(),
        transform.id_endings(parents),
        software=transform.software(),
    )


def _labels_made(
    transform: Transform, parents: Sequence[Store], parts: Mapping[str, Mapping[str, Part]]
) -> dict[str, tuple[str, ...]]:
    """The partitions by locale some of whose labels were made before, where it has others, too."""
    inherited = transform.labels_from(parents, [*parts])
    made = {
        locale: tuple(
            partition
            for partition in partitions
            if any(
                store.has_made_labels(locale, partition)
                for store in transform.holders(parents, locale, partition)
            )
        )
        for locale, partitions in parts.items()
        if locale not in inherited
    }
    return {locale: partitions for locale, partitions in made.items() if partitions}


def _locales(stores: Sequence[Store]) -> list[str]:
    return sorted({locale for store in stores for locale in store.parts})


def _name_of(transform: Transform) -> str:
    return type(transform).__module__.rpartition(".")[2]


def _as_json(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
