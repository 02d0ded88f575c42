"""Data cards: counts, never a row."""

from __future__ import annotations

import pytest

from massive_kit.content import installed_root
from massive_kit.data.inspect.cards import Cards, make_cards
from massive_kit.data.inspect.checks import check_store
from massive_kit.data.inspect.statistics import locale_statistics
from massive_kit.data.store import Store
from massive_kit.languages import LanguageTable
from massive_kit.schema.label_descriptions import load_label_descriptions


def _cards(store: Store) -> Cards:
    table = LanguageTable.shipped()
    statistics = [locale_statistics(store, locale) for locale in store.locales]
    return make_cards(statistics, check_store(store, table), table, load_label_descriptions())


def test_cards_hold_counts_and_no_row(demo_store: Store) -> None:
    cards = _cards(demo_store)
    assert set(cards.languages) == set(demo_store.locales)
    for locale, card in cards.languages.items():
        rows = demo_store.read("test", [locale], ["utt", "tokens"]).to_pylist()
        assert not any(row["utt"] in card for row in rows if len(row["utt"]) > 12)
    assert "Annotators made the spaces" in cards.languages["km-KH"]
    assert "scoring unit is the character" in cards.languages["ja-JP"]
    assert "| utterances, train | 390 |" in cards.languages["de-DE"]
    assert "26 intents" in cards.corpus
    (line,) = (line for line in cards.corpus.splitlines() if line.startswith("| `alarm_set` |"))
    assert "set an alarm" in line


@pytest.mark.realdata
def test_the_cards_of_massive_are_current(real_store: Store) -> None:
    folder = installed_root() / "data_cards"
    cards = _cards(real_store)
    what = "run `massive-kit data card --data 1.1 --out data_cards`"
    assert (folder / "massive.md").read_text(encoding="utf-8") == cards.corpus, what
    for locale, card in cards.languages.items():
        path = folder / "languages" / f"{locale}.md"
        assert path.read_text(encoding="utf-8") == card, what


def test_every_language_has_a_card() -> None:
    cards = {path.stem for path in (installed_root() / "data_cards" / "languages").glob("*.md")}
    assert cards == set(LanguageTable.shipped().languages)
