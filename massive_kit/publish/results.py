"""The results tree, `results/<system>/<version>/`: what a system says of itself and its scores.

The tree only grows. A version that stands there never changes, so that a link to it, a printed
rank and a difference to it stay true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import ValidationError

from massive_kit import content
from massive_kit.errors import ConfigError, MissingDataError, Problem, SubmissionError
from massive_kit.files.atomic import atomic_folder
from massive_kit.publish.entries import STATS, Entry
from massive_kit.schema.config import check, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.scores import Scores

MANIFEST, SCORES, SUMS = "manifest.yaml", "scores.json", "SHA256SUMS"
FILES = (MANIFEST, SCORES, STATS)
# The largest file of a result holds a few numbers for each of 150,000 utterances.
MAX_BYTES = 64 << 20

Content = TypeVar("Content")


def board_folder(results: Path | None) -> Path:
    """The leaderboard folder of a results tree: where `board.yaml` stands beside it, else ours.

    Args:
        results: The tree; `None` for the one of the leaderboard folder itself.

    Raises:
        MissingDataError: There is no such tree.
    """
    if results is not None and not results.is_dir():
        raise MissingDataError(f"{results}: no such folder")
    if results is not None and (results.resolve().parent / "board.yaml").is_file():
        return results.resolve().parent
    return content.folder("leaderboard")


def load_results(root: Path) -> list[Entry]:
    """All results of a tree, by system and version.

    Raises:
        SubmissionError: Results are wrong; every mistake is listed.
    """
    problems: list[Problem] = []
    entries = [read_entry(folder, problems) for folder in version_folders(root)]
    if problems:
        raise SubmissionError(f"{root} holds wrong results", problems)
    return [entry for entry in entries if entry is not None]


def add_result(
    root: Path, manifest: Manifest, scores_path: Path, stats_path: Path | None = None
) -> Entry:
    """Adds a version of a system; the same content again changes nothing.

    Raises:
        SubmissionError: The version exists with other content, or the scores are not of this
            task.
    """
    folder = root / manifest.system / manifest.version
    files = {MANIFEST: manifest.to_yaml().encode(), SCORES: scores_path.read_bytes()}
    if stats_path is not None:
        files[STATS] = stats_path.read_bytes()
    scores = _scores(files[SCORES], str(scores_path))
    problems = _mismatch(manifest, scores, str(scores_path))
    if folder.exists():
        problems += _differences(folder, files)
    if problems:
        raise SubmissionError(f"{manifest.system} {manifest.version} cannot be added", problems)
    if not folder.exists():
        with atomic_folder(folder) as new:
            for name, content in files.items():
                (new / name).write_bytes(content)
            (new / SUMS).write_text(hash_lines(files), encoding="utf-8")
    return Entry(manifest, scores, folder)


def version_folders(root: Path) -> Iterator[Path]:
    """The folders `<system>/<version>` of a tree, sorted."""
    # A call of `add` that was killed leaves a folder whose name begins with a dot.
    for system in sorted(root.glob("[!.]*/")):
        yield from sorted(path for path in system.glob("[!.]*/") if path.is_dir())


def read_entry(folder: Path, problems: list[Problem]) -> Entry | None:
    """The version in a folder of the tree, or `None` where it is wrong.

    Args:
        folder: The folder, `<system>/<version>`.
        problems: Gets every mistake.
    """
    manifest = _read_file(folder, MANIFEST, _read_manifest, problems)
    scores = _read_file(folder, SCORES, _read_scores, problems)
    if manifest is None or scores is None:
        return None
    disagreements = _mismatch(manifest, scores, str(folder))
    place = f"{folder.parent.name}/{folder.name}"
    if place != f"{manifest.system}/{manifest.version}":
        what = f"the manifest is of {manifest.system} {manifest.version}"
        todo = "the folder is <system>/<version>"
        disagreements.append(Problem(str(folder), what, place, todo))
    problems.extend(disagreements)
    return None if disagreements else Entry(manifest, scores, folder)


def _read_file(
    folder: Path, name: str, read: Callable[[Path], Content], problems: list[Problem]
) -> Content | None:
    path = folder / name
    if not path.is_file():
        problems.append(Problem(str(folder), f"no {name}", todo="add it with `leaderboard add`"))
        return None
    try:
        return read(path)
    except (ConfigError, SubmissionError) as error:
        problems.extend(error.problems)
        return None


def _read_manifest(path: Path) -> Manifest:
    return check(Manifest, read_yaml(path), str(path))


def _read_scores(path: Path) -> Scores:
    if path.stat().st_size > MAX_BYTES:
        problem = Problem(str(path), f"{path.stat().st_size:,} bytes", f"at most {MAX_BYTES:,}")
        raise SubmissionError(f"{path} is too large", [problem])
    return _scores(path.read_bytes(), str(path))


def _scores(raw: bytes, where: str) -> Scores:
    try:
        return Scores.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        problem = Problem(where, f"not JSON: {error}")
        raise SubmissionError(f"{where} cannot be read", [problem]) from None
    except ValidationError as error:
        problems = [
            Problem(where, ".".join(map(str, item["loc"])) or "the file", item["msg"])
            for item in error.errors()
        ]
        raise SubmissionError(f"{where} has no valid scores", problems) from None


def _mismatch(manifest: Manifest, scores: Scores, where: str) -> list[Problem]:
    pairs = {
        "task": (manifest.task, scores.task),
        "setting": (manifest.setting, scores.setting),
        "scorer": (manifest.scorer, scores.scorer),
    }
    return [
        Problem(where, f"{key} {in_scores!r} in the scores", f"{in_manifest!r} as in the manifest")
        for key, (in_manifest, in_scores) in pairs.items()
        if in_manifest != in_scores
    ]


def _differences(folder: Path, files: dict[str, bytes]) -> list[Problem]:
    todo = "a version never changes; give it a new version"
    problems = []
    for name in FILES:
        path = folder / name
        present = path.read_bytes() if path.is_file() else None
        if present != files.get(name):
            problems.append(Problem(str(path), "already exists with other content", todo=todo))
    return problems


def hash_lines(files: dict[str, bytes]) -> str:
    """What `SHA256SUMS` holds for these files, by name."""
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )
