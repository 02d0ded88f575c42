"""A locale is found however it is spelled, and never taken for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.languages import LanguageTable, LocaleMatch
from massive_kit.languages.subtags import read_tag

TABLE = LanguageTable.shipped()
KNOWN = ("en-US", "ja-JP", "sl-SL", "zh-CN", "tlh")


@pytest.mark.parametrize(
    ("given", "locale"),
    [
        ("ja-JP", "ja-JP"),
        ("JA_jp", "ja-JP"),
        ("ja", "ja-JP"),
        ("jpn", "ja-JP"),
        ("jpn_Jpan", "ja-JP"),
        ("pt_PT", "pt-PT"),
        ("PT-pt", "pt-PT"),
        ("en", "en-US"),
        ("EN", "en-US"),
        ("eng", "en-US"),
        ("deu", "de-DE"),
        ("ger", "de-DE"),
        ("de_DE.UTF-8", "de-DE"),
        ("de_DE@euro", "de-DE"),
        ("zh_CN", "zh-CN"),
        ("zh-Hans", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("cmn-Hans-CN", "zh-CN"),
        ("zh-cmn-CN", "zh-CN"),
        ("zh-CHS", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("zh_TW", "zh-TW"),
        ("zh-CHT", "zh-TW"),
        ("iw-IL", "he-IL"),
        ("in-ID", "id-ID"),
        ("no-NO", "nb-NO"),
        ("no", "nb-NO"),
        ("mo", "ro-RO"),
        ("fil-PH", "tl-PH"),
        ("az_Latn_AZ", "az-AZ"),
        ("kor_Hang", "ko-KR"),
        ("sl-SI", "sl-SL"),
        ("sl_si", "sl-SL"),
        (" sv ", "sv-SE"),
        ("cy-UK", "cy-GB"),
    ],
)
def test_one_locale_in_any_spelling(given: str, locale: str) -> None:
    assert TABLE.match(given) == LocaleMatch(locale, known=True)
    assert TABLE[given].locale == locale
    assert given in TABLE


@pytest.mark.parametrize(
    ("given", "locale"),
    [
        ("GSW_ch", "gsw-CH"),
        ("nds", "nds"),
        ("bar", "bar"),
        ("ji", "yi"),
        ("hau", "ha"),
        ("pt-BR", "pt-BR"),
        ("en-UK", "en-GB"),
        ("es_419", "es-419"),
        ("nn-NO", "nn-NO"),
        ("sr_RS@latin", "sr-Latn-RS"),
        ("az-Cyrl-AZ", "az-Cyrl-AZ"),
        ("arb_Latn", "ar-Latn"),
        ("de-DE-1996", "de-DE-1996"),
        ("zh-yue-HK", "yue-HK"),
        ("zh-Hans-TW", "zh-Hans-TW"),
    ],
)
def test_another_language_stays_itself_in_canonical_form(given: str, locale: str) -> None:
    assert TABLE.match(given) == LocaleMatch(locale, known=False)


@pytest.mark.parametrize(
    ("given", "problem", "hint"),
    [
        ("zh", "'zh' can be more than one locale", "did you mean 'zh-CN' or 'zh-TW'?"),
        ("cmn", "'cmn' can be more than one locale", "did you mean 'zh-CN' or 'zh-TW'?"),
        ("jp", "'jp' is not a locale code", "did you mean 'ja-JP'?"),
        ("jp-JP", "'jp-JP' is not a locale code", "did you mean 'ja-JP'?"),
        ("cn", "'cn' is not a locale code", "did you mean 'zh-CN'?"),
        ("Japanese", "'Japanese' is not a locale code", "did you mean 'ja-JP'?"),
        ("日本語", "'日本語' is not a locale code", "did you mean 'ja-JP'?"),
        ("eng-USA", "'eng-USA' is not a locale code", "did you mean 'en-US'?"),
        ("ca_ES@valencia", "'ca_ES@valencia' is not a locale code", "did you mean 'ca-ES'?"),
        ("", "'' is not a locale code", None),
        ("xxxxxx", "'xxxxxx' is not a locale code", None),
    ],
)
def test_what_can_be_no_locale_or_several(given: str, problem: str, hint: str | None) -> None:
    match = TABLE.match(given)
    assert (match.locale, match.known, match.problem) == (given, False, problem)
    assert match.hint == hint


def test_the_codes_of_the_table_are_canonical() -> None:
    assert [str(read_tag(code)) for code in TABLE.languages] == [*TABLE.languages]


@pytest.mark.parametrize("locale", ["zh-HK", "zh-SG", "zh-Hans-TW", "ja-Hira", "yue", "nan-TW"])
def test_other_locales_of_a_language_without_spaces_are_scored_by_character(locale: str) -> None:
    assert TABLE[locale].character_scored


@pytest.mark.parametrize("locale", ["ja-Latn", "nan-Latn-TW", "lo-LA", "gsw-CH", "de-DE"])
def test_a_script_with_spaces_is_scored_by_word(locale: str) -> None:
    assert not TABLE[locale].character_scored


@pytest.mark.parametrize(
    ("given", "among", "locale"),
    [
        ("TLH", KNOWN, "tlh"),
        ("zh", KNOWN, "zh-CN"),
        ("pt", ("pt-BR",), "pt-BR"),
        ("gsw", ("gsw-CH",), "gsw-CH"),
        # A store of an earlier version keeps its names.
        ("pt-PT", ("pt_PT",), "pt_PT"),
    ],
)
def test_the_locales_at_hand_decide(given: str, among: tuple[str, ...], locale: str) -> None:
    assert TABLE.match(given, among) == LocaleMatch(locale, known=True)


def test_of_several_none_is_taken() -> None:
    match = TABLE.match("pt", ["pt-BR", "pt-PT"])
    assert match.problem == "'pt' can be more than one locale"
    assert match.hint == "did you mean 'pt-BR' or 'pt-PT'?"


def test_what_is_not_found_is_named_with_what_may_be_meant() -> None:
    assert TABLE.find(["ja", "ja_JP", "tlh"], KNOWN, "the store") == ("ja-JP", "tlh")
    with pytest.raises(MissingDataError) as caught:
        TABLE.find(["jp", "en-GB", "ja"], KNOWN, "the store 1.1")
    assert str(caught.value) == (
        "the store 1.1 has no locale 'jp', 'en-GB'; did you mean 'ja-JP'? did you mean 'en-US'?"
    )
    with pytest.raises(MissingDataError) as caught:
        TABLE.find(["xxxxxx"], KNOWN, "the store 1.1")
    assert str(caught.value) == (
        "the store 1.1 has no locale 'xxxxxx'; it has en-US, ja-JP, sl-SL, zh-CN, tlh"
    )


def _own(tmp_path: Path, text: str) -> LanguageTable:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return LanguageTable.load(path)


def test_rows_of_ones_own_are_found_however_they_are_spelled(tmp_path: Path) -> None:
    table = _own(tmp_path, "locale,speakers\npt_PT,10\nGSW_ch,5\nja-JP,125\n")
    assert table["pt-PT"].get("speakers") == "10"
    assert table["pt-PT"].get("genus") == "Romance"
    assert table["gsw"].get("speakers") == "5"
    # A table that says nothing of the scoring unit does not change it, with the column or without.
    assert table["ja-JP"].character_scored
    assert _own(tmp_path, "locale,scoring_unit\nja-JP,\n")["ja-JP"].character_scored


def test_ones_own_table_wins(tmp_path: Path) -> None:
    table = _own(tmp_path, "locale,scoring_unit\nja,word\nzh,\nth-TH,character\n")
    assert table.match("ja") == LocaleMatch("ja", known=True)
    assert not table["ja"].character_scored
    assert table["ja_JP"].character_scored
    assert table.match("zh") == LocaleMatch("zh", known=True)
    assert table["zh"].character_scored
    assert table["th"].character_scored


def test_two_spellings_and_a_wrong_unit_in_ones_own_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _own(tmp_path, "locale,scoring_unit\npt-PT,word\npt_PT,word\nja-JP,characters\n")
    assert [str(problem).split("own.csv")[1] for problem in caught.value.problems] == [
        ":3: pt-PT is here twice as pt_PT; it is pt-PT in line 2, too",
        ":4: scoring_unit 'characters'; expected word or character",
    ]


def test_a_table_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes("locale,name\nde-DE,x\n".encode("utf-16"))
    with pytest.raises(ConfigError, match=r"own.csv: not UTF-8 \(save the file as UTF-8\)"):
        LanguageTable.load(path)
