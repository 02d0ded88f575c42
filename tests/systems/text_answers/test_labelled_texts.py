"""Texts are encoded once: the cache is read, kept apart by all that shapes it, and mends itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massive_kit.data.inventory import Inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.systems.seq2seq.batches import Seq2SeqBatches
from massive_kit.systems.text_answers import labelled_texts
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts, encode_split
from massive_kit.systems.text_answers.model_settings import TextModel

LOCALES = ["en-US", "ja-JP"]
TOKENIZER = train_tokenizer(["wake me up at five", "明日の朝五時に起こして"] * 3, 400)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The locales that were encoded, not read from the cache."""
    encoded: list[str] = []
    write: Callable[..., Any] = labelled_texts._write

    def counted(split: DataSplit, *rest: Any) -> Any:
        encoded.extend(split.locales)
        return write(split, *rest)

    monkeypatch.setattr(labelled_texts, "_write", counted)
    return encoded


def of(
    store: Store,
    *,
    tokenizer: Any = TOKENIZER,
    locales: list[str] = LOCALES,
    rows: int | None = None,
    separator: str | None = None,
    **changes: Any,
) -> LabelledTexts:
    values = {"config": {"model_type": "mt5"}, "tokenizer": "x"} | changes
    coding = TextCoding(tokenizer, store.inventory, TextModel.model_validate(values), separator)
    return encode_split(DataSplit(store, "dev", tuple(locales)), coding, rows=rows)


def assert_same(one: LabelledTexts, two: LabelledTexts) -> None:
    for field in dataclasses.fields(LabelledTexts):
        left, right = getattr(one, field.name), getattr(two, field.name)
        if isinstance(left, np.ndarray):
            assert np.array_equal(left, right), field.name
            assert left.dtype == right.dtype, field.name
        else:
            assert left == right, field.name


def test_a_second_call_reads_what_the_first_one_left(demo_store: Store, written: list[str]) -> None:
    first = of(demo_store)
    assert written == LOCALES
    assert_same(of(demo_store), first)
    # Rows are capped after the cache, and locales are kept one by one.
    capped = of(demo_store, rows=3)
    assert len(capped) == 6
    three = of(demo_store, locales=["ja-JP"], rows=3)
    assert np.array_equal(three.inputs, capped.taken(np.arange(3, 6)).inputs)
    assert written == LOCALES


def test_a_capped_set_holds_the_same_rows_as_the_whole(demo_store: Store) -> None:
    whole, capped = of(demo_store), of(demo_store, rows=3)
    for i, row in enumerate(capped.tokens):
        (at,) = (k for k, tokens in enumerate(whole.tokens) if tokens == row)
        ours, theirs = Seq2SeqBatches(capped, pad=0)[i], Seq2SeqBatches(whole, pad=0)[at]
        assert all(ours[name].tolist() == theirs[name].tolist() for name in ours)
        assert capped.intents[i] == whole.intents[at]


@pytest.mark.parametrize(
    "change",
    [
        {"format": {"prompt": ""}},
        {"format": {"inside": "inside"}},
        {"format": {"outside": "O"}},
        {"max_input": 16},
        {"separator": "=>"},
        {"tokenizer": train_tokenizer(["wake me up at five"] * 3, 300)},
    ],
    ids=["prompt", "inside", "outside", "max_input", "separator", "tokenizer"],
)
def test_what_shapes_texts_keeps_them_apart(
    change: dict[str, Any], demo_store: Store, written: list[str]
) -> None:
    of(demo_store)
    of(demo_store, **change)
    assert written == LOCALES * 2
    of(demo_store)
    assert written == LOCALES * 2


def test_another_label_inventory_keeps_texts_apart(demo_store: Store, written: list[str]) -> None:
    before = of(demo_store)
    inventory = demo_store.inventory
    more = Inventory(("aaa_first", *inventory.intents), inventory.slots, inventory.scenarios)
    after = of(dataclasses.replace(demo_store, inventory=more))
    assert written == LOCALES * 2
    assert np.array_equal(after.intents, before.intents + 1)


def test_another_span_scheme_and_other_tokens_keep_texts_apart(
    demo_store: Store, written: list[str]
) -> None:
    of(demo_store)
    inventory = dataclasses.replace(demo_store.inventory, scheme="brackets")
    of(dataclasses.replace(demo_store, inventory=inventory))
    assert written == LOCALES * 2
    # Imported anew under another rule of tokens: the same content in another file.
    parts = {
        locale: {name: dataclasses.replace(part, sha256="0" * 64) for name, part in parts.items()}
        for locale, parts in demo_store.parts.items()
    }
    of(dataclasses.replace(demo_store, parts=parts))
    assert written == LOCALES * 3


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04torn", None], ids=["empty", "head", "half"])
def test_a_torn_file_is_made_again(
    content: bytes | None, demo_store: Store, tmp_path: Path, written: list[str]
) -> None:
    first = of(demo_store)
    (one, _) = sorted(tmp_path.rglob("*.npz"))
    whole = one.read_bytes()
    one.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert_same(of(demo_store), first)
    assert len(written) == 3
    assert_same(of(demo_store), first)
    assert len(written) == 3
