from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from massive_kit.analysis.coverage.asked import named
from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.choosing import Wish, choose, mean_distance
from massive_kit.analysis.coverage.distances import USUAL_ANGLES, distances, kilometres
from massive_kit.analysis.coverage.folder import language_rows
from massive_kit.analysis.coverage.forecast_widths import (
    ForecastWidths,
    read_forecast_widths,
)
from massive_kit.analysis.coverage.reasons import reasons
from massive_kit.analysis.coverage.shares import group_shares
from massive_kit.analysis.coverage.typological import typological
from massive_kit.analysis.pictures.world_map import world_map
from massive_kit.cli.app import app
from massive_kit.drawing.equal_earth import HALF_WIDTH, equal_earth
from massive_kit.drawing.land.outline import land
from massive_kit.errors import ConfigError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.languages.typology.distances import KINDS
from massive_kit.languages.typology.distances import distances as between
from massive_kit.languages.typology.table import AREAS, TypologyTable
from massive_kit.languages.world.table import WorldLanguage, WorldTable


def language(code: str, family: str, longitude: float, speakers: int | None) -> WorldLanguage:
    return WorldLanguage(code, code.title(), family, family, 0.0, longitude, "Latn", speakers)


SMALL = (
    language("ena", "East", 10, 1_000_000),
    language("enb", "East", 11, 2_000_000),
    language("enc", "East", 12, 3_000_000),
    language("wea", "West", -60, 4_000_000),
    language("web", "West", -61, 100_000_000),
    language("unk", "Far", 100, None),
)
WORLD = WorldTable({each.code: each for each in SMALL}, {each.code: each.code for each in SMALL})


def benchmark(*locales: str, world: WorldTable = WORLD) -> Benchmark:
    return Benchmark.of("ours", locales, world, LanguageTable.shipped())


def test_distances_are_those_of_the_globe() -> None:
    quito, kampala = language("a", "A", -78.5, 1), language("b", "B", 32.6, 1)
    assert kilometres([quito], [kampala])[0, 0] == pytest.approx(6371 * np.radians(111.1))
    # Of languages that are in no table, nothing but the usual angle is known.
    assert distances([quito], [kampala])[0, 0] == pytest.approx((1 + 1 + 0 + USUAL_ANGLES[2]) / 4)
    assert distances([quito], [quito])[0, 0] == 0


def test_typological_distances_are_those_of_the_forecast() -> None:
    world, table = WorldTable.shipped(), TypologyTable.shipped()
    swahili, zulu = (world.languages[code] for code in ("swh", "zul"))
    angle = between(table.languages["swh"], [table.languages["zul"]])[0, KINDS.index("featural")]
    features = [
        np.concatenate([table.languages[code].features(area) for area in AREAS])
        for code in ("swh", "zul")
    ]
    shared = ((features[0] >= 0) & (features[1] >= 0)).sum()
    drawn = typological([swahili], [zulu], np.array([[0.36]]))[0, 0]
    assert drawn == pytest.approx((shared * angle + 50 * 0.36) / (shared + 50))
    # Of a language that nobody has described, it is what is usual.
    assert typological([SMALL[0]], [zulu], np.array([[0.55]]))[0, 0] == pytest.approx(0.55)


def test_shares_count_languages_and_users() -> None:
    shares = {share.name: share for share in group_shares(benchmark("ena"), WORLD, "family")}
    assert (shares["East"].languages, shares["East"].covered) == (3, 1)
    assert (shares["East"].speakers, shares["East"].covered_speakers) == (6_000_000, 1_000_000)
    assert not shares["West"].in_benchmark
    assert shares["West"].largest == SMALL[4]
    assert shares["Far"].largest is None
    assert [*shares] == ["West", "East", "Far"]


def test_the_next_language_is_of_what_is_missing() -> None:
    covered = benchmark("ena")
    wish = Wish(2, min_speakers=0)
    choices = choose(WORLD, [*covered.languages.values()], wish)
    assert [choice.language.code for choice in choices] == ["web", "wea"]
    before = mean_distance(WORLD, [SMALL[0]], wish)
    assert choices[0].gain / np.log10(100_000_001) == pytest.approx(
        before - choices[0].mean_distance
    )
    first = reasons(choices, covered)[0]
    assert first.startswith("the first in South America and of the family West; nearest is Ena")
    assert first.endswith("nearer to 1 other language with 4.0 million users, Wea")


def test_what_cannot_be_annotated_is_not_chosen() -> None:
    wish = Wish(9, min_speakers=2_000_000, without=frozenset({"web"}))
    codes = {choice.language.code for choice in choose(WORLD, [SMALL[0]], wish)}
    assert codes == {"wea", "enb", "enc"}
    assert [choice.nearest for choice in choose(WORLD, [], Wish(1))] == [None]


def test_a_language_that_is_hard_to_forecast_counts_more() -> None:
    sure = ForecastWidths({"enb": 0.5, "wea": 0.001, "web": 0.001}, frozenset({"enc"}))
    wish = Wish(1, min_speakers=0, forecast=sure)
    choices = choose(WORLD, [SMALL[0]], wish)
    assert choices[0].language.code == "enc"
    reason = reasons(choices, benchmark("ena"), sure)[0]
    assert reason.endswith("unlike anything measured, so that nothing is forecast")


def test_forecasts_are_read_from_what_the_command_prints(tmp_path: Path) -> None:
    file = tmp_path / "forecast.json"
    rows = [
        {"locale": "yo", "language": "Yoruba", "forecast": {"value": 0.3, "low": 0.2, "high": 0.5}},
        {"locale": "quz", "forecast": None},
        {"locale": "no language", "forecast": None},
    ]
    file.write_bytes(orjson.dumps({"errors": {}, "forecasts": {"rows": rows}}))
    widths = read_forecast_widths(file, WorldTable.shipped())
    assert widths.widths == {"yor": pytest.approx(0.3)}
    assert widths.refused == {"quz"}
    assert widths.words("yor") == "its forecast's interval is 30 points wide"
    assert widths.weight("quz") == widths.weight("ibo") == pytest.approx(0.3)


@pytest.mark.parametrize("text", ["[]", "{", '{"forecasts": {"rows": [{"locale": 1}]}}'])
def test_what_is_no_forecast_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "forecast.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"forecast\.json is not a forecast"):
        read_forecast_widths(file, WORLD)


def test_fixed_languages_count_as_covered() -> None:
    more = benchmark("ena").beside(named(WORLD, "--with", ["Web"]))
    assert set(more.languages) == {"ena", "web"}
    with pytest.raises(UsageError, match=r"--with: no living language .*'Wec' \(did you mean We"):
        named(WORLD, "--with", ["Wec"])


def test_every_language_has_a_row() -> None:
    rows = [*csv.DictReader(io.StringIO(language_rows(benchmark("ena"), WORLD)))]
    assert [row["covered"] for row in rows] == ["yes", *["no"] * 5]
    assert {row["nearest"] for row in rows} == {"ena"}


def test_areas_on_the_map_are_true() -> None:
    # The ends of the equator, and the area of the sphere between two parallels: 2 pi sin(30).
    assert equal_earth(180, 0)[0] == pytest.approx(HALF_WIDTH)
    parallels = np.linspace(0, 30, 2001)
    edges = equal_earth(180, parallels)
    middles = (edges[1:, 0] + edges[:-1, 0]) / 2
    area = 2 * (middles * np.diff(edges[:, 1])).sum()
    assert area == pytest.approx(2 * np.pi * 0.5, rel=1e-5)
    assert max(np.abs(np.diff(ring[:, 0])).max() for ring in land()) < 60


def test_the_map_names_what_it_shows() -> None:
    covered = benchmark("ena")
    picture = world_map(covered, WORLD, choose(WORLD, [SMALL[0]], Wish(2)))
    text = "".join(ET.fromstring(picture).itertext())  # noqa: S314 - of our own making
    for words in ("The world's languages and ours", "Ena", "1: Web", "not in the benchmark"):
        assert words in text
    assert "prefers-color-scheme:dark" in picture
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_command_tells_what_massive_lacks(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--next", "2", "--format", "json", "--out", str(out)]
    result = CliRunner().invoke(app, ["coverage", *options])
    assert result.exit_code == 0, result.output
    tables = orjson.loads(result.stdout)
    rows = {row["what"]: row for row in tables["coverage"]["rows"]}
    assert rows["languages"]["covered"] == 50
    assert rows["genera or branches"]["covered"] == 29
    missing = {row["area"] for row in tables["area"]["rows"] if not row["covered"]}
    assert missing == {"North America", "South America", "Australia"}
    assert len(tables["next"]["rows"]) == 2
    assert {path.name for path in out.iterdir()} == {"coverage.json", "languages.csv", "map.svg"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--map", "map.png"], "the map is SVG"),
        (["--with", "yor", "--without", "yo"], "Yoruba: given to both --with and --without"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_refused(options: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["coverage", *options])
    assert isinstance(result.exception, UsageError)
    assert words in str(result.exception)


def test_locales_that_are_no_language_are_refused() -> None:
    result = CliRunner().invoke(app, ["coverage", "--locale", "qqq-QQ"])
    assert isinstance(result.exception, UsageError)
    assert "'qqq-QQ'" in str(result.exception)
