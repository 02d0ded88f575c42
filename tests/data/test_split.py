"""A split owns its reads, and gives no labels where it is text alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from massive_kit.data.split import TEXT_COLUMNS, DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import LabelsUnreachableError

LOCALES = ("en-US", "km-KH")


def test_a_split_reads_as_its_store_does(demo_store: Store) -> None:
    split = DataSplit(demo_store, "dev", LOCALES)
    assert split.rows == demo_store.rows("dev", LOCALES)
    assert split.hash == demo_store.content_hash("dev", LOCALES)
    assert split.read().equals(demo_store.read("dev", LOCALES))
    assert list(split.labels().ids) == list(demo_store.label_columns("dev", LOCALES).ids)
    assert [of_locale.locales for of_locale in split.by_locale()] == [("en-US",), ("km-KH",)]


def test_at_most_so_many_rows_of_each_locale_are_read(demo_store: Store) -> None:
    split = DataSplit(demo_store, "train", LOCALES)
    table = split.read(["locale", "id", "utt"], 20)
    drawn = [split.only(locale).capped_rows(20) for locale in LOCALES]
    whole = [demo_store.read("train", [locale], ["locale", "id", "utt"]) for locale in LOCALES]
    assert table.equals(
        pa.concat_tables([rows.take(chosen) for rows, chosen in zip(whole, drawn, strict=True)])
    )
    assert split.read(["id"], 10_000).equals(split.read(["id"]))
    assert len(split.only().read(["id"], 20)) == 0
    with pytest.raises(LabelsUnreachableError, match="intent"):
        split.unlabelled().read(["intent"], 20)


def test_text_alone_gives_no_labels(demo_store: Store) -> None:
    text = DataSplit(demo_store, "dev", LOCALES).unlabelled()
    assert text.read().column_names == [*TEXT_COLUMNS]
    assert text.only("km-KH").text_only
    with pytest.raises(LabelsUnreachableError, match="text alone"):
        text.labels()
    for column in ("intent", "scenario", "labels", "annot_utt", "slot_method", "judgments"):
        with pytest.raises(LabelsUnreachableError, match=column):
            text.read(["id", column])
