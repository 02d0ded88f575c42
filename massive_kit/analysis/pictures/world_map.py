"""The world's languages on a map: covered, not, and to be annotated next."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.choosing import Choice
from massive_kit.analysis.coverage.reasons import users
from massive_kit.drawing import svg
from massive_kit.drawing.equal_earth import Points
from massive_kit.drawing.world import WorldFrame
from massive_kit.languages.world.table import WorldLanguage, WorldTable

_FRAME = WorldFrame(960.0, margin=16.0, top=44.0)
_LEGEND_ROW, _LEGEND_COLUMNS = 26.0, (16.0, 272.0, 612.0)
# Users of a circle as large as the largest, and how large that is; areas go with the square root,
# since otherwise only a dozen languages would be seen.
_MOST, _LARGEST = 2e9, 14.0
# So that names fit where letters are large, on a telephone.
_LONGEST = 23
_SHOWN_SIZES = (1_000_000, 100_000_000, 1_000_000_000)
_STYLE = (
    ".land{fill:#ececec}.speck{stroke:#b9b9b9;stroke-width:1.4;stroke-linecap:round;fill:none}"
    ".lacking{fill:#767676;fill-opacity:.35;stroke:#6b6b6b;stroke-width:.6}"
    ".covered{fill:#0072b2;fill-opacity:.75;stroke:#fff;stroke-width:.8}"
    ".next{fill:#d55e00;stroke:#fff;stroke-width:1}.rank{fill:#fff;font-weight:700}"
    "text{font-size:13px}.title{font-size:17px}.rank{font-size:12px}"
    "svg{max-width:100%;height:auto}"
    "@media(max-width:600px){text{font-size:22px}.title{font-size:24px}.rank{font-size:15px}}"
    "@media(prefers-color-scheme:dark){.land{fill:#2a2f36}.speck{stroke:#5b626b}"
    ".lacking{fill:#9aa0a6;stroke:#b4b9be}.covered{fill:#56b4e9;stroke:#16191d}"
    ".next{fill:#ffa552;stroke:#16191d}.rank{fill:#16191d}}"
)


def world_map(benchmark: Benchmark, world: WorldTable, choices: Sequence[Choice]) -> str:
    """The map as an SVG file, in the Equal Earth projection.

    Args:
        benchmark: What is covered.
        world: The world's languages.
        choices: What to annotate next.
    """
    chosen = [choice.language for choice in choices]
    codes = {language.code for language in chosen}
    outside = [
        language
        for language in world
        if language.code not in benchmark.languages and language.code not in codes
    ]
    counted = [language for language in outside if language.speakers]
    parts = [
        f'<path class="land" d="{_FRAME.land()}"/>',
        _specks([language for language in outside if not language.speakers]),
    ]
    # The small ones on top, so that none is hidden.
    parts += _circles(counted, "lacking", "not in the benchmark")
    parts += _circles([*benchmark.languages.values()], "covered", "in the benchmark")
    parts += _ranks(chosen)
    bottom = _FRAME.bottom
    parts += _legend(benchmark, choices, bottom + 28)
    rows = max(5, -(-len(chosen) // 2))
    named = ", ".join(language.name for language in chosen)
    description = f"Blue: {', '.join(each.name for each in benchmark.languages.values())}."
    if named:
        description += f" To be annotated next, in orange with their ranks: {named}."
    return svg.document(
        _FRAME.width,
        bottom + 28 + _LEGEND_ROW * rows + 8,
        f"The world's languages and {benchmark.name}",
        parts,
        style=_STYLE,
        description=description,
    )


def _places(languages: Sequence[WorldLanguage]) -> Points:
    return _FRAME.places(
        [language.longitude for language in languages],
        [language.latitude for language in languages],
    )


def _specks(languages: Sequence[WorldLanguage]) -> str:
    """One path for all, since there are thousands."""
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in _places(languages))
    return f'<path class="speck" d="{path}"/>'


def _circles(languages: Sequence[WorldLanguage], kind: str, words: str) -> list[str]:
    largest = sorted(languages, key=lambda language: -(language.speakers or 0))
    return [
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_radius(language.speakers):.1f}">'
        f"<title>{svg.safe(_told(language))}, {words}</title></circle>"
        for language, (x, y) in zip(largest, _places(largest), strict=True)
    ]


def _radius(speakers: int | None) -> float:
    return max(1.2, _LARGEST * float(((speakers or 0) / _MOST) ** 0.25))


def _told(language: WorldLanguage) -> str:
    count = f"{users(language.speakers)} users" if language.speakers else "users not counted"
    kin = ", ".join(part for part in (language.genus, language.family) if part)
    return f"{language.name} ({kin}), {count}" if kin else f"{language.name}, {count}"


def _ranks(languages: Sequence[WorldLanguage]) -> list[str]:
    parts = []
    for rank, (language, (x, y)) in enumerate(
        zip(languages, _places(languages), strict=True), start=1
    ):
        parts.append(_rank(x, y, rank, f"{rank}: {_told(language)}, to be annotated next"))
    return parts


def _rank(x: float, y: float, rank: int, title: str) -> str:
    size = 11
    diamond = f"M{x:.1f} {y - size:.1f}l{size} {size}l{-size} {size}l{-size} {-size}z"
    return (
        f'<g><title>{svg.safe(title)}</title><path class="next" d="{diamond}"/>'
        f"{svg.words(x, y + 4.4, str(rank), 'middle', 'rank')}</g>"
    )


def _legend(benchmark: Benchmark, choices: Sequence[Choice], top: float) -> list[str]:
    left, *others = _LEGEND_COLUMNS
    rows = [
        ("covered", f"in {benchmark.name} ({len(benchmark.languages)})"),
        ("lacking", "not in it"),
    ]
    parts = []
    for number, (kind, words) in enumerate(rows):
        height = top + _LEGEND_ROW * number
        parts.append(f'<circle class="{kind}" cx="{left + 10}" cy="{height - 4:.1f}" r="6"/>')
        parts.append(svg.words(left + 28, height, words))
    height = top + _LEGEND_ROW * 2
    parts.append(f'<path class="speck" d="M{left + 10} {height - 4:.1f}h0"/>')
    parts.append(svg.words(left + 28, height, "users not counted"))
    x, height = left + 12, top + _LEGEND_ROW * 3.4
    for size in _SHOWN_SIZES:
        radius = _radius(size)
        parts.append(
            f'<circle class="lacking" cx="{x:.1f}" cy="{height - 5:.1f}" r="{radius:.1f}"/>'
        )
        unit = " m" if size == _SHOWN_SIZES[-1] else ""
        parts.append(svg.words(x + radius + 5, height, f"{size // 1_000_000:,}{unit}"))
        x += 2 * radius + 52
    half = max(5, -(-len(choices) // 2))
    for number, choice in enumerate(choices):
        x, height = others[number // half], top + _LEGEND_ROW * (number % half)
        parts.append(_rank(x + 10, height - 4, number + 1, choice.language.name))
        name, count = choice.language.name, (choice.language.speakers or 0) / 1_000_000
        shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        parts.append(svg.words(x + 28, height, f"{shown}, {count:,.1f} m"))
    return parts
