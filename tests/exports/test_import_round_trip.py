"""Import, export, import is the identity, whatever stands in the rows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.notation import Segment, render, strip
from massive_kit.data.span_schemes import SPAN_SCHEMES, SpanScheme
from massive_kit.data.store import Store
from massive_kit.exports.hf_dataset import write_hf_dataset

WORDS = st.lists(
    st.sampled_from(["a", "[", "]", "\\", "\\[", ":", "fünf,", "目覚", "ก็", "\u200b", "b.c"]),
    min_size=1,
    max_size=3,
).map(" ".join)
SLOTS = st.sampled_from([None, "time", "SL:DATE_TIME", "time.start", "date time", "B-x"])
ANNOTATED = st.lists(st.builds(Segment, WORDS, SLOTS), min_size=1, max_size=4).map(
    lambda segments: " ".join(render([segment]) for segment in segments)
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["de-DE", "ja-JP"]),
        st.sampled_from(["train", "Valid", "MMNLU-22"]),
        st.sampled_from(["IN:CREATE_ALARM", "play/music now", None]),
        st.sampled_from([None, "play"]),
        ANNOTATED,
    ),
    min_size=1,
    max_size=6,
)
# Without any slot, nothing in the export says what a span would be.
WITH_SLOTS = ("de-DE", "train", "play", None, "[x : a] [x : b]")


def same(store: Store, again: Store) -> bool:
    return again.inventory == store.inventory and all(
        again.read(partition, [locale]).equals(store.read(partition, [locale]))
        and again.content_hash(partition, [locale]) == store.content_hash(partition, [locale])
        for locale in store.locales
        for partition in store.parts[locale]
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@settings(max_examples=8, deadline=None)
@given(rows=ROWS, scheme=st.sampled_from(SPAN_SCHEMES))
def test_import_export_import(
    rows: list[tuple[str, str, str | None, str | None, str]], scheme: SpanScheme
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [
            {
                "id": number,
                "locale": locale,
                "partition": partition,
                "utt": strip(annotated),
                "intent": intent,
                "scenario": scenario if intent else None,
                "annot_utt": annotated if intent else None,
            }
            for number, (locale, partition, intent, scenario, annotated) in enumerate(
                [*rows, WITH_SLOTS]
            )
        ]
        (folder / "x.jsonl").write_text("\n".join(map(json.dumps, lines)))
        store = import_source(folder / "x.jsonl", folder / "a", name="x", scheme=scheme).store
        write_hf_dataset(store, folder / "hf")
        assert same(store, import_data(folder / "hf", folder / "b", name="x"))
        # The files of a store are a source like any other.
        copied = import_source(folder / "a", folder / "c", name="x", scheme=scheme).store
        assert same(store, copied)
