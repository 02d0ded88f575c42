"""Checks count what they say, and a store that is not what it claims to be is found out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from massive_kit.data.inspect import versions
from massive_kit.data.inspect.checks import CheckReport, check_store
from massive_kit.data.inspect.row_checks import unicode_scripts
from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.notation import strip
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError
from massive_kit.languages import LanguageTable
from massive_kit.provenance import file_sha256


def rows(locale: str, *texts: str, partition: str = "train", **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "locale": locale,
            "partition": partition,
            "scenario": "alarm",
            "intent": "alarm_set",
            "utt": strip(text),
            "annot_utt": text,
            **more,
        }
        for number, text in enumerate(texts)
    ]


def store_of(folder: Path, *groups: list[dict[str, Any]], version: str = "") -> Store:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(row) for group in groups for row in group]
    (folder / "x.jsonl").write_text("\n".join(lines))
    return import_data(folder / "x.jsonl", folder / "store", name="x", version=version)


ENGLISH = rows("en-US", "wake me", "up at [time : five]", "now", "soon", "then")


@pytest.mark.parametrize(
    ("name", "texts", "count"),
    [
        ("slots", ["[time : a] b [time : c]", "d"], 2),
        ("merged_slots", ["[time : a] [time : c]", "[time : a] b [time : c]"], 1),
        ("loose_notation", ["[time:a]", "[time : b]"], 1),
        ("spaces", ["a  b", " a", "a", "[time : c] d "], 3),
        ("upper_case", ["Ab", "b"], 1),
        ("brackets", ["a:b", "b"], 1),
        ("not_nfc", ["cafe\u0301", "café"], 1),
        ("zwsp", ["a\u200bb", "b"], 1),
        ("zwnj", ["a\u200cb", "b"], 1),
        ("zwj", ["a\u200db", "b"], 1),
        ("lrm", ["a\u200eb", "b"], 1),
        ("rlm", ["a\u200fb", "b"], 1),
        ("repeated", ["a", "b", "a", "a"], 2),
        ("other_script", ["abc", "де", "12"], 2),
        ("as_english", ["wake me", "wach auf", "now"], 2),
        ("other_slots", ["[time : a]", "b [time : c]", "c"], 1),
    ],
)
def test_a_count(tmp_path: Path, name: str, texts: list[str], count: int) -> None:
    locale = "de-DE" if name != "other_script" else "ru-RU"
    report = check_store(store_of(tmp_path, ENGLISH, rows(locale, *texts)))
    result = next(result for result in report.results if result.name == name)
    assert result.locales.get(locale, 0) == count
    assert any(text.startswith(locale) for text in result.examples)
    assert report.ok


def test_two_types_that_touch_and_labels_the_original_gets_wrong(tmp_path: Path) -> None:
    touching = rows("de-DE", "[time : a] [date : b]")
    leaking = rows("ja-JP", "播放 [song_name : hello] 这首歌")
    leaking[0]["utt"] = "播放hello这首歌"
    report = check_store(store_of(tmp_path, touching, leaking))
    assert report.count("touching_slots") == 1
    assert report.count("merged_slots") == 0
    assert report.count("alexa_defect") == 1
    assert report.count("respaced") == 1


@pytest.mark.parametrize(
    ("locale", "annotated", "text", "expected"),
    [
        ("de-DE", "call on [date : monday].", None, 1),
        ("de-DE", "pre[date : monday]", None, 1),
        ("de-DE", r"a [date : monday\]]\] b", None, 1),
        ("de-DE", "call on [date : monday] .", None, 0),
        ("de-DE", "[date : monday] [time : noon]", None, 0),
        ("de-DE", "call on [date : monday] .", "call on monday.", 1),
        ("de-DE", "call on [date : monday].", "call on monday .", 0),
        ("ja-JP", "[date : 月曜]に", None, 0),
        ("ja-JP", "[date : 月]x", None, 0),
        ("ja-JP", "call on [date : monday].", None, 1),
        ("ja-JP", "call on [date : monday] .", "call on monday.", 1),
    ],
)
def test_a_slot_that_ends_inside_of_a_token_is_told_with_its_row(
    tmp_path: Path, locale: str, annotated: str, text: str | None, expected: int
) -> None:
    labelled = rows(locale, annotated)
    labelled[0]["utt"] = text or labelled[0]["utt"]
    report = check_store(store_of(tmp_path, ENGLISH, labelled))
    assert report.count("widened") == expected
    told = f"rows with a slot that ends inside a token: 1 ({locale}/0)"
    assert any(told in problem.found for problem in report.problems) == bool(expected)


@pytest.mark.parametrize("scheme", ["runs", "brackets"])
def test_names_and_brackets_that_massive_does_not_have(
    tmp_path: Path, scheme: Literal["runs", "brackets"]
) -> None:
    texts = [r"play \[ [SL:DATE_TIME : a \]] \\[time : b] \[", "[date time : a] [date time : b]"]
    lines = "\n".join(json.dumps(row) for row in rows("de-DE", *texts))
    (tmp_path / "x.jsonl").write_text(lines)
    source = tmp_path / "x.jsonl"
    store = import_source(source, tmp_path / "store", name="x", scheme=scheme).store
    report = check_store(store)
    assert report.count("slots") == 4
    assert report.count("touching_slots") == 0
    assert report.count("merged_slots") == 1
    assert report.count("loose_notation") == 0
    assert report.count("respaced") == 0


@pytest.mark.parametrize(
    ("annotated", "expected"),
    [
        (r"at 5:30 say vier: \[a\] [time : 5:30] [x : : b]", 0),
        ("[time: five]", 1),
        ("[time :five]", 1),
        ("[time:five]", 1),
        ("[time :  five]", 1),
    ],
)
def test_only_the_notation_can_be_loose(tmp_path: Path, annotated: str, expected: int) -> None:
    report = check_store(store_of(tmp_path, ENGLISH, rows("de-DE", annotated)))
    assert report.count("loose_notation") == expected


def test_every_script_of_the_languages_is_known_to_the_pattern_engine() -> None:
    scripts = {language.get("script") for language in LanguageTable.shipped().languages.values()}
    assert scripts <= unicode_scripts().keys()
    for names in unicode_scripts().values():
        for name in names:
            pc.match_substring_regex(pa.array(["a"]), rf"\p{{{name}}}")


def test_overlap_of_train_and_test(tmp_path: Path) -> None:
    test = rows("en-US", "now", "later", partition="test")
    report = check_store(store_of(tmp_path, ENGLISH, test))
    assert report.count("test_in_train") == 1
    assert any("stand in train" in problem.found for problem in report.problems)
    assert report.ok


def test_parallel_or_not(tmp_path: Path) -> None:
    assert check_store(store_of(tmp_path / "a", ENGLISH, rows("de-DE", *"abcde"))).parallel == {
        "train": True
    }
    assert not check_store(store_of(tmp_path / "b", ENGLISH, rows("de-DE", "a"))).parallel["train"]


def test_absent_labels(tmp_path: Path) -> None:
    report = check_store(store_of(tmp_path, ENGLISH))
    assert report.labels["train"] == {"intents": 1, "scenarios": 1, "slots": 1}
    assert len(report.absent["train"]) == 59 + 54


def test_judgments(tmp_path: Path) -> None:
    def judged(*scores: int) -> dict[str, Any]:
        return {"judgments": [{"worker_id": "1", "intent_score": score} for score in scores]}

    groups = [
        rows("de-DE", "a", **judged(0, 0, 1)),
        rows("fr-FR", "b", **judged(0, 1, 2)),
        rows("it-IT", "c", **judged(0, 1)),
        rows("es-ES", "c"),
    ]
    assert check_store(store_of(tmp_path, *groups)).count("judged_wrong") == 1


def test_a_changed_file_is_an_error(tmp_path: Path) -> None:
    store = store_of(tmp_path, ENGLISH)
    path = store.file("en-US", "train")
    path.write_bytes(path.read_bytes() + b" ")
    report = check_store(store)
    assert not report.ok
    assert "changed since its import" in report.problems[0].found
    with pytest.raises(DataError, match="cannot be read"):
        store.read("train", ["en-US"])
    path.unlink()
    assert "is missing" in check_store(store).problems[0].found
    with pytest.raises(MissingDataError, match="is missing"):
        store.read("train", ["en-US"])


def test_a_version_that_it_is_not(tmp_path: Path) -> None:
    report = check_store(store_of(tmp_path, ENGLISH, rows("kk-KZ", "a"), version="1.1"))
    assert not report.ok
    errors = [str(problem) for problem in report.problems if problem.severity == "error"]
    assert "store x: af-ZA is missing; expected as in MASSIVE 1.1" in errors
    assert "store x: kk-KZ is not one of its locales; expected as in MASSIVE 1.1" in errors
    assert "x/en-US/train: 5 rows; expected 11,514, as in MASSIVE 1.1" in errors
    assert "x/en-US/test: 0 rows; expected 2,974, as in MASSIVE 1.1" in errors


def test_other_content_of_a_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path, ENGLISH, version="v")
    right = versions.Version("v", ("en-US",), {"train": 5}, {"en-US": {"train": "0" * 64}})
    monkeypatch.setattr(versions, "versions", lambda: {"v": right})
    (problem,) = versions.differences(store)
    assert problem.found == "other ids, intents or annotations"
    right.content["en-US"]["train"] = store.parts["en-US"]["train"].content
    assert versions.differences(store) == []


def test_an_unknown_version_is_a_warning(tmp_path: Path) -> None:
    report = check_store(store_of(tmp_path, ENGLISH, version="7.7"))
    assert report.ok
    assert "nothing is known here" in report.problems[0].found


def test_held_out_rows(tmp_path: Path) -> None:
    held = rows("de-DE", "a", "b", partition="MMNLU-22")
    for row in held:
        del row["intent"], row["annot_utt"], row["scenario"]
    report = check_store(store_of(tmp_path, held))
    assert report.ok
    assert report.count("respaced") == 0
    assert report.absent == {}


def test_the_demo_corpus(demo_store: Store) -> None:
    report = check_store(demo_store)
    assert report.ok
    assert all(report.parallel.values())
    for name in ("test_in_train", "repeated", "other_slots", "other_intent", "not_nfc", "spaces"):
        assert report.count(name) == 0, name
    json.dumps(report.to_json())


@pytest.fixture(scope="module")
def real_report(real_store: Store) -> CheckReport:
    return check_store(real_store)


# Measured on all 52 x 16,521 rows of the archive by an independent count, not by this code.
REAL = {
    "slots": 833_184,
    "touching_slots": 93_421,
    "merged_slots": 0,
    "loose_notation": 0,
    "brackets": 0,
    "spaces": 0,
    "empty": 0,
    "upper_case": 0,
    "foreign_scenario": 0,
    "not_nfc": 8_953,
    "zwsp": 2_311,
    "zwnj": 7_825,
    "zwj": 1_802,
    "other_slots": 11_202,
    "test_in_train": 8_974,
    "as_english": 843,
    "other_intent": 0,
}


@pytest.mark.realdata
def test_real_massive_is_what_it_claims_to_be(real_report: CheckReport) -> None:
    assert real_report.ok
    assert real_report.version == "1.1"
    assert real_report.partitions == {"train": {11514: 52}, "dev": {2033: 52}, "test": {2974: 52}}
    assert all(real_report.parallel.values())
    assert real_report.labels["all"] == {"intents": 60, "scenarios": 18, "slots": 55}
    assert "cooking_query" in real_report.absent["test"]


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_counts_of_real_massive(real_report: CheckReport, name: str, count: int) -> None:
    assert real_report.count(name) == count


@pytest.mark.realdata
def test_counts_of_real_massive_by_locale(real_report: CheckReport) -> None:
    by = {result.name: result.locales for result in real_report.results}
    assert by["respaced"] == {"ja-JP": 10_482, "zh-CN": 10_908, "zh-TW": 9_845}
    assert by["alexa_defect"] == {"ja-JP": 708, "zh-CN": 53, "zh-TW": 280}
    assert by["other_script"]["ar-SA"] == 566
    assert by["test_in_train"]["km-KH"] == 429
    assert by["test_in_train"]["en-US"] == 21
    # The two marks are counted apart: 21 in all, in 18 rows.
    assert real_report.count("lrm") + real_report.count("rlm") == 21


@pytest.mark.realdata
def test_ids_of_real_massive(real_store: Store) -> None:
    numbers = sorted(
        int(name)
        for partition in ("train", "dev", "test")
        for name in real_store.read(partition, ["en-US"], ["id"]).column("id").to_pylist()
    )
    assert (numbers[0], numbers[-1], len(set(numbers))) == (0, 17180, 16521)


@pytest.mark.realdata
def test_judgments_of_real_massive(shared_data: Path, tmp_path: Path) -> None:
    store = import_data(shared_data / "with-judgments", tmp_path / "store", name="judged")
    report = check_store(store)
    result = next(result for result in report.results if result.name == "judged_wrong")
    assert result.locales == {"de-DE": 105, "sw-KE": 6}
    counts: dict[int, int] = {}
    methods, languages = set(), set()
    for locale in store.locales:
        for partition in store.parts[locale]:
            table = store.read(partition, [locale], ["judgments", "slot_method"])
            for judgments, slots in zip(*map(list, map(_pylist, table.columns)), strict=True):
                counts[len(judgments)] = counts.get(len(judgments), 0) + 1
                methods |= {slot["method"] for slot in slots}
                languages |= {judgment["language_identification"] for judgment in judgments}
    assert counts == {3: 10_005, 2: 9}
    assert {"unchanged_translation", "unchanged_localization"} <= methods
    assert "target|english" in languages


def _pylist(column: Any) -> Any:
    return column.to_pylist()


def test_repeated_ids_are_an_error(tmp_path: Path) -> None:
    store = store_of(tmp_path, ENGLISH)
    path = store.file("en-US", "train")
    table = pq.read_table(path)
    ids = pa.array(["0", "1", "1", "3", "4"])
    pq.write_table(table.set_column(table.column_names.index("id"), "id", ids), path)
    part = replace(store.parts["en-US"]["train"], sha256=file_sha256(path))
    replace(store, parts={"en-US": {"train": part}}).write_index()
    report = check_store(Store.open(store.path))
    assert not report.ok
    (problem,) = (problem for problem in report.problems if problem.severity == "error")
    assert problem.place == "en-US/train"
    assert problem.found == "1 id of several rows: '1'"
