"""The demo corpus: parallel, in its scripts, fit for training and scoring."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

import pytest

from massive_kit.data.demo.corpus import demo_locales, draw, load_locale, rows
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import parse, strip
from massive_kit.data.tokens import OTHER, tokenise
from massive_kit.languages import LanguageTable, groups

LOCALES = demo_locales()
GLUED = ("ja-JP", "zh-CN", "zh-TW")
# Names that Unicode gives to the letters of a script; Latin is the rest.
SCRIPT_NAMES = {
    "Arab": ("ARABIC",),
    "Armn": ("ARMENIAN",),
    "Beng": ("BENGALI",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Ethi": ("ETHIOPIC",),
    "Geor": ("GEORGIAN",),
    "Grek": ("GREEK",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Hebr": ("HEBREW",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Khmr": ("KHMER",),
    "Knda": ("KANNADA",),
    "Kore": ("HANGUL",),
    "Latn": ("LATIN",),
    "Mlym": ("MALAYALAM",),
    "Mymr": ("MYANMAR",),
    "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Thai": ("THAI",),
}


@cache
def _rows(locale: str) -> list[dict[str, str]]:
    return rows(locale)


def _partition(locale: str, name: str) -> list[dict[str, str]]:
    return [row for row in _rows(locale) if row["partition"] == name]


def test_all_52_locales() -> None:
    table = LanguageTable.shipped()
    assert set(LOCALES) == set(table.languages)
    paper = table.select("in_massive_1.0=yes", LOCALES)
    assert [len(groups(table, by, paper)) for by in ("genus", "family", "script")] == [29, 14, 21]


def test_size_and_breadth() -> None:
    inventory = Inventory.massive()
    partitions = Counter(partition for _, partition, _ in draw())
    assert partitions == {"train": 390, "dev": 104, "test": 156}
    intents = {frame.intent for _, _, frame in draw()}
    slots = {slot for _, _, frame in draw() for slot, _ in frame.fillers}
    assert len(intents) >= 20
    assert len({inventory.scenarios[intent] for intent in intents}) >= 12
    assert len(slots) >= 18
    assert slots <= set(inventory.slots)
    for partition in partitions:
        assert {frame.intent for _, drawn_for, frame in draw() if drawn_for == partition} == intents


def test_half_of_the_test_split_is_unseen() -> None:
    unseen = [not frame.seen for _, partition, frame in draw() if partition == "test"]
    assert 0.4 < sum(unseen) / len(unseen) < 0.7
    assert all(frame.seen for _, partition, frame in draw() if partition == "train")


@pytest.mark.parametrize("locale", LOCALES)
def test_parallel_to_english(locale: str) -> None:
    keys = ("id", "partition", "scenario", "intent")
    assert [[row[k] for k in keys] for row in _rows(locale)] == [
        [row[k] for k in keys] for row in _rows("en-US")
    ]
    for row, english in zip(_rows(locale), _rows("en-US"), strict=True):
        assert _slots(row) == _slots(english), row["id"]


@pytest.mark.parametrize("locale", LOCALES)
def test_removing_the_notation_gives_the_utterance(locale: str) -> None:
    for row in _rows(locale):
        text, expected = strip(row["annot_utt"]), row["utt"]
        if locale in GLUED:
            text, expected = text.replace(" ", ""), expected.replace(" ", "")
        assert text == expected


@pytest.mark.parametrize("locale", LOCALES)
def test_text_is_as_in_massive(locale: str) -> None:
    for row in _rows(locale):
        text = row["utt"]
        assert text
        assert text == " ".join(text.split(" ")).strip()
        assert text == text.lower()
        assert text == unicodedata.normalize("NFC", text)
        assert "  " not in text
        assert not re.search(r"[\[\]{}:]", text)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_twice(locale: str) -> None:
    texts = Counter(row["utt"] for row in _rows(locale))
    assert [text for text, count in texts.items() if count > 1] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_letters_are_of_the_script(locale: str) -> None:
    script = LanguageTable.shipped()[locale].get("script")
    assert script is not None
    letters = [c for row in _rows(locale) for c in row["utt"] if unicodedata.category(c)[0] == "L"]
    in_script = sum(unicodedata.name(c, "").startswith(SCRIPT_NAMES[script]) for c in letters)
    assert in_script >= 0.95 * len(letters)


@pytest.mark.parametrize("locale", LOCALES)
def test_touching_slots_are_of_different_types(locale: str) -> None:
    # Two spans of one type that touch would merge into one when scored.
    for row in _rows(locale):
        got = tokenise(row["annot_utt"], characters=locale in GLUED)
        runs = sum(
            label not in (OTHER, before)
            for before, label in zip([OTHER, *got.labels], got.labels, strict=False)
        )
        assert runs == sum(_slots(row).values())


@pytest.mark.parametrize("locale", LOCALES)
def test_a_reader_learns_what_to_doubt(locale: str) -> None:
    assert len(load_locale(locale).notes) > 40


def _slots(row: dict[str, str]) -> Counter[str]:
    return Counter(segment.slot for segment in parse(row["annot_utt"]) if segment.slot)
