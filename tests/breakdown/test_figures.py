from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.cli.app import app
from massive_kit.errors import (
    ConfigError,
    ContentError,
    MissingExtraError,
    UsageError,
)
from massive_kit.files import jsonio
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Hits, LayerProbe, LocaleProbe, Probe, ProbedRows
from massive_kit.schema.scores import Scores

pytest.importorskip("matplotlib")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.figures.names_beside import name_points
from massive_kit.breakdown.figures.rows import ALONE, row_groups
from massive_kit.breakdown.figures.sheet import mark, write_figure
from massive_kit.breakdown.figures.sweep_file import read_ladder
from massive_kit.breakdown.figures.systems import open_systems

LOCALES = ("de-DE", "sv-SE", "ar-SA", "zh-CN", "zh-TW")


def scored(folder: Path, first: float = 0.2, data_hash: str = "0" * 16) -> Path:
    def of(value: float) -> dict[str, object]:
        score = {"value": value, "low": value - 0.02, "high": value + 0.02}
        return dict.fromkeys(("intent_accuracy", "slot_f1", "exact_match"), score)

    locales = {
        code: {**of(first + 0.1 * number), "n": 10, "tokens": 50 + number, "gold_spans": 9}
        for number, code in enumerate(LOCALES)
    }
    scores = {
        "task": "small",
        "setting": "full",
        "signature": "task:small",
        "data": {"name": "small", "version": "", "hash": data_hash, "partition": "test"},
        "interval": {"method": "bootstrap", "resamples": 100, "seed": 0},
        "averaged": LOCALES,
        "locales": locales,
        "averages": {name: of(0.4) for name in ("pooled", "macro_locales", "macro_genera")},
    }
    folder.mkdir()
    (folder / "scores.json").write_bytes(
        Scores.model_validate_json(jsonio.dumps(scores)).model_dump_json().encode()
    )
    return folder


def drawn(out: Path, *arguments: str | Path) -> str:
    command = ["figure", *map(str, arguments), "--out", str(out)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def texts(path: Path) -> str:
    return " ".join(ET.parse(path).getroot().itertext())  # noqa: S314 - of our own making


def test_a_forest_has_a_row_for_each_language(tmp_path: Path) -> None:
    systems = [scored(tmp_path / "a"), scored(tmp_path / "b", 0.3)]
    out = tmp_path / "forest.svg"
    caption = drawn(out, *systems, "--kind", "forest", "--name", "ours", "--name", "theirs")
    shown = texts(out)
    for words in ("Swedish", "Mandarin (zh-TW)", "Germanic", ALONE, "theirs", "Exact match, %"):
        assert words in shown
    assert caption.startswith("Exact match of ours, theirs: 5 languages by genus.")
    assert "95 % intervals" in caption
    assert "Signature: task:small" in caption


def write_small(out: Path) -> bytes:
    def draw(_figure: Figure, axes: Axes) -> None:
        axes.set_axis_off()
        axes.set_title("a")

    write_figure(out, 1, 0.5, draw)
    return out.read_bytes()


def test_a_pdf_keeps_its_text_as_text_and_has_no_date(tmp_path: Path) -> None:
    held = write_small(tmp_path / "small.pdf")
    assert held.startswith(b"%PDF")
    assert b"/Type3" not in held
    assert b"/CIDFontType2" in held
    assert b"/CreationDate" not in held


def test_the_same_numbers_give_the_same_file(tmp_path: Path) -> None:
    assert write_small(tmp_path / "one.svg") == write_small(tmp_path / "two.svg")


def test_a_heat_map_has_the_numbers_in_it(tmp_path: Path) -> None:
    out = tmp_path / "heatmap.svg"
    drawn(out, scored(tmp_path / "a"), "--kind", "heatmap", "--style", "grey")
    assert {"20.0", "60.0", "German", "a"} <= {*texts(out).split()}


def test_a_scatter_says_how_far_scores_go_along(tmp_path: Path) -> None:
    out = tmp_path / "scatter.svg"
    system = scored(tmp_path / "a")
    caption = drawn(out, system, "--kind", "scatter", "--by", "tokens_per_utterance")
    assert "Spearman's rho = 1.00, n = 5" in caption
    # Languages stand by their codes; those that two locales share, by the locale.
    assert {"de", "ar", "zh-CN", "zh-TW"} <= {*texts(out).split()}


def test_one_language_has_no_correlation(tmp_path: Path) -> None:
    words = ("--kind", "scatter", "--by", "tokens_per_utterance", "--locale", "de-DE")
    caption = drawn(tmp_path / "scatter.svg", scored(tmp_path / "a"), *words)
    assert "no correlation defined, n = 1" in caption


def test_a_ladder_goes_to_all_rows(tmp_path: Path) -> None:
    table = tmp_path / "sweep.csv"
    rows = [
        f"{shots},{epochs},{seed},run,1.0,{locale},{0.2 + place / 10 + seed / 100:.2f}"
        for place, (shots, epochs) in enumerate((("0", 1), ("5", 8), ("all", 2)))
        for seed in (0, 1)
        for locale in ("pooled", "de-DE")
    ]
    header = "data.per_intent,optimiser.epochs,seed,run,seconds,locale,exact_match"
    table.write_text("\n".join([header, *rows]))
    curve = read_ladder(table, "exact_match")[1]
    # The number of epochs goes with that of rows, so that it makes no curve of its own.
    assert (curve.series, curve.locale) == ("", "de-DE")
    assert curve.scores == {0: [0.2, 0.21], 5: [0.3, 0.31], -1: [0.4, 0.41]}
    out = tmp_path / "ladder.png"
    assert "lowest to the highest of up to 2 runs" in drawn(out, table, "--kind", "ladder")
    assert out.read_bytes().startswith(b"\x89PNG")


def test_a_ladder_of_single_runs_promises_no_bands(tmp_path: Path) -> None:
    table = tmp_path / "sweep.csv"
    rows = ("0,0,pooled,0.2", "5,0,pooled,0.3")
    table.write_text("\n".join(["data.per_intent,seed,locale,exact_match", *rows]))
    caption = drawn(tmp_path / "ladder.svg", table, "--kind", "ladder")
    assert "One run for each point." in caption
    assert "bands" not in caption


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed,locale\n0,de-DE\n", "also data.per_intent, exact_match"),
        ("data.per_intent,locale,exact_match\n5,de-DE,nan\n", "exact_match 'nan'"),
        ("data.per_intent,locale,exact_match\nx,de-DE,0.5\n", "data.per_intent 'x'"),
        ("data.per_intent,locale,exact_match\n5,de-DE\n", "a different number of cells"),
    ],
)
def test_what_is_no_sweep_is_refused(tmp_path: Path, text: str, words: str) -> None:
    table = tmp_path / "sweep.csv"
    table.write_text(text)
    with pytest.raises(ConfigError) as refusal:
        read_ladder(table, "exact_match")
    assert words in str(refusal.value.problems[0])


def test_layers_are_read_from_a_probe(tmp_path: Path) -> None:
    hits = Hits(at_1=0.5, at_5=0.5, same_labels=None)
    names = ("raw_euclidean", "raw_cosine", "offset_euclidean", "offset_cosine", "centred_cosine")
    layer = LayerProbe.model_validate(
        {**dict.fromkeys(names, hits), "language": 1.0, "intent": None}
    )
    locale = LocaleProbe(
        queries=3, subwords_per_token=1, subwords_per_utterance=5, layers=[layer, layer]
    )
    rows = ProbedRows(partition="test", rows=3)
    probe = Probe(
        model="small",
        kind="base",
        prefix="",
        precision="fp32",
        data="demo",
        against="en-US",
        searched=rows,
        reference=rows,
        layers=[0, 1],
        locales=dict.fromkeys(("en-US", "de-DE", "sw-KE"), locale),
        seconds=0,
    )
    (tmp_path / "probe.json").write_text(probe.model_dump_json())
    out = tmp_path / "layers.svg"
    caption = drawn(out, tmp_path, "--kind", "layers")
    assert "utterances of 2 languages whose nearest en-US utterance" in caption
    assert "centred cosine" in texts(out)


def test_scores_of_other_rows_are_refused(tmp_path: Path) -> None:
    systems = [scored(tmp_path / "a"), scored(tmp_path / "b", data_hash="1" * 16)]
    command = ["figure", *map(str, systems), "--kind", "forest", "--out", str(tmp_path / "f.svg")]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, ContentError)
    assert "data hash 1111111111111111" in str(result.exception.problems[0])
    assert not (tmp_path / "f.svg").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--kind", "forest", "--out", "f.gif"], "f.gif: a figure ends in .pdf, .svg, .png"),
        (["--kind", "forest", "--out", "f.svg", "--metric", "bleu"], "no score 'bleu'"),
        (["--kind", "forest", "--out", "f.svg", "--name", "a", "--name", "b"], "2 names for 1"),
        (["--kind", "scatter", "--out", "f.svg", "--by", "genus"], "not a number"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    tmp_path: Path, options: list[str], words: str
) -> None:
    result = CliRunner().invoke(app, ["figure", str(scored(tmp_path / "a")), *options])
    assert isinstance(result.exception, UsageError)
    assert words in str(result.exception)


def test_a_scatter_of_locales_without_a_number_is_refused(tmp_path: Path) -> None:
    system = scored(tmp_path / "a")
    table = tmp_path / "languages.csv"
    others = [code for code in SavedEvaluation.open(system).scores.averaged if code != "de-DE"]
    lines = ["locale,size", *(f"{code},{i}" for i, code in enumerate(others))]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ["--kind", "scatter", "--by", "size", "--locale", "de-DE", "--languages", str(table)]
    result = CliRunner().invoke(
        app, ["figure", str(system), *words, "--out", str(tmp_path / "f.svg")]
    )
    assert isinstance(result.exception, UsageError)
    assert "nothing to show: of de-DE none has both" in str(result.exception)


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massive_kit.cli.extras.find_spec", lambda _module: None)
    result = CliRunner().invoke(
        app, ["figure", str(tmp_path), "--kind", "forest", "--out", "f.pdf"]
    )
    assert isinstance(result.exception, MissingExtraError)
    assert "massive-kit[figures]" in str(result.exception)


def test_names_that_cannot_be_set_become_no_boxes(tmp_path: Path) -> None:
    table = tmp_path / "languages.csv"
    table.write_text("locale,language,genus\nde-DE,ドイツ語,$x$\nar-SA,العربية,$x$\n", "utf-8")
    out = tmp_path / "forest.svg"
    names = ["--name", "_日本 $a$"]
    system = scored(tmp_path / "a")
    drawn(out, system, system, *names, *names, "--kind", "forest", "--languages", table)
    shown = texts(out)
    assert {"de-DE", "ar-SA", "Swedish", "$x$"} <= {*shown.split()}
    assert "_\\u65e5\\u672c $a$" in shown


def test_systems_are_called_by_what_tells_their_folders_apart(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    systems = [scored(tmp_path / name / "scores") for name in ("first", "second")]
    opened = open_systems(systems, (), None, "exact_match")
    assert [system.name for system in opened] == ["first", "second"]


def test_languages_that_are_alone_stand_together() -> None:
    table = LanguageTable.shipped()
    groups = row_groups(LOCALES, table, "genus", LOCALES.index)
    assert [group.name for group in groups] == ["Chinese", "Germanic", ALONE]
    assert groups[0].locales == ("zh-TW", "zh-CN")


def test_names_keep_off_other_points(tmp_path: Path) -> None:
    points = np.array([(0.5, 0.5), (0.52, 0.5)])
    placed: list[tuple[float, float]] = []

    def draw(figure: Figure, axes: Axes) -> None:
        name_points(figure, axes, points, ["left", "right"], 6, np.empty((0, 2)))
        placed.extend(text.get_position() for text in axes.texts)

    write_figure(tmp_path / "names.svg", 1, 2, draw)
    assert placed[0][0] * placed[1][0] <= 0 or placed[0][1] != placed[1][1]


def test_marks_differ_without_colour() -> None:
    marks = {(mark(n, "grey").marker, mark(n, "grey").line) for n in range(6)}
    assert len(marks) == 6
