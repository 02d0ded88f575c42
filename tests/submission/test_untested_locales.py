"""A file may hold the locale that a zero-shot task trains on: it is set aside, never scored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import PredictionError
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import load_task
from massive_kit.scoring.prediction_files import evaluate_files
from massive_kit.submission.bundle import check_bundle, pack
from massive_kit.submission.bundle_files import PREDICTIONS
from massive_kit.submission.index import TaskIndex, untested_locales
from massive_kit.submission.manifests import TEMPLATE, read_manifest
from massive_kit.submission.reading import Predictions, read_predictions
from massive_kit.submission.untested_locales import UntestedLocales
from tests.submission.cases import ALL, line, tiny_index
from tests.submission.gold import gold_lines
from tests.submission.test_fuzz import damaged

ENGLISH = (
    {
        "id": "0",
        "locale": "en-US",
        "pred_intent": "alarm_set",
        "pred_annot_utt": "wake me at [time : five]",
    },
    {"id": "3", "locale": "en-US", "pred_intent": "audio_volume_mute", "pred_annot_utt": "quiet"},
)
BOTH = [line(row) for row in ENGLISH]


def english_index() -> TaskIndex:
    return replace(
        tiny_index(),
        locales=("en-US",),
        locale=np.zeros(2, np.int16),
        ids=np.array(["0", "3"], dtype=object),
        token_counts=np.array([4, 1], np.int32),
    )


def index() -> TaskIndex:
    """`tiny_index` with two rows of en-US, which are not tested, and without any of da-DK."""
    untested = UntestedLocales(("en-US", "da-DK"), "en-US", english_index)
    return replace(tiny_index(), untested=untested)


def read(folder: Path, *lines: bytes, strict: bool = False) -> Predictions:
    path = folder / "p.jsonl"
    path.write_bytes(b"".join(lines))
    return read_predictions([path], index(), allow_errors=True, strict=strict)


@pytest.mark.parametrize("place", ["first", "last", "file of its own"])
def test_rows_of_the_source_locale_are_set_aside(place: str, tmp_path: Path) -> None:
    if place == "file of its own":
        (tmp_path / "a.jsonl").write_bytes(ALL)
        (tmp_path / "b.jsonl").write_bytes(b"".join(BOTH))
        predictions = read_predictions([tmp_path], index())
    else:
        lines = (*BOTH, ALL) if place == "first" else (ALL, *BOTH)
        predictions = read(tmp_path, *lines)
    assert predictions.report.counts == {"MK911": 1}
    assert predictions.report.valid
    assert predictions.report.rows == predictions.report.expected_rows == 9
    (problem,) = predictions.report.problems
    assert "2 rows of en-US" in problem.found
    assert "transfer gap from them" in str(problem.todo)
    (tmp_path / "alone").mkdir()
    alone = read(tmp_path / "alone", ALL)
    for name in ("locale", "ids", "intents", "labels", "offsets"):
        assert (getattr(predictions.columns, name) == getattr(alone.columns, name)).all()
    assert predictions.columns.locales == alone.columns.locales
    assert predictions.present.all()
    assert len(predictions.present) == 9
    source = predictions.set_aside["en-US"].columns
    assert source is not None
    assert source.row_labels(0) == ["Other", "Other", "Other", "time"]
    assert source.row_labels(1) == ["Other"]
    assert source.ids.tolist() == ["0", "3"]


WRONG: dict[str, tuple[list[bytes], int]] = {
    "a row is missing": (BOTH[:1], 1),
    "an unknown intent": ([BOTH[0], line({**ENGLISH[1], "pred_intent": "nap"})], 1),
    "a token too many": (
        [line({**ENGLISH[0], "pred_annot_utt": "wake me up at five"}), BOTH[1]],
        1,
    ),
    "a bracket alone": (
        [line({**ENGLISH[0], "pred_annot_utt": "wake me at [time : five"}), BOTH[1]],
        1,
    ),
    "a row twice": ([*BOTH, BOTH[1]], 1),
    "an unknown id": ([*BOTH, line({**ENGLISH[1], "id": "77"})], 1),
    "no intent": ([BOTH[0], line({**ENGLISH[1], "pred_intent": None})], 1),
    "no id": ([BOTH[0], line({k: v for k, v in ENGLISH[1].items() if k != "id"})], 2),
    "a key twice": ([BOTH[0], BOTH[1].replace(b"{", b'{"id": "3", ', 1)], 1),
}


@pytest.mark.parametrize("name", WRONG)
def test_no_number_comes_of_rows_that_are_wrong_or_missing(name: str, tmp_path: Path) -> None:
    lines, mistakes = WRONG[name]
    predictions = read(tmp_path, ALL, *lines)
    assert predictions.report.counts == {"MK911": 1, "MK912": mistakes}
    assert predictions.report.valid
    assert predictions.report.rows == 9
    assert predictions.set_aside["en-US"].rows == len(lines)
    assert predictions.set_aside["en-US"].columns is None
    notice = next(p for p in predictions.report.problems if p.code == "MK911")
    assert "no transfer gap" in str(notice.todo)


def test_a_training_locale_that_the_data_lack_is_set_aside_unseen(tmp_path: Path) -> None:
    predictions = read(tmp_path, line({**ENGLISH[0], "locale": "da-DK"}), ALL, *BOTH)
    assert predictions.report.counts == {"MK911": 2}
    assert predictions.set_aside["da-DK"].rows == 1
    assert predictions.set_aside["da-DK"].columns is None
    assert predictions.set_aside["en-US"].columns is not None


def test_another_spelling_is_the_same_locale(tmp_path: Path) -> None:
    respelled = [raw.replace(b"en-US", b"en_US") for raw in BOTH]
    predictions = read(tmp_path, ALL, *respelled)
    assert predictions.report.counts == {"MK901": 1, "MK911": 1}
    assert predictions.set_aside["en-US"].columns is not None
    mixed = read(tmp_path, ALL, BOTH[0], respelled[1])
    assert mixed.report.valid
    assert mixed.set_aside["en-US"].columns is None


@given(damaged(b"".join(BOTH)), st.booleans())
@settings(max_examples=150)
def test_whatever_stands_in_such_rows_only_whole_ones_count(content: bytes, first: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = (content, b"\n", ALL) if first else (ALL, content)
        predictions = read(Path(folder), *lines)
    assert len(predictions.columns) == 9
    held = predictions.set_aside.get("en-US")
    if held is not None and held.columns is not None:
        assert (held.columns.intents >= 0).all()
        assert held.rows == 2
        assert "MK912" not in predictions.report.counts


def test_mistakes_in_scored_rows_stay_errors(tmp_path: Path) -> None:
    predictions = read(tmp_path, *BOTH, ALL, line({**ENGLISH[0], "locale": "ca-ES"}), b"{}\n")
    assert predictions.report.counts == {"MK207": 4, "MK402": 1, "MK911": 1}
    wrong = next(p for p in predictions.report.problems if p.code == "MK402")
    assert wrong.expected == "its 3 test locales"


def test_a_submission_must_not_hold_them(tmp_path: Path) -> None:
    report = read(tmp_path, ALL, *BOTH, strict=True).report
    assert report.counts == {"MK402": 2}
    assert "`submission pack` does" in str(report.problems[0].todo)


def test_the_index_of_massive_knows_the_source_locale() -> None:
    zero_shot = TaskIndex.shipped("massive-zeroshot")
    assert zero_shot is not None
    assert zero_shot.untested is not None
    assert zero_shot.untested.locales == ("en-US",)
    english = zero_shot.untested.index()
    assert english.locales == ("en-US",)
    full = TaskIndex.shipped("massive-full")
    assert full is not None
    assert full.untested is None
    assert len(english) == 2974
    start = full.locales.index("en-US") * 2974
    assert (english.token_counts == full.token_counts[start : start + 2974]).all()


@pytest.fixture(scope="module")
def write_gold(demo_store: Store) -> Callable[..., Path]:
    """Writes predictions for locales of the demo corpus; every third intent is wrong."""

    def write(path: Path, *locales: str) -> Path:
        path.write_bytes(gold_lines(demo_store, locales, wrong=3))
        return path

    return write


def test_scores_are_those_of_two_files(
    demo_store: Store, write_gold: Callable[..., Path], tmp_path: Path
) -> None:
    task = load_task("demo-zeroshot")
    task_data = lay_task(task, demo_store)
    tested = task_data.test.locales
    one = write_gold(tmp_path / "one.jsonl", *tested[:9], "en-US", *tested[9:])
    two = write_gold(tmp_path / "two.jsonl", *tested)
    english = write_gold(tmp_path / "en.jsonl", "en-US")
    together = evaluate_files([one], task_data, resamples=20)
    apart = evaluate_files([two], task_data, resamples=20, source=[english])
    assert together.evaluation.scores == apart.evaluation.scores
    assert together.evaluation.scores.transfer
    assert [problem.code for problem in together.warnings] == ["MK911"]
    assert apart.warnings == ()
    # Its first row is missing.
    one.write_bytes(two.read_bytes() + english.read_bytes().split(b"\n", 1)[1])
    incomplete = evaluate_files([one], task_data, resamples=20)
    assert incomplete.evaluation.scores.transfer == {}
    assert {problem.code for problem in incomplete.warnings} == {"MK911", "MK912"}
    assert incomplete.evaluation.scores.averages == apart.evaluation.scores.averages
    with pytest.raises(PredictionError):
        evaluate_files([one], task_data, resamples=0, strict=True)


def test_a_second_training_locale_is_set_aside_too(
    demo_store: Store, write_gold: Callable[..., Path], tmp_path: Path
) -> None:
    task = load_task("demo-zeroshot")
    train = task.train.model_copy(update={"locales": ["en-US", "de-DE"]})
    test = task.test.model_copy(update={"locales": ["fr-FR", "sw-KE"], "without": []})
    task_data = lay_task(task.model_copy(update={"train": train, "test": test}), demo_store)
    path = write_gold(tmp_path / "p.jsonl", "de-DE", "en-US", "fr-FR", "sw-KE")
    scored = evaluate_files([path], task_data, resamples=0)
    assert sorted(scored.evaluation.scores.locales) == ["fr-FR", "sw-KE"]
    assert sorted(scored.evaluation.scores.transfer) == ["fr-FR", "sw-KE"]
    assert [problem.code for problem in scored.warnings] == ["MK911", "MK911"]


def test_the_only_training_locale_is_the_source(
    demo_store: Store, write_gold: Callable[..., Path], tmp_path: Path
) -> None:
    task = load_task("demo-zeroshot")
    train = task.train.model_copy(update={"locales": ["de"]})
    test = task.test.model_copy(update={"locales": ["fr-FR"], "without": []})
    changes = {"train": train, "test": test, "source_locale": None}
    task_data = lay_task(task.model_copy(update=changes), demo_store)
    path = write_gold(tmp_path / "p.jsonl", "de-DE", "fr-FR")
    scored = evaluate_files([path], task_data, resamples=0)
    assert scored.evaluation.scores.source_locale == "de-DE"
    assert [*scored.evaluation.scores.transfer] == ["fr-FR"]
    full = lay_task(task.model_copy(update={**changes, "setting": "full"}), demo_store)
    assert full.task.source_locale is None


def test_training_locales_that_only_the_task_names_are_read_in_any_spelling(
    demo_store: Store,
) -> None:
    parts = {
        locale: {name: part for name, part in held.items() if name != "train"}
        for locale, held in demo_store.parts.items()
    }
    task = load_task("demo-zeroshot")
    train = task.train.model_copy(update={"locales": ["en_us", "pt"]})
    test = task.test.model_copy(update={"locales": ["fr-FR"], "without": []})
    task = task.model_copy(update={"train": train, "test": test})
    untested = untested_locales(lay_task(task, replace(demo_store, parts=parts)))
    assert untested is not None
    assert untested.locales == ("en-US", "pt-PT")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    path = tmp_path_factory.mktemp("manifest") / "manifest.yaml"
    path.write_text(TEMPLATE, encoding="utf-8")
    over = ("task=demo-zeroshot", "setting=zero-shot", "description=A.", "code=https://e.org/x")
    return read_manifest(path, over)


def test_the_bundle_drops_them(
    demo_store: Store, write_gold: Callable[..., Path], manifest: Manifest, tmp_path: Path
) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    demo_index, tested = TaskIndex.of(task_data), task_data.test.locales
    with_english = write_gold(tmp_path / "a.jsonl", tested[0], "en-US", *tested[1:])
    without = write_gold(tmp_path / "b.jsonl", *tested)
    first = pack([with_english], manifest, demo_index, tmp_path / "first")
    second = pack([without], manifest, demo_index, tmp_path / "second")
    assert first.left_out == {"en-US": demo_store.rows("test", ["en-US"])}
    assert second.left_out == {}
    for name in (PREDICTIONS, "signature.txt", "SHA256SUMS"):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes()
    assert check_bundle(first.path).counts == {}
