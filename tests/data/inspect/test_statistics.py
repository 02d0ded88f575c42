"""Counts of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.inspect.statistics import label_totals, locale_statistics, summaries
from massive_kit.data.intake.importing import import_data
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable
from tests.data.inspect.small_store import store_of


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
