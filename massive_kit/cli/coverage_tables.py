"""The tables of `massive-kit coverage`."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.choosing import Choice, Wish, mean_distance
from massive_kit.analysis.coverage.reasons import reasons
from massive_kit.analysis.coverage.shares import GroupShare, group_shares, speakers_of
from massive_kit.breakdown.tables import Cell, Column, Table, columns
from massive_kit.languages.world.areas import PAPUNESIA
from massive_kit.languages.world.table import GROUPINGS, WorldLanguage, WorldTable
from massive_kit.schema.scores import Estimate

_LARGE = 1_000_000
_PLURALS = {"area": "areas", "family": "families", "genus": "genera or branches"}
_USERS_NOTE = (
    "Users are CLDR's estimates and include second languages: they add up to more than mankind."
)
_GENUS_NOTE = (
    "Genera are WALS's where the language table has them; elsewhere branches of Glottolog with 80"
    " languages at most."
)


def coverage_tables(
    benchmark: Benchmark,
    world: WorldTable,
    groupings: Sequence[str],
    choices: Sequence[Choice],
    wish: Wish,
    top: int | None,
    *,
    reasons_apart: bool = False,
) -> list[Table]:
    """Sums, areas, what is missing of each grouping, and what to annotate next.

    Args:
        benchmark: What is covered.
        world: The world's languages.
        groupings: What groups are listed by.
        choices: What to annotate next.
        wish: How that was chosen.
        top: How many groups a table lists at most; `None` for all.
        reasons_apart: Whether reasons stand below the table.
    """
    tables = [_sums(benchmark, world)]
    tables += [_groups(benchmark, world, by, top) for by in groupings]
    if choices:
        tables.append(_next(benchmark, world, choices, wish, apart=reasons_apart))
    return tables


def _sums(benchmark: Benchmark, world: WorldTable) -> Table:
    large = [language for language in world if (language.speakers or 0) >= _LARGE]
    rows: list[tuple[Cell, ...]] = [
        _sum("languages", len(world.languages), len(benchmark.languages)),
        _sum("with a million users", len(large), len(_inside(benchmark, large))),
    ]
    for by, one in GROUPINGS.items():
        several = _PLURALS.get(by, f"{one}s")
        names = {language.group(by) for language in world} - {""}
        rows.append(_sum(several, len(names | benchmark.covers(by)), len(benchmark.covers(by))))
        if by != "area":
            names = {language.group(by) for language in large} - {""}
            inside = names & benchmark.covers(by)
            rows.append(_sum(f"{several}, a million users", len(names), len(inside)))
    covered = speakers_of([*benchmark.languages.values()])
    rows.append(_sum("users", speakers_of([*world]), covered))
    counted = sum(1 for language in world if language.speakers)
    notes = [
        (
            f"{len(benchmark.locales)} locales of {benchmark.name}; the world is the living"
            f" languages with a code and a place, of {counted} of which CLDR counts the users."
        ),
        _USERS_NOTE,
        _GENUS_NOTE,
    ]
    if benchmark.unplaced:
        notes.append(f"Not in the world's table: {', '.join(benchmark.unplaced)}.")
    numbers = [("world", "in the world"), ("covered", "covered"), ("share", "%")]
    return Table(
        "coverage",
        f"The world's languages and {benchmark.name}",
        columns("what", numbers=numbers),
        tuple(rows),
        tuple(notes),
    )


def _inside(benchmark: Benchmark, languages: Sequence[WorldLanguage]) -> list[WorldLanguage]:
    return [language for language in languages if language.code in benchmark.languages]


def _sum(name: str, world: int, covered: int) -> tuple[Cell, ...]:
    return (name, world, covered, _share(covered, world))


def _share(part: int, whole: int) -> Cell:
    return Estimate(value=part / whole) if whole else None


def _groups(benchmark: Benchmark, world: WorldTable, by: str, top: int | None) -> Table:
    shares = group_shares(benchmark, world, by)
    missing = [share for share in shares if not share.in_benchmark]
    # There are few areas, so that all can be shown.
    rows = shares if by == "area" else missing
    several = _PLURALS.get(by, f"{GROUPINGS[by]}s")
    title = f"By {by}" if by == "area" else f"Missing {several}"
    users = sum(share.speakers for share in missing)
    notes = [
        (
            f"{len(missing)} of {len(shares)} {several} have no language of {benchmark.name};"
            f" their languages have {users:,} users."
        )
    ]
    if top is not None and len(rows) > top:
        notes.append(f"The {top} with most users; --top shows more, and other formats show all.")
    if by == "area":
        notes.append(f"Papunesia is {PAPUNESIA}.")
    numbers = [
        *(("languages", "languages"), ("covered", "covered")),
        *(("users", "users"), ("users_covered", "% of users covered")),
    ]
    return Table(
        f"missing_{by}" if by != "area" else "area",
        title,
        (
            *columns(GROUPINGS[by], numbers=numbers),
            Column("largest", "largest that is not covered", numeric=False),
        ),
        tuple(_group_row(share) for share in rows[:top]),
        tuple(notes),
    )


def _group_row(share: GroupShare) -> tuple[Cell, ...]:
    covered = _share(share.covered_speakers, share.speakers)
    largest = f"{share.largest.name} ({share.largest.code})" if share.largest else None
    return (share.name, share.languages, share.covered, share.speakers, covered, largest)


def _next(
    benchmark: Benchmark,
    world: WorldTable,
    choices: Sequence[Choice],
    wish: Wish,
    *,
    apart: bool,
) -> Table:
    """The choices; their reasons are notes where they stand apart, since they fill a line."""
    sentences = reasons(choices, benchmark, wish.forecast)
    rows: list[tuple[Cell, ...]] = []
    for rank, (choice, reason) in enumerate(zip(choices, sentences, strict=True), 1):
        language = choice.language
        facts = (language.family or None, language.genus or None, language.script, language.area)
        numbers = (language.speakers, round(choice.gain, 4), round(choice.mean_distance, 4))
        row = (str(rank), language.name, language.code, *facts, *numbers)
        rows.append(row if apart else (*row, reason))
    weight = "the logarithm of its users" if wish.weight == "log" else "its users"
    unsure = " times the width of its forecast's interval" if wish.forecast else ""
    before = mean_distance(world, [*benchmark.languages.values()], wish)
    notes = [
        (
            "Mean distance: to the nearest covered language, over all languages, each counted by"
            f" {weight}{unsure}; {before:.4f} without these. A distance is the mean of genetic (0.2"
            " in a genus, 0.6 in a family, else 1), geographic (km / 5,000, at most 1), script"
            " (0 or 1) and typological (the angle between known features, of URIEL+)."
        ),
        (
            "Gain: by how much that mean falls, times the logarithm of the language's own users;"
            " each is chosen beside those above it."
        ),
        (
            f"Languages with {wish.min_speakers:,} users or more (--min-speakers); each is one"
            " point on the map, and has its usual script."
        ),
    ]
    if apart:
        notes = [
            *(
                f"{rank} {choice.language.name}: {reason}."
                for rank, (choice, reason) in enumerate(zip(choices, sentences, strict=True), 1)
            ),
            *notes,
        ]
    texts = ("rank", "language", "code", "family", "genus or branch", "script", "area")
    numeric = [("users", "users"), ("gain", "gain"), ("mean_distance", "mean distance")]
    last = () if apart else columns("reason")
    return Table(
        "next",
        f"Languages to annotate next, beside {benchmark.name}",
        (*columns(*texts, numbers=numeric), *last),
        tuple(rows),
        tuple(notes),
    )
