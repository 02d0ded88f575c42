"""Importing: every form of input, every mistake told, nothing left behind when it fails."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.demo.corpus import rows
from massive_kit.data.intake import importing
from massive_kit.data.intake.conversion import convert
from massive_kit.data.intake.formats import jsonl
from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.intake.label_maps import HUB_INTENTS, HUB_SCENARIOS, LabelMaps, read_map
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError
from massive_kit.languages import LanguageTable

ROW: dict[str, Any] = {
    "id": "1",
    "locale": "de-DE",
    "partition": "train",
    "scenario": "alarm",
    "intent": "alarm_set",
    "utt": "weck mich um fünf",
    "annot_utt": "weck mich um [time : fünf]",
}


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    path.write_text(text, encoding="utf-8")
    return path


def row(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**ROW, **changes}.items() if value != "-"}


def read(store: Store, locale: str = "de-DE", partition: str = "train") -> list[dict[str, Any]]:
    return list(store.read(partition, [locale]).to_pylist())


BAD: list[tuple[dict[str, Any] | str, str]] = [
    (row(id="-"), "no id"),
    (row(id=""), "no id"),
    (row(locale="-"), "no locale"),
    (row(locale="../../etc"), "locale '../../etc' is not a locale code"),
    (row(partition="-"), "no partition"),
    (row(partition="../x"), "partition is '../x'"),
    (row(utt="-", annot_utt="-", intent="-"), "no utt"),
    (row(utt=" \u3000", annot_utt=" \u3000"), "the utterance is empty"),
    (row(intent="-"), "annot_utt but no intent"),
    (row(annot_utt="-"), "an intent but no annot_utt"),
    (row(annot_utt="weck mich um [time : fünf"), "a '[' without its ']'"),
    (row(annot_utt="weck mich um [time fünf]"), "has no ' : '"),
    (row(annot_utt="weck mich um [time : ] fünf"), "the slot 'time' is empty"),
    (row(annot_utt="weck mich um [Other : fünf]"), "a slot named 'Other'"),
    (row(annot_utt="weck mich um [time : sechs]"), "utt and annot_utt differ: 'fünf' against"),
    (row(utt=5), "utt is 5, not text"),
    (row(utt=["geh", "weg"]), "utt and annot_utt differ: 'gehweg' against"),
    (row(intent=600), "intent is the integer 600"),
    (row(judgments=[{"intent_score": 300}]), "judgments holds"),
    (row(judgments="good"), "judgments is 'good'"),
    (row(judgments={"worker_id": 5}), "judgments is {'worker_id': 5}, neither a list nor"),
    (row(judgments={"worker_id": "5"}), "judgments is {'worker_id': '5'}, neither a list nor"),
    ("{", "not JSON"),
    ("null", "nothing, not a row"),
    ("[1]", "a list, not a row"),
]


@pytest.mark.parametrize(("line", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_row_is_told_with_its_line(
    tmp_path: Path, line: dict[str, Any] | str, reason: str
) -> None:
    source = write(tmp_path / "raw" / "x.jsonl", row(id="a"), line, row(id="b"))
    with pytest.raises(DataError) as caught:
        import_data(source, tmp_path / "store", name="x")
    assert [problem.line for problem in caught.value.problems] == [2]
    assert reason in caught.value.problems[0].found
    # What cannot be read has no tokens, and is not told to be empty beside.
    assert "; the utterance is empty" not in caught.value.problems[0].found
    assert caught.value.problems[0].place == f"{source}:2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


def test_all_mistakes_at_once_and_the_good_rows_kept(tmp_path: Path) -> None:
    lines: list[dict[str, Any] | str] = [row(id="good")]
    lines += [*(line for line, _ in BAD), row(id="good"), row(id="also")]
    source = write(tmp_path / "x.jsonl", *lines)
    with pytest.raises(DataError) as caught:
        import_data(source, tmp_path / "store", name="x")
    assert caught.value.total == len(BAD) + 1
    assert "a second time" in caught.value.problems[-1].found
    imported = import_source(source, tmp_path / "store", name="x", skip_bad=True)
    assert [stored["id"] for stored in read(imported.store)] == ["good", "also"]
    assert imported.rejected == len(BAD) + 1
    assert imported.rejects == tmp_path / "store" / "rejected.jsonl"
    rejected = [json.loads(line) for line in imported.rejects.read_text().splitlines()]
    assert [line["line"] for line in rejected] == list(range(2, len(BAD) + 3))
    assert json.loads(rejected[0]["row"])["locale"] == "de-DE"


def test_rejects_are_written_where_asked_even_without_a_store(tmp_path: Path) -> None:
    source = write(tmp_path / "x.jsonl", row(), "{")
    with pytest.raises(DataError, match=r"all of them are in .*bad\.jsonl"):
        import_source(source, tmp_path / "store", name="x", rejects=tmp_path / "bad.jsonl")
    assert len((tmp_path / "bad.jsonl").read_text().splitlines()) == 1
    assert not (tmp_path / "store").exists()


def test_a_row_that_is_not_utf8_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(
        b"\n".join(json.dumps(row(), ensure_ascii=False).encode(c) for c in ("utf-8", "latin-1"))
    )
    with pytest.raises(DataError, match=r"x\.jsonl:2: text that is not UTF-8 \(byte \d+\); save"):
        import_data(tmp_path / "x.jsonl", tmp_path / "store", name="x")


def test_nothing_good(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not imported"):
        import_source(write(tmp_path / "x.jsonl", "{"), tmp_path / "s", name="x", skip_bad=True)


def test_a_failed_import_leaves_the_older_store(tmp_path: Path) -> None:
    store = import_data(write(tmp_path / "a.jsonl", row()), tmp_path / "store", name="x")
    with pytest.raises(DataError):
        import_data(write(tmp_path / "b.jsonl", "{"), tmp_path / "store", name="x")
    assert Store.open(tmp_path / "store") == store
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("block", [10, 500, 1 << 20])
def test_blocks_and_blank_lines_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(jsonl, "BLOCK_BYTES", block)
    lines = [row(id=str(i), partition=("train", "dev")[i % 2]) for i in range(20)]
    source = write(tmp_path / "x.jsonl", "", *lines[:7], "", "  ", *lines[7:], "")
    store = import_data(source, tmp_path / "store", name="x")
    assert [stored["id"] for stored in read(store)] == [str(i) for i in range(0, 20, 2)]
    plain = write(tmp_path / "y.jsonl", *lines)
    again = import_data(plain, tmp_path / "other", name="x")
    assert again.content_hash("train", ["de-DE"]) == store.content_hash("train", ["de-DE"])
    broken = write(tmp_path / "z.jsonl", *lines, "{", row(id="0"))
    with pytest.raises(DataError) as caught:
        import_data(broken, tmp_path / "third", name="x")
    assert [problem.line for problem in caught.value.problems] == [21, 22]


def test_what_no_row_has_is_numbered_stripped_or_asked_for_once(tmp_path: Path) -> None:
    bare = row(id="-", locale="-", partition="-", utt="-")
    path = write(tmp_path / "x.jsonl", *[bare] * 100)
    with pytest.raises(DataError) as caught:
        import_data(path, tmp_path / "store", name="x")
    assert [problem.found[:12] for problem in caught.value.problems] == [
        "no locale: n",
        "no partition",
    ]
    path = write(tmp_path / "raw" / "train.jsonl", bare, "", {**bare, "annot_utt": "gut"})
    options = SourceOptions(locale="de-DE")
    stored = read(import_source(path, tmp_path / "store", name="x", options=options).store)
    assert [(row["id"], row["utt"]) for row in stored] == [("1", "weck mich um fünf"), ("3", "gut")]


def test_a_locale_over_several_files(tmp_path: Path) -> None:
    write(tmp_path / "raw" / "a.jsonl", row(id="1"), row(id="2", partition="test"))
    write(tmp_path / "raw" / "b" / "a.jsonl", row(id="3"), row(id="4", locale="sl-SI"))
    zipped = gzip.compress(json.dumps(row(id="5")).encode())
    (tmp_path / "raw" / "c.jsonl.gz").write_bytes(zipped)
    (tmp_path / "raw" / "README.md").write_text("no data")
    (tmp_path / "raw" / "._a.jsonl").write_text("no data")
    store = import_data(tmp_path / "raw", tmp_path / "store", name="x")
    assert [stored["id"] for stored in read(store)] == ["1", "3", "5"]
    assert store.locales == ("de-DE", "sl-SL")
    assert store.parts["de-DE"]["train"].rows == 3
    write(tmp_path / "raw" / "d.jsonl", row(id="3"))
    with pytest.raises(DataError, match=r"d\.jsonl:1: the id '3' .* first at .*b/a\.jsonl:1"):
        import_data(tmp_path / "raw", tmp_path / "store", name="x")


def test_files_without_ids_that_share_a_part_are_told_apart(tmp_path: Path) -> None:
    bare = row(id="-")
    for locale in ("de-DE", "fr-FR"):
        of_locale = {**bare, "locale": locale}
        write(tmp_path / "raw" / locale / "a.jsonl", of_locale, {**of_locale, "partition": "test"})
        write(tmp_path / "raw" / locale / "b.jsonl", of_locale)
    write(tmp_path / "raw" / "c.jsonl", {**bare, "locale": "sl-SI"})
    store = import_data(tmp_path / "raw", tmp_path / "store", name="x")
    for locale in ("de-DE", "fr-FR"):
        ids = [stored["id"] for stored in read(store, locale)]
        assert ids == ["a-1", "b-1"]
        assert [stored["id"] for stored in read(store, locale, "test")] == ["a-2"]
    assert [stored["id"] for stored in read(store, "sl-SL")] == ["1"]


def test_held_out_rows_have_no_labels(tmp_path: Path) -> None:
    held = {"id": "7", "locale": "ja-JP", "partition": "MMNLU-22", "utt": "hello を再生"}
    source = write(tmp_path / "x.jsonl", held, {**held, "id": "8", "intent": "", "annot_utt": ""})
    store = import_data(source, tmp_path / "store", name="x")
    for stored in read(store, "ja-JP", "MMNLU-22"):
        assert stored["tokens"] == ["hello", "を", "再", "生"]
        assert stored["labels"] is None
        assert stored["intent"] is None
    with pytest.raises(DataError, match="cannot be scored"):
        store.label_columns("MMNLU-22", ["ja-JP"])


def test_judgments_are_kept(tmp_path: Path) -> None:
    judgment = {
        "worker_id": "8",
        "intent_score": 1,
        "slots_score": 1,
        "grammar_score": 4,
        "spelling_score": 2,
        "language_identification": "target|english",
    }
    methods = [{"slot": "time", "method": "unchanged_translation"}]
    source = write(tmp_path / "x.jsonl", row(judgments=[judgment] * 3, slot_method=methods))
    (stored,) = read(import_data(source, tmp_path / "store", name="x"))
    assert stored["judgments"] == [judgment] * 3
    assert stored["slot_method"] == methods


def test_hub_rows_as_json(tmp_path: Path) -> None:
    hub = row(
        id=12,
        intent=HUB_INTENTS.index("alarm_set"),
        scenario=HUB_SCENARIOS.index("alarm"),
        partition="validation",
        slot_method={"slot": ["time"], "method": ["translation"]},
        judgments={"worker_id": ["a", "b"], "intent_score": [1, 0]},
    )
    (stored,) = read(
        import_data(write(tmp_path / "x.jsonl", hub), tmp_path / "s", name="x"), "de-DE", "dev"
    )
    assert (stored["id"], stored["intent"], stored["scenario"]) == ("12", "alarm_set", "alarm")
    assert stored["slot_method"] == [{"slot": "time", "method": "translation"}]
    assert [j["intent_score"] for j in stored["judgments"]] == [1, 0]


def test_hub_parquet_with_its_own_class_labels(tmp_path: Path) -> None:
    names = ["alarm_query", "alarm_set"]
    features = {"intent": {"names": names, "_type": "ClassLabel"}, "utt": {"dtype": "string"}}
    table = pa.table(
        {
            **{key: [value] * 2 for key, value in ROW.items() if key not in {"id", "intent"}},
            "id": ["1", "2"],
            "intent": [0, 1],
            "scenario": [16, 16],
            "judgments": [{"worker_id": ["a"], "intent_score": [1]}] * 2,
        }
    ).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path = tmp_path / "de-DE" / "train" / "0000.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(table, path)
    stored = read(import_data(tmp_path / "de-DE", tmp_path / "store", name="x"))
    assert [(own_row["intent"], own_row["scenario"]) for own_row in stored] == [
        ("alarm_query", "alarm"),
        ("alarm_set", "alarm"),
    ]
    assert stored[0]["judgments"][0]["worker_id"] == "a"


@pytest.mark.parametrize("whole", [True, False])
def test_structs_of_lists(tmp_path: Path, whole: bool) -> None:
    # A null makes the rows go one by one, with the same outcome.
    last: Any = {"slot": [], "method": []} if whole else None
    table = pa.table(
        {
            **{key: [value] * 3 for key, value in ROW.items() if key != "id"},
            "id": ["1", "2", "3"],
            "slot_method": [
                {"slot": ["time", "date"], "method": ["a", "b"]},
                {"slot": ["time"], "method": ["c"]},
                last,
            ],
            "judgments": [{"worker_id": ["a", "b"], "intent_score": [1, 0]}] * 3,
        }
    ).slice(1)
    pq.write_table(table, tmp_path / "x.parquet")
    stored = read(import_data(tmp_path / "x.parquet", tmp_path / "store", name="x"))
    assert stored[0]["slot_method"] == [{"slot": "time", "method": "c"}]
    assert stored[1]["slot_method"] == ([] if whole else None)
    assert [judgment["intent_score"] for judgment in stored[1]["judgments"]] == [1, 0]
    assert stored[1]["judgments"][0]["slots_score"] is None


def test_broken_parquet(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(DataError, match="cannot be read"):
        import_data(tmp_path / "x.parquet", tmp_path / "store", name="x")


def test_a_store_is_a_source(tmp_path: Path) -> None:
    store = import_data(write(tmp_path / "x.jsonl", row()), tmp_path / "a", name="x")
    again = import_data(tmp_path / "a", tmp_path / "b", name="x")
    assert again.read("train", ["de-DE"]).equals(store.read("train", ["de-DE"]))


def test_tokens_with_tags_of_any_scheme(tmp_path: Path) -> None:
    tags = row(annot_utt="-", utt="a b c d", tokens=["a", "b", "c", "d"])
    source = write(
        tmp_path / "x.jsonl",
        {**tags, "id": "1", "ner_tags": ["O", "B-time", "L-time", "U-time"]},
        {**tags, "id": "2", "ner_tags": [0, 1, 2, 0]},
    )
    options = SourceOptions(maps=LabelMaps(tags=["O", "B-time", "L-time"]))
    imported = import_source(source, tmp_path / "store", name="x", options=options)
    assert imported.tag_scheme == "BILOU (B-slot, I-slot, L-slot, U-slot)"
    assert [stored["annot_utt"] for stored in read(imported.store)] == [
        "a [time : b c] [time : d]",
        "a [time : b c] d",
    ]
    with pytest.raises(DataError, match="0 names are known; give them with --slot-map"):
        import_data(source, tmp_path / "other", name="x")
    plain = write(tmp_path / "y.jsonl", {**tags, "slots_str": ["Other", "time", "time", "date"]})
    assert [
        stored["annot_utt"] for stored in read(import_data(plain, tmp_path / "y", name="y"))
    ] == ["a [time : b c] [date : d]"]


def test_tags_of_two_schemes_are_refused(tmp_path: Path) -> None:
    tags = row(annot_utt="-", utt="a b", tokens=["a", "b"])
    source = write(
        tmp_path / "x.jsonl",
        {**tags, "id": "1", "ner_tags": ["B-time", "I-time"]},
        {**tags, "id": "3", "ner_tags": ["B-time", "B-time"]},
        {**tags, "id": "2", "ner_tags": ["time", "time"]},
    )
    with pytest.raises(DataError, match=r"x\.jsonl:3: token 1 has 'time', which is no tag of IOB2"):
        import_data(source, tmp_path / "store", name="x")


def test_tokens_stand_in_the_text_that_comes_with_them(tmp_path: Path) -> None:
    tags = row(annot_utt="-", utt="um fünf, bitte!", tokens=["um", "fünf", ",", "bitte", "!"])
    source = write(tmp_path / "x.jsonl", {**tags, "ner_tags": ["O", "B-time", "O", "O", "O"]})
    imported = import_source(source, tmp_path / "store", name="x")
    [stored] = read(imported.store)
    assert (stored["utt"], stored["annot_utt"]) == ("um fünf, bitte!", "um [time : fünf], bitte!")
    assert stored["labels"] == ["Other", "time", "Other"]
    other = write(tmp_path / "y.jsonl", {**tags, "utt": "um sechs", "ner_tags": ["O"] * 5})
    with pytest.raises(DataError, match="token 2 'fünf' does not come next in the text"):
        import_data(other, tmp_path / "other", name="x")


def test_the_maps_of_the_original(tmp_path: Path) -> None:
    path = tmp_path / "x.intents"
    path.write_text('{"1": "b", "0": "a"}')
    assert read_map(path) == ("a", "b")
    path.write_text('{"1": "b"}')
    with pytest.raises(DataError, match="is not a label map"):
        read_map(path)


def test_own_labels_make_an_own_inventory(tmp_path: Path) -> None:
    annotated = "weck mich um [zeit.Uhr/x : fünf]"
    unlike_massive = row(intent="Lights/ON", scenario="-", annot_utt=annotated)
    store = import_data(write(tmp_path / "x.jsonl", unlike_massive), tmp_path / "store", name="x")
    assert store.inventory.intents == ("Lights/ON",)
    assert store.inventory.slots == ("zeit.Uhr/x",)
    massive = import_data(write(tmp_path / "y.jsonl", row()), tmp_path / "m", name="x")
    assert massive.inventory == Inventory.massive()


def test_nothing_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.jsonl", tmp_path / "no.tar.gz"):
        with pytest.raises(MissingDataError):
            import_data(path, tmp_path / "store", name="x")


def test_the_demo_corpus_comes_back_as_written(tmp_path: Path, demo_store: Store) -> None:
    from massive_kit.data.tokens import tokenise

    for locale in ("en-US", "ja-JP", "km-KH"):
        raw = {written["id"]: written for written in rows(locale)}
        for partition in ("train", "dev", "test"):
            for stored in read(demo_store, locale, partition):
                assert stored["annot_utt"] == raw[stored["id"]]["annot_utt"]
                expected = tokenise(stored["annot_utt"], characters=locale == "ja-JP")
                assert (stored["tokens"], stored["labels"]) == (expected.tokens, expected.labels)


def test_many_files_come_in_order(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / "raw" / f"{number:02}.jsonl", row(id=str(number)))
    seen: list[str] = []
    store = importing.import_data(
        tmp_path / "raw",
        tmp_path / "store",
        name="x",
        progress=lambda name, count: seen.append(Path(name).stem),
    )
    assert seen == [f"{number:02}" for number in range(30)]
    assert [stored["id"] for stored in read(store)] == [str(number) for number in range(30)]


PIECES = [
    b"{", b"}", b"[", b"]", b":", b",", b"null", b"1", b'"id"', b'"utt"', b'"judgments"', b"\n",
    b" ", b'"', b"\\u0000", b"\\ud800", b"\xff", b"\xe3\x80\x80", b"[x : ", b"300", b"\r",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 20), st.sampled_from(PIECES)), max_size=4
)


@given(lines=st.lists(EDITS, min_size=1, max_size=4))
def test_every_line_is_a_row_or_a_mistake(lines: list[list[tuple[int, int, bytes]]]) -> None:
    parts = []
    for edits in lines:
        text = json.dumps(row(judgments=[{"worker_id": "1", "intent_score": 1}])).encode()
        for start, length, piece in edits:
            text = text[:start] + piece + text[start + length :]
        parts.append(text)
    content = b"\n".join(parts)
    counted = 0
    for block in jsonl.read(io.BytesIO(content), LabelMaps()):
        converted = convert(block, LanguageTable.shipped())
        counted += len(converted.mistakes) + sum(len(rows.table) for rows in converted.rows)
    assert counted == sum(1 for line in content.split(b"\n") if line.strip())


def _own(number: int, utt: str, annotated: str) -> dict[str, Any]:
    return row(id=str(number), intent="IN:PLAY", scenario=None, utt=utt, annot_utt=annotated)


def test_tokens_of_a_labelled_row_are_those_of_its_text(tmp_path: Path) -> None:
    # Without labels, each of these has the tokens that `str.split` gives.
    texts = [
        ("call me monday.", "call me [SL:DATE_TIME : monday]."),
        ("call me monday.", "call me [SL:DATE_TIME : monday] ."),
        ("nitafika jumatatuni", "nitafika [day : jumatatu]ni"),
        (r"play [live] a\b", r"play \[[song : live]\] a\\b"),
    ]
    rows = [_own(i, *text) for i, text in enumerate(texts)]
    imported = import_source(write(tmp_path / "a.jsonl", *rows), tmp_path / "s", name="own")
    assert imported.notes == {
        "a slot ended inside a token, and now holds all of it": [
            f"{tmp_path}/a.jsonl:{line}" for line in (1, 2, 3, 4)
        ]
    }
    stored = read(imported.store)
    assert [stored_row["tokens"] for stored_row in stored] == [utt.split() for utt, _ in texts]
    assert [stored_row["labels"] for stored_row in stored] == [
        ["Other", "Other", "SL:DATE_TIME"],
        ["Other", "Other", "SL:DATE_TIME"],
        ["Other", "day"],
        ["Other", "song", "Other"],
    ]


def test_two_slots_in_one_token_are_refused_with_the_line(tmp_path: Path) -> None:
    bad = _own(1, "mon-fri", "[day : mon][day : -fri]")
    with pytest.raises(DataError) as caught:
        import_data(write(tmp_path / "a.jsonl", row(), bad), tmp_path / "s", name="own")
    (problem,) = caught.value.problems
    assert problem.line == 2
    assert "share the token 'mon-fri'" in problem.found


def test_touching_spans_stay_two_in_a_corpus_of_its_own_labels(tmp_path: Path) -> None:
    rows = [
        _own(0, "play a b c", "play [song : a] [song : b c]"),
        _own(1, "play a", "play [song : a]"),
        _own(2, "a b", "[song : a]  [ song:b ]"),
    ]
    source = write(tmp_path / "a.jsonl", *rows)
    store = import_data(source, tmp_path / "s", name="own")
    assert store.inventory.scheme == Store.open(store.path).inventory.scheme == "brackets"
    assert [r["boundaries"] for r in read(store)] == [[2], None, [1]]
    columns = store.label_columns("train", ["de-DE"])
    assert [columns.row_labels(i) for i in range(3)] == [
        ["Other", "B-song", "B-song", "I-song"],
        ["Other", "B-song"],
        ["B-song", "B-song"],
    ]
    merged = import_source(source, tmp_path / "m", name="own", scheme="runs").store
    assert merged.label_columns("train", ["de-DE"]).row_labels(0) == ["Other"] + ["song"] * 3
    with_massive_labels = import_data(write(tmp_path / "b.jsonl", row()), tmp_path / "b", name="m")
    assert with_massive_labels.inventory.scheme == "runs"
