"""A prediction file may spell a locale in any way, but in one way only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.languages import LanguageTable
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.locale_reading import LocaleReading
from massive_kit.submission.reading import Predictions, _Reader, read_predictions
from massive_kit.submission.report import Report
from tests.submission.cases import ALL, good, line, respelled, tiny_index
from tests.submission.test_untested_locales import BOTH
from tests.submission.test_untested_locales import index as zero_shot_index

CODE, AGAIN = "a code such as de-DE", ", here and 1 more time"
LEAVE, OR_TASK, PACK = "leave its rows out", "or check --task", "`submission pack` does"


def in_one_way(locale: str) -> str:
    return f"one spelling of {locale}; write {locale!r} everywhere"


def read(folder: Path, raw: bytes, index: TaskIndex | None = None) -> Predictions:
    path = folder / "p.jsonl"
    path.write_bytes(raw)
    return read_predictions([path], index or tiny_index(), allow_errors=True)


def told(report: Report) -> list[str]:
    """The problems, without the name of the folder."""
    return [f"{p.line}: {p.code} {p.found}; {p.expected}; {p.todo}" for p in report.problems]


def test_another_spelling_is_the_same_predictions(tmp_path: Path) -> None:
    right = read(tmp_path, ALL)
    other = read(tmp_path, respelled(de_DE="de-DE", jpn="ja-JP", sl="sl-SL"))
    assert other.report.valid
    assert (other.columns.intents == right.columns.intents).all()
    assert (other.columns.labels == right.columns.labels).all()
    assert told(other.report) == [
        "1: MK901 locale 'de_DE'; None; read as 'de-DE'",
        "4: MK901 locale 'jpn'; None; read as 'ja-JP'",
        "7: MK901 locale 'sl'; None; read as 'sl-SL'",
    ]


def test_characters_written_together_are_characters_under_another_spelling(tmp_path: Path) -> None:
    raw = respelled(ja="ja-JP").replace("音 を 消 し て".encode(), "音を消して".encode())
    report = read(tmp_path, raw).report
    assert {*report.counts} == {"MK901"}


def test_two_spellings_are_told_with_both_lines(tmp_path: Path) -> None:
    lines = good()
    lines[1] = lines[1].replace(b"de-DE", b"de_DE")
    lines[4] = lines[4].replace(b"ja-JP", b"ja")
    lines[5] = lines[5].replace(b"ja-JP", b"ja")
    for number in (6, 8):
        lines[number] = lines[number].replace(b"sl-SL", b"sl-SI")
    report = read(tmp_path, b"".join(lines)).report
    assert report.counts == {"MK407": 4, "MK901": 1}
    assert told(report) == [
        f"2: MK407 locale 'de_DE' here, 'de-DE' in line 1; {in_one_way('de-DE')}",
        f"5: MK407 locale 'ja' here, 'ja-JP' in line 4{AGAIN}; {in_one_way('ja-JP')}",
        "7: MK901 locale 'sl-SI'; None; read as 'sl-SL'",
        f"8: MK407 locale 'sl-SL' here, 'sl-SI' in line 7; {in_one_way('sl-SL')}",
    ]


def test_two_spellings_in_two_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_bytes(b"".join([*good()[:4], *good()[6:]]))
    second.write_bytes(b"".join(good()[4:6]).replace(b"ja-JP", b"ja"))
    report = read_predictions([first, second], tiny_index(), allow_errors=True).report
    assert told(report) == [
        f"1: MK407 locale 'ja' here, 'ja-JP' in line 4 of {first}{AGAIN}; {in_one_way('ja-JP')}"
    ]


@pytest.mark.parametrize(
    ("given", "told_so"),
    [
        ("jp", f"unknown locale 'jp'; {CODE}; did you mean 'ja-JP'?"),
        ("Japanese", f"unknown locale 'Japanese'; {CODE}; did you mean 'ja-JP'?"),
        ("de-CH", f"unknown locale 'de-CH'; {CODE}; did you mean 'de-DE'?"),
        ("zh", f"unknown locale 'zh'; {CODE}; None"),
        ("zh-Hans", f"zh-CN is not a test locale of tiny; its 3 test locales; {LEAVE}, {OR_TASK}"),
        ("en", f"en-US is what tiny trains on; the 3 test locales; {LEAVE}; {PACK}"),
    ],
)
def test_a_locale_that_is_not_tested(tmp_path: Path, given: str, told_so: str) -> None:
    row = line({"id": "0", "locale": given, "pred_intent": "alarm_set", "pred_annot_utt": "x"})
    report = read(tmp_path, ALL + row).report
    assert [problem.split(" ", 2)[2] for problem in told(report)] == [told_so]


def test_of_two_locales_of_a_language_none_is_taken(tmp_path: Path) -> None:
    index = replace(tiny_index(), locales=("zh-CN", "zh-TW", "sl-SL"))
    raw = respelled(**{"zh-CN": "de-DE", "zh-Hant": "ja-JP"})
    assert read(tmp_path, raw, index).report.counts == {"MK901": 1}
    report = read(tmp_path, respelled(**{"zh": "de-DE", "zh-TW": "ja-JP"}), index).report
    (problem, *_) = told(report)
    assert problem.endswith(
        "unknown locale 'zh', here and 2 more times; a code such as de-DE;"
        " did you mean 'zh-CN' or 'zh-TW'?"
    )


def test_ones_own_table_wins(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("locale,scoring_unit\nde,word\n", encoding="utf-8")
    index = replace(tiny_index(), languages=LanguageTable.load(table), locales=("de", "ja-JP", "x"))
    counts = read(tmp_path, respelled(deu="de-DE", x="sl-SL"), index).report.counts
    assert counts == {"MK901": 1}


def test_an_untested_locale_in_another_spelling_is_set_aside(tmp_path: Path) -> None:
    english = b"".join(BOTH).replace(b"en-US", b"en")
    predictions = read(tmp_path, english + ALL, zero_shot_index())
    held = predictions.set_aside["en-US"]
    assert predictions.report.valid
    assert held.rows == 2
    assert held.columns is not None
    mixed = read(tmp_path, BOTH[0] + BOTH[1].replace(b"en-US", b"en_US") + ALL, zero_shot_index())
    assert mixed.report.valid
    assert mixed.set_aside["en-US"].columns is None


def test_a_spelling_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_arguments: object) -> None:
        raise AssertionError("a row goes through the rules")

    monkeypatch.setattr(_Reader, "_violations", slow)
    assert read(tmp_path, respelled(de_DE="de-DE", ja="ja-JP")).report.valid


def test_spellings_without_end_are_cut_short() -> None:
    reading = LocaleReading(tiny_index())
    for number in range(1_500):
        assert reading.name(f"x{number}") == f"x{number}"
        assert reading.wrong(f"x{number}").rule.code == "MK401"
    assert reading.name("JA") == "JA"
