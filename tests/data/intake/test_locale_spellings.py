"""Rows of a locale come to one part, however the locale is spelled; two spellings are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.intake.importing import Imported, import_source
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.data.store import Store
from massive_kit.errors import DataError
from massive_kit.languages import LanguageTable

JA = {"utt": "明日 の天気", "annot_utt": "[date : 明日] の天気"}
PT = {"utt": "tempo hoje", "annot_utt": "tempo [date : hoje]"}
BY_CHARACTER = ["明", "日", "の", "天", "気"]
BY_WORD = ["明日", "の天気"]


def write(path: Path, *rows: tuple[str, dict[str, str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    same = {"partition": "test", "intent": "weather"}
    lines = [
        {"id": f"{path.stem}{number}", "locale": locale, **same, **texts}
        for number, (locale, texts) in enumerate(rows, 1)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def imported(source: Path, languages: LanguageTable | None = None) -> Imported:
    options = SourceOptions(languages=languages or LanguageTable.shipped())
    return import_source(source, source.with_suffix(".store"), name="x", options=options)


def tokens(store: Store, locale: str) -> list[str]:
    (row,) = store.read("test", [locale]).column("tokens").to_pylist()
    return list(row)


@pytest.mark.parametrize(
    ("given", "locale", "expected"),
    [
        ("ja-JP", "ja-JP", BY_CHARACTER),
        ("ja", "ja-JP", BY_CHARACTER),
        ("ja_jp", "ja-JP", BY_CHARACTER),
        ("jpn", "ja-JP", BY_CHARACTER),
        ("zh-Hans", "zh-CN", BY_CHARACTER),
        ("zh_TW", "zh-TW", BY_CHARACTER),
        ("zh-HK", "zh-HK", BY_CHARACTER),
        ("yue", "yue", BY_CHARACTER),
        ("ja-Latn", "ja-Latn", BY_WORD),
        ("iw-IL", "he-IL", BY_WORD),
        ("GSW_ch", "gsw-CH", BY_WORD),
    ],
)
def test_a_spelling_is_read_as_the_locale_it_means(
    tmp_path: Path, given: str, locale: str, expected: list[str]
) -> None:
    outcome = imported(write(tmp_path / "x.jsonl", (given, JA)))
    assert outcome.store.locales == (locale,)
    assert tokens(outcome.store, locale) == expected
    assert outcome.store.character_locales == ({locale} if expected is BY_CHARACTER else set())
    assert outcome.read_as == ({} if given == locale else {given: locale})
    # The column says the same as the name of the folder.
    assert outcome.store.read("test", [locale]).column("locale").to_pylist() == [locale]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("zh", "locale 'zh' can be more than one locale; did you mean 'zh-CN' or 'zh-TW'?"),
        ("jp", "locale 'jp' is not a locale code; did you mean 'ja-JP'?"),
        ("Japanese", "locale 'Japanese' is not a locale code; did you mean 'ja-JP'?"),
    ],
)
def test_what_means_no_locale_is_refused(tmp_path: Path, given: str, found: str) -> None:
    with pytest.raises(DataError) as caught:
        imported(write(tmp_path / "x.jsonl", ("de-DE", PT), (given, JA)))
    assert [(problem.line, problem.found) for problem in caught.value.problems] == [(2, found)]


@pytest.mark.parametrize("skip_bad", [False, True])
def test_two_spellings_of_one_locale_are_refused(tmp_path: Path, skip_bad: bool) -> None:
    folder = tmp_path / "raw"
    write(folder / "a.jsonl", ("de-DE", PT), ("pt-PT", PT), ("pt-PT", PT))
    write(folder / "b.jsonl", ("pt_PT", PT), ("PT-pt", PT), ("pt-BR", PT))
    with pytest.raises(DataError) as caught:
        import_source(folder, tmp_path / "store", name="x", skip_bad=skip_bad)
    text = str(caught.value).replace(f"{folder}/", "").splitlines()
    todo = "expected one spelling of pt-PT (write 'pt-PT' everywhere)"
    assert text == [
        f"{folder} was not imported: its rows do not agree",
        f"  b.jsonl:1: locale 'pt_PT' here, 'pt-PT' at a.jsonl:2; {todo}",
        f"  b.jsonl:2: locale 'PT-pt' here, 'pt-PT' at a.jsonl:2; {todo}",
    ]
    assert not (tmp_path / "store").exists()


def test_two_spellings_are_told_beside_bad_rows(tmp_path: Path) -> None:
    source = write(tmp_path / "x.jsonl", ("pt-PT", PT), ("pt_PT", PT), ("jp", JA))
    with pytest.raises(DataError) as caught:
        imported(source)
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    assert caught.value.total == 2


def test_ones_own_table_wins(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("locale,scoring_unit\nja,word\nzh,\n", encoding="utf-8")
    outcome = imported(
        write(tmp_path / "x.jsonl", ("ja", JA), ("zh", JA)), LanguageTable.load(table)
    )
    assert outcome.store.locales == ("ja", "zh")
    assert tokens(outcome.store, "ja") == BY_WORD
    assert tokens(outcome.store, "zh") == BY_CHARACTER
