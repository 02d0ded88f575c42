"""`board.yaml`: what a leaderboard is called, its sections, and how it orders systems."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, field_validator, model_validator

from massive_kit.schema.config import Strict, check, read_yaml, unknown_key
from massive_kit.schema.line import Line
from massive_kit.schema.manifest import Link, Manifest, Slug
from massive_kit.schema.metrics import DEFAULT_AVERAGE, DEFAULT_METRIC, Average, Metric
from massive_kit.schema.subset_name import SubsetName
from massive_kit.schema.task import Setting

TieBreak = Literal[Metric, "parameters", "date"]
# What a table shows of its systems beside their scores.
FactName = Literal[
    "parameters",
    "body",
    "date",
    "resources",
    "bytes",
    "memory",
    "latency",
    "throughput",
    "model",
    "demonstrations",
    "tokens",
    "cost",
    "seconds",
]
# How a column of a board's own shows its values.
Form = Literal["number", "count", "bytes", "mebibytes", "milliseconds", "text"]
Doi = Annotated[
    str, StringConstraints(pattern=r"^10\.\d{4,9}/[A-Za-z0-9:/_;().-]+$", max_length=200)
]
IN_CONTEXT: Setting = "in-context"
FACTS: tuple[FactName, ...] = ("parameters", "date")
IN_CONTEXT_FACTS: tuple[FactName, ...] = (
    "demonstrations",
    "model",
    "cost",
    "tokens",
    "seconds",
    "date",
)


# Columns that every table of systems has.
_TAKEN = frozenset({"rank", "system", "plot", *get_args(Metric)})


class Column(Strict):
    """A column that a board makes of what manifests say.

    Attributes:
        name: Short name, unique in its section: in the page's address and in CSV and JSON.
        title: Heading.
        of: Where a manifest has it: keys joined by dots, such as `parameters.without_embeddings`,
            `measured.peak_memory_mib` or `facts.gpu_hours`; by default the fact of the column's
            name.
        form: How values look; sorted by number but for `text`.
        hint: What the heading means.
    """

    name: Slug
    title: Line
    of: str | None = None
    form: Form = "number"
    hint: Line | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Where a manifest has it, key by key."""
        return tuple((self.of or f"facts.{self.name}").split("."))

    @model_validator(mode="after")
    def _somewhere(self) -> Column:
        if self.name in _TAKEN:
            raise ValueError(f"every table has a column called {self.name}; take another name")
        unknown = unknown_key(Manifest, self.path)
        if unknown:
            raise ValueError(f"no manifest has {'.'.join(self.path)}: {unknown}")
        return self


class Section(Strict):
    """One table of the board: systems that may be compared.

    Attributes:
        id: Short name, unique on the board: the anchor in the page's address.
        title: Heading of the table.
        tasks: Names of the tasks that belong here; `*` stands for any text.
        settings: Settings that belong here; an empty list stands for any. A language model that was
            asked belongs to `in-context`, whatever the setting of its task.
        subset: The part of a test set that scores here are of, as signatures name it, such as
            `200@1a2b3c4d`; by default scores of a whole test set alone belong here.
        columns: What stands beside the scores, in this order: `parameters`, `body` (parameters
            without embeddings), `date`, `resources`; as measured `bytes`, `memory`, `latency` and
            `throughput`; of models that were asked in context `model`, `demonstrations` (k),
            `tokens`, `cost` and `seconds` (per utterance); and columns of the board's own. By
            default parameters and date.
        note: What a reader of this table must know.
    """

    id: Slug
    title: Line
    tasks: list[str] = Field(min_length=1)
    settings: list[Setting] = []
    subset: SubsetName | None = None
    columns: list[FactName | Column] = [*FACTS]
    note: str = ""

    @field_validator("columns")
    @classmethod
    def _each_once(cls, value: list[FactName | Column]) -> list[FactName | Column]:
        names = [entry if isinstance(entry, str) else entry.name for entry in value]
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        if twice:
            raise ValueError(f"each column once, and not {', '.join(twice)} twice")
        return value

    def holds(self, task: str, setting: str, subset: str | None = None) -> bool:
        """Whether a system scored on that task in that setting belongs in this section.

        Args:
            task: The task.
            setting: The setting.
            subset: The part of the test set that it was scored on; `None` for the whole.
        """
        named = any(fnmatchcase(task, pattern) for pattern in self.tasks)
        asked = not self.settings or setting in self.settings
        return named and asked and subset == self.subset


class Board(Strict):
    """A leaderboard.

    Attributes:
        title: Heading of the site.
        lead: What is measured here, in a sentence or two.
        metric: The metric that ranks.
        average: The average over languages that ranks.
        tie_break: What decides between equal scores, first to last; of `parameters` fewer come
            first, of `date` the earlier one.
        groupings: Columns of the language table whose groups get pages; the first orders the heat
            map.
        sections: The tables, in the order of the page; a system that fits none gets a section of
            its task.
        static_pairs: For how many pairs of systems, at most, a section gets pages with the tests;
            any other pair is computed in the reader's browser from the same numbers.
        languages: A CSV of further languages; its path is relative to this file.
        repository: Address of the repository with the board's results: linked as the source, and
            for pull requests with submissions.
        submit: Address where submissions go, if that is not the repository.
        contact: Whom to write to, as printed at the foot of each page.
        licence: Licence of the scores, as printed at the foot of each page.
        citation: BibTeX entries of what to cite, printed on the about page.
        url: Address where the board stands, for its `CITATION.cff` and what other sites embed; by
            default the one that it is built for.
        version: Version of this release of the board; put it in quotes where it looks like a
            number.
        date: Day of this release, as YYYY-MM-DD; by default the date of the newest system.
        authors: Who is to be cited for the board: `Family, Given` for a person, anything else for a
            group.
        doi: DOI of this release, such as `10.5281/zenodo.1234`.
        requests: Address where people without predictions ask for their model to be evaluated, such
            as an issue form.
    """

    title: Line
    lead: str = ""
    metric: Metric = DEFAULT_METRIC
    average: Average = DEFAULT_AVERAGE
    tie_break: list[TieBreak] = ["slot_f1", "intent_accuracy", "date"]
    groupings: Annotated[list[str], Field(min_length=1)] = ["genus", "family", "script"]
    sections: list[Section] = []
    static_pairs: int = Field(default=60, ge=0, le=2000)
    languages: str | None = None
    repository: Link | None = None
    submit: Link | None = None
    contact: Line | None = None
    licence: Line | None = None
    citation: str = ""
    url: Link | None = None
    version: Line | None = None
    date: dt.date | None = None
    authors: Annotated[list[Line], Field(max_length=200)] = []
    doi: Doi | None = None
    requests: Link | None = None

    @model_validator(mode="after")
    def _unique(self) -> Board:
        counts = Counter(section.id for section in self.sections)
        twice = sorted(name for name, count in counts.items() if count > 1)
        if twice:
            raise ValueError(f"sections with the same id: {', '.join(twice)}")
        return self


def load_board(path: Path) -> Board:
    """The board of a `board.yaml`.

    Raises:
        ConfigError: It is wrong; every mistake is listed.
    """
    board = check(Board, read_yaml(path), str(path))
    if board.languages and not Path(board.languages).is_absolute():
        return board.model_copy(update={"languages": str(path.parent / board.languages)})
    return board
