"""The bundle a competitor sends: manifest, predictions, signature, hashes; a folder or a zip."""

from __future__ import annotations

import gzip
import hashlib
import stat
import tempfile
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from massive_kit.errors import ConfigError, MissingDataError, Problem, SubmissionError
from massive_kit.files.atomic import atomic_file, atomic_folder
from massive_kit.provenance import file_sha256
from massive_kit.schema.config import check, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import Task, load_task
from massive_kit.submission import rules
from massive_kit.submission.bundle_files import (
    FILES,
    MANIFEST,
    MAX_BYTES,
    PREDICTIONS,
    SIGNATURE,
    SUMS,
    opened,
)
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.line_blocks import Limits
from massive_kit.submission.line_source import LineSource
from massive_kit.submission.locale_reading import LocaleReading
from massive_kit.submission.manifests import check_manifest
from massive_kit.submission.reading import read_predictions
from massive_kit.submission.report import Collector, Report, Violation, joined
from massive_kit.version import __version__

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PackedBundle:
    """What `pack` wrote.

    Attributes:
        path: The bundle.
        left_out: Rows of training locales that the task does not test, by locale; the files had
            them, and the bundle does not.
    """

    path: Path
    left_out: dict[str, int]


def bundle_signature(index: TaskIndex, predictions: Path) -> str:
    """One line that identifies the task and the predictions."""
    rows = hashlib.sha256()
    for locale in index.locales:
        for number, row in index.rows[locale].items():
            rows.update(f"{locale} {number} {index.token_counts[row]}\n".encode())
    parts = {
        "task": index.task,
        "split": index.partition,
        "locales": str(len(index.locales)),
        "rows": f"{len(index)}@{rows.hexdigest()[:16]}",
        "predictions": _content_hash(predictions),
        "massive-kit": __version__,
    }
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def pack(files: Sequence[Path], manifest: Manifest, index: TaskIndex, out: Path) -> PackedBundle:
    """Checks predictions and writes them with all that belongs to them; `.zip` at the end packs it.

    The same input gives the same bytes; so does the same with rows of training locales that the
    task does not test.

    Raises:
        PredictionError: The predictions are invalid.
        SubmissionError: The manifest does not fit the task, or `out` holds something else.
    """
    collector = Collector()
    check_manifest(manifest, load_task(manifest.task), MANIFEST, collector)
    report = collector.report(rows=0, expected_rows=0, files=())
    if not report.valid:
        errors = [problem for problem in report.problems if problem.severity == "error"]
        raise SubmissionError("the manifest does not fit the task", errors, report.errors)
    set_aside = read_predictions(files, index).set_aside
    packed = PackedBundle(out, {locale: held.rows for locale, held in set_aside.items()})
    if out.is_dir() and not (out / MANIFEST).is_file() and any(out.iterdir()):
        problem = Problem(str(out), "a folder with other things in it", todo="name another --out")
        raise SubmissionError("the bundle was not written", [problem])
    if out.suffix != ".zip":
        with atomic_folder(out) as folder:
            _write(folder, files, manifest, index, set_aside)
        return packed
    with tempfile.TemporaryDirectory() as temporary, atomic_file(out) as stream:
        _write(Path(temporary), files, manifest, index, set_aside)
        with zipfile.ZipFile(stream, "w") as archive:
            for name in FILES:
                info = zipfile.ZipInfo(name, _ZIP_TIME)
                info.external_attr = 0o644 << 16
                archive.writestr(info, (Path(temporary) / name).read_bytes())
    return packed


def check_bundle(path: Path, data: str | None = None, *, predictions: bool = True) -> Report:
    """Everything that is wrong with a bundle, in its predictions only if `predictions` is set.

    Raises:
        MissingDataError: There is nothing there, or the task's data set is not found.
        SubmissionError: It is neither a folder nor a readable zip.
    """
    with opened(path) as folder:
        collector = Collector()
        usable = _check_files(folder, collector)
        manifest = _read_manifest(folder, collector) if MANIFEST in usable else None
        task = _find_task(manifest, collector) if manifest else None
        reports = []
        if manifest and task:
            check_manifest(manifest, task, MANIFEST, collector)
            if predictions and PREDICTIONS in usable:
                index = TaskIndex.at_hand(task, data)
                _check_signature(folder, index, usable, collector)
                file = folder / PREDICTIONS
                read = read_predictions([file], index, allow_errors=True, strict=True)
                reports.append(read.report)
        reports.insert(0, collector.report(rows=0, expected_rows=0, files=()))
        whole = joined(reports)
        # Names as the reader knows them, wherever the files lay while they were read.
        shown = [_inside(problem, folder, path) for problem in whole.problems]
        return replace(whole, problems=tuple(shown), files=tuple(sorted(usable)))


def _write(
    folder: Path,
    files: Sequence[Path],
    manifest: Manifest,
    index: TaskIndex,
    left_out: Collection[str],
) -> None:
    (folder / MANIFEST).write_text(manifest.to_yaml(), encoding="utf-8")
    source = LineSource(Limits.for_rows(index.most_rows), Collector())
    locales = LocaleReading(index, left_out)

    def is_left_out(line: bytes) -> bool:
        # Blank lines are valid, and what is no JSON is not.
        return bool(line.strip()) and locales.name(orjson.loads(line)["locale"]) in left_out

    with (
        (folder / PREDICTIONS).open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
    ):
        for block in source.blocks(files):
            if left_out:
                kept = [line + b"\n" for line in block.lines if not is_left_out(line)]
                packed.write(b"".join(kept))
            else:
                packed.write(block.raw if block.raw.endswith(b"\n") else block.raw + b"\n")
    line = bundle_signature(index, folder / PREDICTIONS)
    (folder / SIGNATURE).write_text(f"{line}\n", encoding="utf-8")
    (folder / SUMS).write_text(_sums(folder), encoding="utf-8")


def _sums(folder: Path) -> str:
    names = sorted(name for name in FILES if name != SUMS and (folder / name).is_file())
    return "".join(f"{file_sha256(folder / name)}  {name}\n" for name in names)


def _content_hash(predictions: Path) -> str:
    return f"sha256-{file_sha256(predictions)}"


def _check_files(folder: Path, collector: Collector) -> set[str]:
    """The files of the bundle that are there and may be opened."""
    usable = set()
    for path in sorted(folder.iterdir()):
        # A link could lead to the very labels that the predictions are scored with.
        if path.is_symlink() or not stat.S_ISREG(path.lstat().st_mode):
            collector.add(Violation(rules.STRAY_FILE, "not a plain file"), path.name)
        elif path.name not in FILES:
            expected = f"only {', '.join(FILES)}"
            collector.add(Violation(rules.STRAY_FILE, "does not belong here", expected), path.name)
        elif (size := path.stat().st_size) > MAX_BYTES[path.name]:
            expected = f"at most {MAX_BYTES[path.name]:,}"
            collector.add(Violation(rules.TOO_LARGE, f"{size:,} bytes", expected), path.name)
        else:
            usable.add(path.name)
    for name in FILES:
        if name not in usable and not (folder / name).exists():
            collector.add(Violation(rules.NO_FILE, f"no {name}"), name)
    if usable >= set(FILES):
        packed = (folder / SUMS).read_text(encoding="utf-8", errors="replace")
        if packed != _sums(folder):
            words = "the hashes are not those of the files"
            collector.add(Violation(rules.WRONG_HASH, words, todo="pack it again"), SUMS)
    return usable


def _read_manifest(folder: Path, collector: Collector) -> Manifest | None:
    path = folder / MANIFEST
    try:
        return check(Manifest, read_yaml(path), MANIFEST)
    except ConfigError as error:
        for problem in error.problems:
            violation = Violation(rules.BAD_MANIFEST, problem.found, problem.expected, problem.todo)
            collector.add(violation, MANIFEST, problem.line)
    return None


def _find_task(manifest: Manifest, collector: Collector) -> Task | None:
    # A name only, never a path: the bundle comes from outside.
    try:
        return load_task(manifest.task)
    except MissingDataError as error:
        collector.add(Violation(rules.OTHER_TASK, str(error)), MANIFEST)
    return None


def _check_signature(
    folder: Path, index: TaskIndex, usable: set[str], collector: Collector
) -> None:
    if SIGNATURE not in usable:
        return
    packed = (folder / SIGNATURE).read_text(encoding="utf-8", errors="replace").strip()
    right = bundle_signature(index, folder / PREDICTIONS)
    # Another version of the package may have packed it.
    if packed.rpartition("|")[0] != right.rpartition("|")[0]:
        words = "the signature is not that of the predictions"
        violation = Violation(rules.BAD_SIGNATURE, words, right, excerpt=packed)
        collector.add(violation, SIGNATURE)


def _inside(problem: Problem, folder: Path, path: Path) -> Problem:
    name = problem.where.removeprefix(f"{folder}/")
    return replace(problem, where=f"{path}/{name}")
