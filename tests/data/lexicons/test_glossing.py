"""A gloss is an utterance word by word in another language; each token has a word of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.data.lexicons.files import lexicon_files, read_lemmas
from massive_kit.data.lexicons.glossaries import Glossaries, GlossSettings, write_glossaries
from massive_kit.data.lexicons.glossing import FoundEntry, Glossary, GlossedWord, plain
from massive_kit.data.lexicons.lexicon import LexiconBuilder
from massive_kit.data.lexicons.reversing import entry_counts, reversed_lexicon
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError


def glossary_of(glosses: Mapping[str, str], *, spaced: bool = True) -> Glossary:
    return Glossary({word: (gloss,) for word, gloss in glosses.items()}, spaced)


GERMAN = glossary_of(
    {"wecker": "alarm", "auf": "on", "mach": "make", "mach an": "switch on", "lampe": "light"}
)


def words(glossary: Glossary, *tokens: str) -> list[tuple[str, int, int]]:
    glossed = glossary.gloss(tokens)
    covered = {token for word in glossed for token in range(word.start, word.end)}
    assert covered == {*range(len(tokens))}
    return [(word.word, word.start, word.end) for word in glossed]


def test_the_longest_entry_stands_for_its_tokens() -> None:
    assert words(GERMAN, "Mach", "an", "die", "Lampe") == [
        ("switch", 0, 2),
        ("on", 0, 2),
        ("die", 2, 3),
        ("light", 3, 4),
    ]
    assert GERMAN.gloss([]) == []
    assert GERMAN.gloss(["Olly"]) == [GlossedWord("Olly", 0, 1)]
    assert GERMAN.found(["Olly", "mach", "an"]) == [
        FoundEntry(("Olly",), 0, 1, known=False),
        FoundEntry(("switch on",), 1, 3),
    ]


def test_a_form_stands_for_the_word_that_begins_most_like_it() -> None:
    glossary = glossary_of({"wecker": "alarm", "weckerei": "bakery", "wecken": "wake"})
    assert words(glossary, "weckern") == [("alarm", 0, 1)]
    # Too little of it is alike, it is too short, or it has a number.
    assert words(glossary, "weckte", "weck", "wecker5") == [
        ("weckte", 0, 1),
        ("weck", 1, 2),
        ("wecker5", 2, 3),
    ]


def test_words_are_found_however_they_are_written() -> None:
    assert plain("Ünlü") == plain(unicodedata.normalize("NFD", "ünlü"))
    glossary = glossary_of({plain("önce"): "before"})
    assert words(glossary, unicodedata.normalize("NFD", "Önce")) == [("before", 0, 1)]
    assert words(glossary, "ön\u200bce") == [("before", 0, 1)]


def test_characters_make_words_where_there_are_no_spaces() -> None:
    glossary = glossary_of({"部屋": "room", "を": "at", "する": "do", "部": "part"}, spaced=False)
    # A single character occurs in other words, too.
    assert words(glossary, *"部屋を暗くする") == [
        ("room", 0, 2),
        ("を", 2, 3),
        ("暗", 3, 4),
        ("く", 4, 5),
        ("do", 5, 7),
    ]


def test_a_token_may_hold_several_words() -> None:
    khmer = glossary_of({"បញ្ហា": "issue", "អ៊ីមែល": "e mail", "កក": "ice"}, spaced=False)
    assert words(khmer, "បញ្ហាអ៊ីមែលកក", "កក") == [
        ("issue", 0, 1),
        ("e", 0, 1),
        ("mail", 0, 1),
        ("កក", 0, 1),
        ("ice", 1, 2),
    ]
    assert words(khmer, "\u200b") == [("\u200b", 0, 1)]
    # No word ends before a mark that goes with its last letter.
    assert words(glossary_of({"កកក": "neck"}, spaced=False), "កកកា") == [("កកកា", 0, 1)]


def test_the_frequent_entry_stands_for_a_translation_unless_that_comes_late() -> None:
    builder = LexiconBuilder()
    for entry, translation in (
        ("waker", "Wecker"),
        ("Alarm", "Alarm"),
        ("alarm", "Wecker"),
        ("switch on", "anschalten"),
        ("unknown", "Lampe"),
        ("lights", "Lampe"),
        ("often", "selten"),
        ("often", "oft"),
        ("rarely", "selten"),
    ):
        builder.add(entry, translation)
    lexicon = builder.built("en-US", "de-DE", "de-DE.tsv")
    rows = [
        ["Alarm", *["alarm"] * 4],
        ["waker"],
        ["switch", "on", "lights"],
        ["often"],
        ["rarely"] * 2,
    ]
    counts = entry_counts(rows, {"lights": "light", "on": "on"})
    assert [counts[word] for word in ("alarm", "switch on", "light", "on")] == [5, 1, 1, 1]
    glosses = reversed_lexicon(lexicon, counts)
    assert glosses == {
        "wecker": ("alarm",),
        "alarm": ("alarm",),
        "anschalten": ("switch on",),
        "lampe": ("lights",),
        "selten": ("rarely",),
        "oft": ("often",),
    }
    several = reversed_lexicon(lexicon, counts, 2)
    assert several["wecker"] == ("alarm", "waker")
    assert several["selten"] == ("rarely", "often")
    assert several["oft"] == ("often",)


def test_glossaries_are_kept_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "glossaries"
    settings = GlossSettings("en-US", ("en-US", "mn-MN"), 0.3)
    made: dict[str, dict[str, tuple[str, ...]]] = {
        "ja-JP": {"部屋": ("room",)},
        "und-Cyrl": {"свет": ("world", "light")},
        "und-Latn": {"haus": ("house",)},
    }
    write_glossaries(folder, settings, made)
    glossaries = Glossaries.load(folder, {"yue-HK"})
    assert glossaries.settings == replace(settings, targets=("ja-JP", "und-Cyrl", "und-Latn"))
    japanese, russian = glossaries.of("ja-JP"), glossaries.of("ru-RU")
    assert japanese is not None
    assert russian is not None
    assert (japanese.spaced, russian.spaced) == (False, True)
    assert russian.glosses["свет"] == ("world", "light")
    # A script's glossary is read once, and is not for the source nor for what was learnt.
    assert glossaries.of("de-DE") is glossaries.of("fr-FR")
    assert [glossaries.of(locale) for locale in ("en-US", "mn-MN", "th-TH", "xx-XX")] == [None] * 4


def test_a_language_whose_tokens_are_characters_has_no_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "glossaries"
    write_glossaries(folder, GlossSettings("en-US"), {"yue-HK": {"收音機": ("radio",)}})
    glossary = Glossaries.load(folder, {"yue-HK"}).of("yue-HK")
    assert glossary is not None
    assert words(glossary, *"開收音機") == [("開", 0, 1), ("radio", 1, 4)]


def test_what_is_no_glossary_is_told_with_every_mistake(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"holds no glossaries\.json; make the run again"):
        Glossaries.load(tmp_path)
    folder = tmp_path / "glossaries"
    write_glossaries(folder, GlossSettings("en-US"), {})
    with pytest.raises(MissingDataError, match="holds no glossary"):
        Glossaries.load(folder)
    (folder / "de-DE.tsv").write_text("wecker\talarm\n\tlight\none two three\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Glossaries.load(folder).of("de-DE")
    assert "de-DE.tsv:2" in str(caught.value)
    assert "de-DE.tsv:3" in str(caught.value)
    long = "das\tthe\ndas\tthe\ndies\ta b c d e\n"
    (folder / "de-DE.tsv").write_text(long, encoding="utf-8")
    with pytest.raises(DataError, match="is no glossary") as caught:
        Glossaries.load(folder).of("de-DE")
    assert [problem.found for problem in caught.value.problems] == [
        "'the' twice for 'das'",
        "a gloss of more for 'dies'",
    ]
    many = "".join(f"das\tword{n}\n" for n in range(10))
    (folder / "de-DE.tsv").write_text(many, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Glossaries.load(folder).of("de-DE")
    assert [problem.found for problem in caught.value.problems] == ["more glosses for 'das'"] * 2
    for damaged in (
        "[]",
        "{",
        '{"format": "glossaries-1", "source": "x", "learnt": [], "weight": 2}',
    ):
        (folder / "glossaries.json").write_text(damaged, encoding="utf-8")
        with pytest.raises(DataError, match="cannot be read"):
            Glossaries.load(folder)


def test_a_dotted_capital_is_its_small_letter() -> None:
    assert plain("İptal") == "iptal"
    assert plain("o\u200b\u0308") == "ö"


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("locale", "spaced", "least"),
    [("de-DE", True, 0.7), ("sw-KE", True, 0.6), ("ja-JP", False, 0.4), ("km-KH", False, 0.6)],
)
def test_real_text_is_glossed_token_by_token(
    shared_data: Path, real_store: Store, locale: str, spaced: bool, least: float
) -> None:
    english, text = (
        real_store.read(partition, [name], ["tokens"]).column("tokens").to_pylist()
        for name, partition in (("en-US", "train"), (locale, "test"))
    )
    lemmas = read_lemmas(shared_data / "lexicons" / "english_lemmas.tsv.gz")
    counts = entry_counts(english, lemmas)
    (file,) = lexicon_files([str(shared_data / "lexicons" / f"{locale}.tsv.gz")], "en-US")
    glossary = Glossary(reversed_lexicon(file.read(counts.keys()), counts), spaced)
    changed = total = 0
    for tokens in text:
        glossed = words(glossary, *tokens)
        total += len(tokens)
        changed += len(
            {
                token
                for word, start, end in glossed
                for token in range(start, end)
                if word != tokens[token]
            }
        )
    assert changed / total > least
