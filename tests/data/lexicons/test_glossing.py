"""A gloss is an utterance word by word in another language; each token has a word of it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from massive_kit.data.lexicons.glossaries import Glossaries, write_glossary
from massive_kit.data.lexicons.glossing import Glossary, GlossedWord, plain
from massive_kit.data.lexicons.lexicon import LexiconBuilder
from massive_kit.data.lexicons.reversing import entry_counts, reversed_lexicon
from massive_kit.errors import DataError, MissingDataError

GERMAN = Glossary(
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


def test_a_form_stands_for_the_word_that_begins_most_like_it() -> None:
    glossary = Glossary({"wecker": "alarm", "weckerei": "bakery", "wecken": "wake"})
    assert words(glossary, "weckern") == [("alarm", 0, 1)]
    # Too little of it is alike, it is too short, or it has a number.
    assert words(glossary, "weckte", "weck", "wecker5") == [
        ("weckte", 0, 1),
        ("weck", 1, 2),
        ("wecker5", 2, 3),
    ]


def test_words_are_found_however_they_are_written() -> None:
    assert plain("Ünlü") == plain(unicodedata.normalize("NFD", "ünlü"))
    glossary = Glossary({plain("önce"): "before"})
    assert words(glossary, unicodedata.normalize("NFD", "Önce")) == [("before", 0, 1)]
    assert words(glossary, "ön\u200bce") == [("before", 0, 1)]


def test_characters_make_words_where_there_are_no_spaces() -> None:
    glossary = Glossary({"部屋": "room", "を": "at", "する": "do", "部": "part"}, spaced=False)
    # A single character occurs in other words, too.
    assert words(glossary, *"部屋を暗くする") == [
        ("room", 0, 2),
        ("を", 2, 3),
        ("暗", 3, 4),
        ("く", 4, 5),
        ("do", 5, 7),
    ]


def test_a_token_may_hold_several_words() -> None:
    khmer = Glossary({"បញ្ហា": "issue", "អ៊ីមែល": "e mail", "កក": "ice"}, spaced=False)
    assert words(khmer, "បញ្ហាអ៊ីមែលកក", "កក") == [
        ("issue", 0, 1),
        ("e", 0, 1),
        ("mail", 0, 1),
        ("កក", 0, 1),
        ("ice", 1, 2),
    ]
    assert words(khmer, "\u200b") == [("\u200b", 0, 1)]
    # No word ends before a mark that goes with its last letter.
    assert words(Glossary({"កកក": "neck"}, spaced=False), "កកកា") == [("កកកា", 0, 1)]


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
        "wecker": "alarm",
        "alarm": "alarm",
        "anschalten": "switch on",
        "lampe": "lights",
        "selten": "rarely",
        "oft": "often",
    }


def test_glossaries_are_kept_in_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="holds no glossary"):
        Glossaries.load(tmp_path)
    write_glossary(tmp_path, "ja-JP", {"部屋": "room"})
    write_glossary(tmp_path, "und-Cyrl", {"свет": "light", "дом": "house"})
    glossaries = Glossaries.load(tmp_path)
    japanese, russian = glossaries.of("ja-JP"), glossaries.of("ru-RU")
    assert japanese is not None
    assert russian is not None
    assert (japanese.spaced, russian.spaced) == (False, True)
    assert russian.glosses["дом"] == "house"
    assert glossaries.of("ru-RU") is russian
    assert glossaries.of("de-DE") is None
    assert glossaries.of("xx-XX") is None


def test_a_damaged_glossary_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "de-DE.tsv").write_text("wecker\talarm\n\tlight\none two three\n", encoding="utf-8")
    glossaries = Glossaries.load(tmp_path)
    with pytest.raises(DataError) as caught:
        glossaries.of("de-DE")
    assert "de-DE.tsv:2" in str(caught.value)
    assert "de-DE.tsv:3" in str(caught.value)
