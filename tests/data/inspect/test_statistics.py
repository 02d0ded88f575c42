"""Statistics, differences and cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.content import installed_root
from massive_kit.data.inspect.cards import Cards, make_cards
from massive_kit.data.inspect.checks import check_store
from massive_kit.data.inspect.differences import compare_stores
from massive_kit.data.inspect.statistics import label_totals, locale_statistics, summaries
from massive_kit.data.intake.importing import import_data
from massive_kit.data.selection import select_rows
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.languages import LanguageTable

TEXTS = [
    ("1", "train", "wake me", "alarm_set"),
    ("2", "train", "at [time : five am] [date : today]", "alarm_set"),
    ("3", "test", "wake [person : anna]", "play_music"),
]


def store_of(folder: Path, texts: list[tuple[str, str, str, str]] = TEXTS) -> Store:
    from massive_kit.data.notation import strip

    folder.mkdir()
    lines = [
        json.dumps(
            {
                "id": name,
                "locale": "en-US",
                "partition": partition,
                "intent": intent,
                "utt": strip(text),
                "annot_utt": text,
            }
        )
        for name, partition, text, intent in texts
    ]
    (folder / "x.jsonl").write_text("\n".join(lines))
    return import_data(folder / "x.jsonl", folder / "store", name="x")


def test_a_locale(tmp_path: Path) -> None:
    counts = locale_statistics(store_of(tmp_path / "a"), "en-US")
    assert counts.rows == {"train": 2, "test": 1}
    assert counts.tokens == 8
    assert counts.token_types == 7
    assert counts.characters == 7 + 16 + 9
    assert counts.slot_tokens == 4
    assert counts.spans == 3
    assert counts.with_slot == 2
    assert (counts.longest, counts.median) == (4, 2)
    assert counts.unseen == 0.5
    assert counts.intents == {"alarm_set": 2, "play_music": 1}
    assert counts.slots == {"date": 1, "person": 1, "time": 1}
    assert locale_statistics(store_of(tmp_path / "b"), "en-US", ["train"]).unseen is None


def test_held_out_rows_have_statistics_too(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id":"1","locale":"de-DE","partition":"MMNLU-22","utt":"wie spät ist es"}')
    counts = locale_statistics(import_data(path, tmp_path / "store", name="x"), "de-DE")
    assert (counts.tokens, counts.spans, counts.intents) == (4, 0, {})


def test_groups_are_plain_means(demo_store: Store) -> None:
    statistics = [locale_statistics(demo_store, locale) for locale in ("en-US", "de-DE", "km-KH")]
    by = summaries(statistics, LanguageTable.shipped(), "genus")
    assert [(line.name, len(line.locales)) for line in by] == [("Germanic", 2), ("Khmer", 1)]
    english, german, _ = statistics
    assert by[0].tokens == pytest.approx(
        (english.tokens / english.utterances + german.tokens / german.utterances) / 2
    )
    utterances = sum(of_locale.utterances for of_locale in statistics)
    assert sum(label_totals(statistics, "intents").values()) == utterances
    with pytest.raises(UsageError, match="cannot group by"):
        summaries(statistics, LanguageTable.shipped(), "colour")


@pytest.mark.realdata
def test_tokens_of_real_massive(real_store: Store) -> None:
    means = {}
    for locale in ("km-KH", "th-TH", "my-MM", "en-US"):
        counts = [
            len(text.split())
            for partition in ("train", "dev", "test")
            for text in real_store.read(partition, [locale], ["utt"]).column("utt").to_pylist()
        ]
        statistics = locale_statistics(real_store, locale)
        assert (statistics.tokens, statistics.utterances) == (sum(counts), len(counts))
        means[locale] = round(sum(counts) / len(counts), 3)
    # Over all partitions; train alone has 3.355 in th-TH, test alone 6.821 in en-US.
    assert means == {"km-KH": 3.119, "th-TH": 3.348, "my-MM": 4.01, "en-US": 6.899}


def test_rows_to_look_at(demo_store: Store) -> None:
    rows = select_rows(demo_store, "km-KH", count=4)
    assert [row["partition"] for row in rows] == ["train"] * 4
    intent = rows[0]["intent"]
    chosen = select_rows(demo_store, "km-KH", "test", count=3, intent=intent, seed=1)
    assert {row["intent"] for row in chosen} == {intent}
    assert chosen == select_rows(demo_store, "km-KH", "test", count=3, intent=intent, seed=1)
    slot = next(label for row in rows for label in row["labels"] if label != "Other")
    assert all(
        slot in row["labels"] for row in select_rows(demo_store, "km-KH", count=5, slot=slot)
    )
    (row,) = select_rows(demo_store, "km-KH", count=5, ids=[rows[2]["id"]])
    assert row == rows[2]
    with pytest.raises(UsageError, match="no intent"):
        select_rows(demo_store, "km-KH", count=5, intent="x")
    with pytest.raises(UsageError, match="no slot"):
        select_rows(demo_store, "km-KH", count=5, slot="x")
    with pytest.raises(MissingDataError, match="no locale xx-XX"):
        select_rows(demo_store, "xx-XX", count=5)


def test_differences(tmp_path: Path) -> None:
    a = store_of(tmp_path / "a")
    assert compare_stores(a, store_of(tmp_path / "b")) == []
    texts = [TEXTS[1], TEXTS[0], ("3", "test", "wake [person : bob]", "play_music")]
    texts += [("9", "test", "x", "alarm_set"), ("9", "dev", "x", "alarm_set")]
    parts = {part.partition: part for part in compare_stores(a, store_of(tmp_path / "c", texts))}
    assert parts["train"].moved
    assert parts["train"].changed == {}
    assert parts["test"].only_b == ("9",)
    assert parts["test"].changed == dict.fromkeys(("utt", "annot_utt", "tokens"), ("3",))
    assert parts["dev"].only_b == ("9",)
    assert parts["dev"].to_json()["only_b"] == {"count": 1, "ids": ["9"]}


def _cards(store: Store) -> Cards:
    table = LanguageTable.shipped()
    statistics = [locale_statistics(store, locale) for locale in store.locales]
    return make_cards(statistics, check_store(store, table), table)


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
