"""A bundle is made the same twice, and everything done to it afterwards is told."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import orjson
import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.data.tokens import annotate
from massive_kit.errors import ConfigError, MassiveKitError, PredictionError, SubmissionError
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import load_task
from massive_kit.submission.bundle import check_bundle, pack
from massive_kit.submission.bundle_files import FILES, opened
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.manifests import TEMPLATE, check_manifest, read_manifest
from massive_kit.submission.report import Collector
from tests.submission.cases import link, tarred, zipped

OVER = ("task=demo-full", "description=A test.", "code=https://example.org/x")


@pytest.fixture(scope="module")
def index(demo_store: Store) -> TaskIndex:
    return TaskIndex.of(lay_task(load_task("demo-full"), demo_store))


@pytest.fixture(scope="module")
def predictions(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    task_data = lay_task(load_task("demo-full"), demo_store)
    columns = ["id", "locale", "intent", "tokens", "labels"]
    table = demo_store.read("test", task_data.test.locales, columns)
    path = tmp_path_factory.mktemp("predictions") / "p.jsonl"
    with path.open("wb") as stream:
        for row in table.to_pylist():
            line = {
                "id": row["id"],
                "locale": row["locale"],
                "pred_intent": row["intent"],
                "pred_annot_utt": annotate(row["tokens"], row["labels"]),
            }
            stream.write(orjson.dumps(line) + b"\n")
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manifest") / "manifest.yaml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def manifest(template: Path) -> Manifest:
    return read_manifest(template, OVER)


@pytest.fixture(params=["bundle", "bundle.zip", "bundle.tar", "bundle.tar.gz"])
def bundle(
    request: pytest.FixtureRequest,
    predictions: Path,
    manifest: Manifest,
    index: TaskIndex,
    tmp_path: Path,
) -> Path:
    target = tmp_path / str(request.param)
    if ".tar" not in target.name:
        return pack([predictions], manifest, index, target).path
    folder = pack([predictions], manifest, index, tmp_path / "system").path
    with tarfile.open(target, "w:gz" if target.suffix == ".gz" else "w") as archive:
        archive.add(folder, "./system")
    return target


def test_what_is_packed_is_valid(bundle: Path, index: TaskIndex) -> None:
    report = check_bundle(bundle)
    assert report.counts == {}
    assert report.rows == len(index)


def test_packing_twice_gives_the_same_bytes(
    predictions: Path, manifest: Manifest, index: TaskIndex, tmp_path: Path
) -> None:
    first, second = (pack([predictions], manifest, index, tmp_path / f"{n}.zip").path for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_packing_over_a_bundle_replaces_it_and_over_other_things_is_refused(
    predictions: Path, manifest: Manifest, index: TaskIndex, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    pack([predictions], manifest, index, target)
    pack([predictions], manifest, index, target)
    other = tmp_path / "work"
    other.mkdir()
    (other / "thesis.tex").write_text("years of work")
    with pytest.raises(SubmissionError, match="not written"):
        pack([predictions], manifest, index, other)
    assert (other / "thesis.tex").exists()


def test_invalid_predictions_are_not_packed(
    manifest: Manifest, index: TaskIndex, tmp_path: Path
) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"{}\n")
    with pytest.raises(PredictionError):
        pack([path], manifest, index, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("manifest.yaml", b"system: [", {"MK503", "MK504"}),
        ("manifest.yaml", None, {"MK501"}),
        ("predictions.jsonl.gz", None, {"MK501"}),
        ("predictions.jsonl.gz", b"{}\n", {"MK207", "MK406", "MK503", "MK508"}),
        ("signature.txt", b"task:x|massive-kit:0\n", {"MK503", "MK508"}),
        ("SHA256SUMS", b"0  manifest.yaml\n", {"MK503"}),
        ("run.sh", b"#!/bin/sh\n", {"MK502"}),
    ],
)
def test_what_is_changed_afterwards_is_told(
    name: str,
    content: bytes | None,
    codes: set[str],
    predictions: Path,
    manifest: Manifest,
    index: TaskIndex,
    tmp_path: Path,
) -> None:
    folder = pack([predictions], manifest, index, tmp_path / "bundle").path
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    report = check_bundle(folder)
    assert not report.valid
    assert set(report.counts) == codes
    assert all(str(folder) in problem.where for problem in report.problems)


def test_a_link_is_not_followed(
    predictions: Path, manifest: Manifest, index: TaskIndex, tmp_path: Path
) -> None:
    folder = pack([predictions], manifest, index, tmp_path / "bundle").path
    (folder / "predictions.jsonl.gz").unlink()
    (folder / "predictions.jsonl.gz").symlink_to(predictions)
    assert set(check_bundle(folder).counts) == {"MK502"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(
    predictions: Path, manifest: Manifest, index: TaskIndex, tmp_path: Path
) -> None:
    folder = pack([predictions], manifest, index, tmp_path / "bundle").path
    (folder / "predictions.jsonl.gz").unlink()
    os.mkfifo(folder / "predictions.jsonl.gz")
    assert set(check_bundle(folder).counts) == {"MK502"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        zipped({"../manifest.yaml": b"x", "evil.sh": b"x"}),
        zipped({"a/b/manifest.yaml": b"x"}),
        zipped({"a/manifest.yaml": b"x", "b/manifest.yaml": b"x"}),
        zipped({"manifest.yaml": b"0" * (2 << 20)}),
        zipped({"manifest.yaml": b"x"}, method=zipfile.ZIP_LZMA),
        zipped({"manifest.yaml": b"x"}, encrypted=True),
        tarred({"../manifest.yaml": b"x", "evil.sh": b"x"}),
        tarred({"a/b/manifest.yaml": b"x"}),
        tarred({"a/manifest.yaml": b"x", "b/manifest.yaml": b"x"}),
        tarred({"manifest.yaml": b"0" * (2 << 20)}),
        tarred({"": link("manifest.yaml", "/etc/passwd")}),
        tarred({"manifest.yaml": b"x"})[:520],
        gzip.compress(tarred({"manifest.yaml": b"x"}), mtime=0)[:-12],
        gzip.compress(tarred({"manifest.yaml": b"0" * (2 << 20)}), mtime=0),
    ],
)
def test_archives_that_are_no_bundle(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionError), opened(path):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.zip"]


def test_a_zip_that_lies_about_its_size_is_not_unpacked_further(tmp_path: Path) -> None:
    raw = bytearray(zipped({"SHA256SUMS": b"0" * (64 << 20)}))
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (100).to_bytes(4, "little")
    path = tmp_path / "bundle.zip"
    path.write_bytes(bytes(raw))
    with pytest.raises(SubmissionError), opened(path):
        pass


def test_the_template_is_a_valid_manifest_without_warnings_but_for_links(template: Path) -> None:
    manifest = read_manifest(template)
    collector = Collector()
    check_manifest(manifest, load_task(manifest.task), "m", collector)
    assert set(collector.counts) == {"MK910"}


@pytest.mark.parametrize(
    ("override", "codes"),
    [
        ("parameters.total=350_000_000", set()),
        ("parameters.total=350_000_001", {"MK506"}),
        ("architecture=decoder", {"MK506"}),
        ("training_data=[]", {"MK507"}),
        ("training_data=[{name: My data}]", {"MK507"}),
        ("setting=full", {"MK505"}),
        ("task=massive-full", {"MK505"}),
        ("scorer='published, original scorer'", {"MK505"}),
    ],
)
def test_the_rules_of_mmnlu_22(override: str, codes: set[str], template: Path) -> None:
    over = ["task=mmnlu22-zeroshot", "setting=zero-shot", override]
    collector = Collector()
    task = load_task("mmnlu22-zeroshot")
    check_manifest(read_manifest(template, over), task, "m", collector)
    assert set(collector.counts) - {"MK910"} == codes


def test_seq2seq_may_be_larger(template: Path) -> None:
    task = load_task("mmnlu22-full")
    for total, wrong in ((700_000_000, False), (700_000_001, True)):
        over = ["task=mmnlu22-full", "architecture=seq2seq", f"parameters.total={total}"]
        collector = Collector()
        check_manifest(read_manifest(template, over), task, "m", collector)
        assert ("MK506" in collector.counts) == wrong


def test_resources_that_the_task_does_not_allow_are_told(template: Path) -> None:
    task = load_task("demo-full")
    collector = Collector()
    over = [*OVER, "resources=[lexicon, target-labels]"]
    check_manifest(read_manifest(template, over), task, "m", collector)
    assert collector.counts["MK505"] == 1
    with pytest.raises(ConfigError, match="resources"):
        read_manifest(template, [*OVER, "resources=[dictionaries]"])


def test_a_manifest_tells_all_its_mistakes(template: Path) -> None:
    over = ["system=My System", "sytem=x", "date=soon", "paper=javascript:alert(1)"]
    with pytest.raises(ConfigError) as caught:
        read_manifest(template, over)
    assert len(caught.value.problems) == 4


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(MassiveKitError, match="no such"):
        check_bundle(tmp_path / "none")


def test_a_zip_holds_only_its_files(bundle: Path) -> None:
    if bundle.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
            assert tuple(archive.namelist()) == FILES
    elif bundle.is_dir():
        assert {path.name for path in bundle.iterdir()} == set(FILES)
