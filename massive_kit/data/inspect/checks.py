"""Is a data set what it should be, and what should its users know? All counts, by locale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.counted import counted
from massive_kit.data.inspect.locale_rows import LocaleRows
from massive_kit.data.inspect.rare_labels import rare_labels, rows_of_labels
from massive_kit.data.inspect.row_checks import ROW_CHECKS, Level
from massive_kit.data.inspect.versions import differences
from massive_kit.data.lineage import Lineage
from massive_kit.data.store import Store
from massive_kit.errors import Problem
from massive_kit.languages import LanguageTable
from massive_kit.provenance import file_sha256

_EXAMPLES = 5
_EXAMPLES_TOLD = 3


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A count over the whole store.

    Attributes:
        name: Key, such as `not_nfc`.
        title: What is counted.
        level: Whether to worry.
        total: The count.
        locales: The count in each locale where it is not 0.
        examples: Some rows, as `locale/id`.
    """

    name: str
    title: str
    level: Level
    total: int
    locales: dict[str, int]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `data check` found.

    Attributes:
        store: The store's name.
        version: What it claims to be.
        lineage: How it was made of other stores; `None` where it was imported.
        rows: All utterances.
        locales: How many locales.
        partitions: Rows of each partition, by how many locales have so many.
        parallel: Whether all locales have the same ids in the same order, by partition.
        labels: How many intents, scenarios and slots occur, in all and by partition.
        absent: Labels of the inventory that a partition lacks.
        never: Intents and slots of the inventory that occur nowhere.
        results: The counts.
        problems: What is wrong (errors), or looks it (warnings).
    """

    store: str
    version: str
    lineage: Lineage | None
    rows: int
    locales: int
    partitions: dict[str, dict[int, int]]
    parallel: dict[str, bool]
    labels: dict[str, dict[str, int]]
    absent: dict[str, list[str]]
    never: dict[str, list[str]]
    results: tuple[CheckResult, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the store is sound and what it claims to be."""
        return all(problem.severity != "error" for problem in self.problems)

    def count(self, name: str) -> int:
        """The total of one check; 0 where the question did not arise."""
        return next((result.total for result in self.results if result.name == name), 0)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "store": self.store,
            "version": self.version,
            "lineage": None if self.lineage is None else self.lineage.to_json(),
            "ok": self.ok,
            "rows": self.rows,
            "locales": self.locales,
            "partitions": {
                name: {str(size): count for size, count in sizes.items()}
                for name, sizes in self.partitions.items()
            },
            "parallel": self.parallel,
            "labels": self.labels,
            "absent": self.absent,
            "never": self.never,
            "checks": {
                result.name: {
                    "title": result.title,
                    "level": result.level,
                    "total": result.total,
                    "locales": result.locales,
                    "examples": list(result.examples),
                }
                for result in self.results
            },
            "problems": [
                {
                    "where": problem.place,
                    "severity": problem.severity,
                    "found": problem.found,
                    "expected": problem.expected,
                    "todo": problem.todo,
                }
                for problem in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class _LocaleReport:
    counts: dict[str, int]
    examples: dict[str, list[str]]
    ids: dict[str, Any]
    intents: dict[str, set[str]]
    scenarios: dict[str, set[str]]
    slots: dict[str, set[str]]
    label_rows: dict[str, dict[str, int]]


def check_store(
    store: Store,
    languages: LanguageTable | None = None,
    *,
    reference: str = "en-US",
    progress: Callable[[str], None] | None = None,
) -> CheckReport:
    """Runs every check over a store.

    Args:
        store: The data.
        languages: Says which script a locale is written in.
        reference: The locale that others are compared with, where the store has it.
        progress: Called with each locale when it is done.
    """
    table = languages or LanguageTable.shipped()
    damage = {locale: _damage(store, locale) for locale in store.locales}
    base = None
    if reference in store.locales and not damage[reference]:
        base = LocaleRows.load(store, reference, table[reference].get("script"))

    def report_of(locale: str) -> _LocaleReport:
        if damage[locale]:
            return _LocaleReport({}, {}, {}, {}, {}, {}, {})
        against = None if locale == reference else base
        rows = LocaleRows.load(store, locale, table[locale].get("script"), against)
        report = _check_locale(store, locale, rows)
        if progress:
            progress(locale)
        return report

    with ThreadPoolExecutor(2) as pool:
        reports = dict(zip(store.locales, pool.map(report_of, store.locales), strict=True))
    problems = [problem for of_locale in damage.values() for problem in of_locale]
    problems += differences(store)
    problems += _repeated_ids(reports)
    parallel = _parallel(store, reports)
    partitions = {
        name: dict(Counter(parts[name].rows for parts in store.parts.values() if name in parts))
        for name in store.partitions
    }
    occurring = _occurring(store, reports)
    labels, absent = _labels(store, occurring)
    results = tuple(_results(reports))
    for result in results:
        if result.level == "warning" and result.total:
            where = ", ".join(result.locales) if len(result.locales) < 4 else "several locales"  # noqa: PLR2004 - fits a line
            more = ", ..." if len(result.examples) > _EXAMPLES_TOLD else ""
            some = ", ".join(result.examples[:_EXAMPLES_TOLD]) + more
            words = f"{result.title}: {result.total:,} ({some})"
            problems.append(Problem(where, words, severity="warning"))
    for kind in _KINDS:
        label_rows: Counter[str] = Counter()
        for report in reports.values():
            label_rows.update(report.label_rows.get(kind, {}))
        problems += rare_labels(kind, label_rows)
    return CheckReport(
        store=store.name,
        version=store.version,
        lineage=store.lineage,
        rows=store.total_rows,
        locales=len(store.locales),
        partitions=partitions,
        parallel=parallel,
        labels=labels,
        absent=absent,
        never=_never(store, occurring),
        results=results,
        problems=tuple(problems),
    )


def _check_locale(store: Store, locale: str, rows: LocaleRows) -> _LocaleReport:
    counts: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    ids = rows.column("id")
    for check in ROW_CHECKS:
        numbers = check.find(rows)
        if numbers is None:
            continue
        counts[check.name] = int(numbers.sum())
        where = np.flatnonzero(numbers)[:_EXAMPLES]
        examples[check.name] = [f"{locale}/{ids[int(row)].as_py()}" for row in where]
    part_ids, intents, scenarios, slots = {}, {}, {}, {}
    for name in store.parts[locale]:
        part = rows.table.filter(pc.equal(rows.table.column("partition"), name))
        part_ids[name] = part.column("id")
        intents[name] = _texts(part.column("intent"))
        scenarios[name] = _texts(part.column("scenario"))
        slots[name] = _texts(pc.list_flatten(part.column("labels"))) - {store.inventory.labels[0]}
    columns = {"intents": "intent", "scenarios": "scenario", "slots": "labels"}
    label_rows = {
        kind: rows_of_labels(rows.table.column(column)) for kind, column in columns.items()
    }
    return _LocaleReport(counts, examples, part_ids, intents, scenarios, slots, label_rows)


def _damage(store: Store, locale: str) -> list[Problem]:
    problems = []
    for name, part in store.parts[locale].items():
        path = store.file(locale, name)
        if not path.is_file():
            problems.append(Problem(str(path), "the file is missing", todo="import the data again"))
        elif file_sha256(path) != part.sha256:
            what = "the file has changed since its import"
            problems.append(Problem(str(path), what, todo="import the data again"))
    return problems


def _repeated_ids(reports: dict[str, _LocaleReport]) -> list[Problem]:
    """Predictions are matched to rows by id, so that an id may occur once in a part."""
    problems = []
    for locale, report in reports.items():
        for partition, ids in report.ids.items():
            if pc.count_distinct(ids).as_py() < len(ids):
                counts = Counter(ids.to_pylist())
                repeated = [name for name, count in counts.items() if count > 1]
                examples = ", ".join(map(repr, repeated[:_EXAMPLES_TOLD]))
                more = ", ..." if len(repeated) > _EXAMPLES_TOLD else ""
                found = f"{counted(len(repeated), 'id')} of several rows: {examples}{more}"
                todo = "import the data again, or give each row an id of its own"
                problems.append(Problem(f"{locale}/{partition}", found, "an id for each row", todo))
    return problems


def _texts(column: pa.ChunkedArray) -> set[str]:
    return {text for text in column.unique().to_pylist() if text is not None}


def _parallel(store: Store, reports: dict[str, _LocaleReport]) -> dict[str, bool]:
    parallel = {}
    for name in store.partitions:
        columns = [report.ids.get(name) for report in reports.values()]
        first = columns[0]
        parallel[name] = first is not None and all(
            column is not None and column.equals(first) for column in columns[1:]
        )
    return parallel


# Names that occur, by partition and kind of label.
_Occurring = dict[str, dict[str, set[str]]]
_KINDS = ("intents", "scenarios", "slots")


def _occurring(store: Store, reports: dict[str, _LocaleReport]) -> _Occurring:
    return {
        name: {
            kind: set().union(*(getattr(of, kind).get(name, ()) for of in reports.values()))
            for kind in _KINDS
        }
        for name in store.partitions
    }


def _labels(
    store: Store, occurring: _Occurring
) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    labels = {"all": {kind: len(_anywhere(occurring, kind)) for kind in _KINDS}}
    absent: dict[str, list[str]] = {}
    inventory = store.inventory
    for name, kinds in occurring.items():
        labels[name] = {kind: len(names) for kind, names in kinds.items()}
        if kinds["intents"]:
            absent[name] = [i for i in inventory.intents if i not in kinds["intents"]]
            absent[name] += [s for s in inventory.slots if s not in kinds["slots"]]
    return labels, absent


def _never(store: Store, occurring: _Occurring) -> dict[str, list[str]]:
    """What is in the inventory and in no row; nothing where no row has labels."""
    inventory = store.inventory
    declared = {"intents": inventory.intents, "slots": inventory.slots}
    there = {kind: _anywhere(occurring, kind) for kind in declared}
    if not any(there.values()):
        return {}
    return {
        kind: [name for name in names if name not in there[kind]]
        for kind, names in declared.items()
    }


def _anywhere(occurring: _Occurring, kind: str) -> set[str]:
    return set().union(*(kinds[kind] for kinds in occurring.values()))


def _results(reports: dict[str, _LocaleReport]) -> list[CheckResult]:
    results = []
    for check in ROW_CHECKS:
        counts = {
            locale: report.counts[check.name]
            for locale, report in reports.items()
            if check.name in report.counts
        }
        if not counts:
            continue
        examples = [
            row for report in reports.values() for row in report.examples.get(check.name, [])
        ]
        some = {locale: count for locale, count in counts.items() if count}
        results.append(
            CheckResult(
                check.name,
                check.title,
                check.level,
                sum(counts.values()),
                some,
                tuple(examples[:_EXAMPLES]),
            )
        )
    return results
