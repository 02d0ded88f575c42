"""Whatever bytes come in, a report comes out: no exception, no flood, no hidden acceptance."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from massive_kit.data.tokens import annotate, split_at_brackets, tokenise
from massive_kit.submission import rendering
from massive_kit.submission.reading import Predictions, read_predictions
from tests.submission.cases import ALL, ROWS, line, tarred, tiny_index, zipped

INDEX = tiny_index(texts=True)
FOUND = Path(__file__).with_name("regressions")


def read(content: bytes) -> Predictions:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.jsonl"
        path.write_bytes(content)
        predictions = read_predictions([path], INDEX, allow_errors=True)
    for render in (rendering.text, rendering.as_json, rendering.github):
        assert all(c.isprintable() or c in "\n\u200c" for c in render(predictions.report, "t"))
    assert len(predictions.columns) == len(INDEX)
    if predictions.report.valid:
        assert predictions.present.all()
        assert (predictions.columns.intents >= 0).all()
    return predictions


def test_inputs_that_were_once_told_wrongly() -> None:
    for path in sorted(FOUND.iterdir()):
        read(path.read_bytes())


@given(st.binary(max_size=2000))
@example(b"\x1f\x8b")
@example(b"PK\x03\x04")
@example(bytes(257) + b"ustar")
def test_any_bytes(content: bytes) -> None:
    assert not read(content).report.valid


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with a few stretches cut out, doubled or overwritten."""
    raw = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(raw) - 1)))
        length = draw(st.integers(0, 20))
        new = draw(
            st.one_of(st.binary(max_size=8), st.just(b""), st.just(bytes(raw[at : at + 40])))
        )
        raw[at : at + length] = new
    return bytes(raw)


@given(damaged(ALL))
@settings(max_examples=150)
def test_damaged_lines(content: bytes) -> None:
    read(content)


@given(damaged(gzip.compress(ALL, mtime=0)))
@settings(max_examples=150)
def test_damaged_gzip(content: bytes) -> None:
    read(content)


@given(damaged(tarred({"a.jsonl": ALL[:400], "b/c.jsonl": ALL[400:]})))
@settings(max_examples=200)
def test_damaged_tar(content: bytes) -> None:
    read(content)


@given(damaged(zipped({"a.jsonl": ALL[:400], "b/c.jsonl": ALL[400:]})))
@settings(max_examples=200)
def test_damaged_zip(content: bytes) -> None:
    read(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from(["id", "locale", "utt", "pred_intent", "pred_slots", "pred_annot_utt"])


@given(st.integers(0, 8), st.dictionaries(FIELDS, JSON, min_size=1))
@settings(max_examples=150)
def test_fields_of_any_type(at: int, values: dict[str, object]) -> None:
    rows = list(ROWS)
    rows[at] = {**rows[at], **values}
    read(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


ANNOTATED = st.lists(
    st.sampled_from(["[", "]", ":", " : ", " ", "date", "time", "Other", "x", "\u3000", "\u200b"]),
    max_size=12,
).map("".join)


@given(ANNOTATED)
@settings(max_examples=300)
def test_annotations_are_read_as_the_data_are(text: str) -> None:
    rows = [{**ROWS[2], "pred_annot_utt": text}, *(r for i, r in enumerate(ROWS) if i != 2)]
    predictions = read(b"".join(map(line, rows)))
    if predictions.report.valid:
        labels = predictions.columns.row_labels(2)
        # Where brackets stand within words, whichever way gives the right number of tokens.
        by_text = tokenise(text, characters=False).labels
        by_bracket = split_at_brackets(text, characters=False).labels
        assert labels == (by_text if len(by_text) == len(labels) else by_bracket)


@given(st.lists(st.sampled_from(["Other", "date", "time"]), min_size=3, max_size=3))
def test_what_is_written_by_token_is_read_back(labels: list[str]) -> None:
    rows = list(ROWS)
    rows[2] = {**rows[2], "pred_annot_utt": annotate(["a\u200bb", "ﾊ", "c"], labels)}
    predictions = read(b"".join(map(line, rows)))
    assert predictions.report.errors == 0
    assert predictions.columns.row_labels(2) == labels
