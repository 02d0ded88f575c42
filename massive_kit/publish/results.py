"""The results tree, `results/<system>/<version>/`: what a system says of itself and its scores.

The tree only grows. A version that stands there never changes, so that a link to it, a printed
rank and a difference to it stay true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from massive_kit.errors import ConfigError, ContentError, Problem, SubmissionError
from massive_kit.files.atomic import atomic_folder
from massive_kit.files.npz import read_arrays
from massive_kit.publish.revisions import changes_since
from massive_kit.schema.config import check, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.scores import Scores

MANIFEST, SCORES, STATS, SUMS = "manifest.yaml", "scores.json", "stats.npz", "SHA256SUMS"
_FILES = (MANIFEST, SCORES, STATS)
# The largest file of a result holds a few numbers for each of 150,000 utterances.
_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """One version of one system on the board.

    Attributes:
        manifest: What it says of itself.
        scores: What it scores.
        folder: Where it stands.
    """

    manifest: Manifest
    scores: Scores
    folder: Path

    @property
    def stats(self) -> Path | None:
        """The file with its per-utterance counts, where there is one."""
        path = self.folder / STATS
        return path if path.is_file() else None


def load_results(root: Path) -> list[Result]:
    """All results of a tree, by system and version.

    Raises:
        SubmissionError: Results are wrong; every mistake is told.
    """
    problems: list[Problem] = []
    results = [_load(folder, problems) for folder in _folders(root)]
    if problems:
        raise SubmissionError(f"{root} holds wrong results", problems)
    return [result for result in results if result is not None]


def add_result(
    root: Path, manifest: Manifest, scores_path: Path, stats_path: Path | None = None
) -> Result:
    """Adds a version of a system; the same content again changes nothing.

    Raises:
        SubmissionError: The version is there with other content, or the scores are not of this
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
            (new / SUMS).write_text(_sums(files), encoding="utf-8")
    return Result(manifest, scores, folder)


def check_results(root: Path, base_revision: str | None = None) -> list[Problem]:
    """What is wrong with a tree: schema, hashes, languages left out, changes since a revision.

    Args:
        root: The tree.
        base_revision: A git revision; what stands there must stand here unchanged.

    Raises:
        UsageError: There is no such revision, or the tree is in no repository.
    """
    problems: list[Problem] = []
    results = []
    for folder in _folders(root):
        problems += _layout(folder)
        result = _load(folder, problems)
        problems += _hashes(folder, required=_is_own(result))
        problems += _statistics(folder)
        if result is not None:
            results.append(result)
    problems += _strays(root)
    problems += _languages(results)
    if base_revision is not None:
        problems += [
            Problem(str(root / change.path), change.what, "as it was", change.todo)
            for change in changes_since(root, base_revision)
        ]
    return problems


def _folders(root: Path) -> Iterator[Path]:
    for system in sorted(root.glob("*/")):
        yield from sorted(path for path in system.glob("*/") if path.is_dir())


def _load(folder: Path, problems: list[Problem]) -> Result | None:
    found: list[Any] = []
    for name, read in ((MANIFEST, _read_manifest), (SCORES, _read_scores)):
        path = folder / name
        if not path.is_file():
            problems.append(Problem(str(folder), f"no {name}", todo="add it by `leaderboard add`"))
            continue
        try:
            found.append(read(path))
        except (ConfigError, SubmissionError) as error:
            problems.extend(error.problems)
    if len(found) < 2:  # noqa: PLR2004 - both files
        return None
    manifest, scores = found
    wrong = _mismatch(manifest, scores, str(folder))
    place = f"{folder.parent.name}/{folder.name}"
    if place != f"{manifest.system}/{manifest.version}":
        what = f"the manifest is of {manifest.system} {manifest.version}"
        wrong.append(Problem(str(folder), what, place, "the folder is <system>/<version>"))
    problems.extend(wrong)
    return None if wrong else Result(manifest, scores, folder)


def _read_manifest(path: Path) -> Manifest:
    return check(Manifest, read_yaml(path), str(path))


def _read_scores(path: Path) -> Scores:
    if path.stat().st_size > _MAX_BYTES:
        problem = Problem(str(path), f"{path.stat().st_size:,} bytes", f"at most {_MAX_BYTES:,}")
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
        raise SubmissionError(f"{where} holds no valid scores", problems) from None


def _mismatch(manifest: Manifest, scores: Scores, where: str) -> list[Problem]:
    pairs = {
        "task": (manifest.task, scores.task),
        "setting": (manifest.setting, scores.setting),
        "scorer": (manifest.scorer, scores.scorer),
    }
    return [
        Problem(where, f"{key} {given!r} in the scores", f"{said!r} as in the manifest")
        for key, (said, given) in pairs.items()
        if said != given
    ]


def _differences(folder: Path, files: dict[str, bytes]) -> list[Problem]:
    todo = "a version never changes; give it a new version"
    problems = []
    for name in _FILES:
        path = folder / name
        there = path.read_bytes() if path.is_file() else None
        if there != files.get(name):
            problems.append(Problem(str(path), "is there with other content", todo=todo))
    return problems


def _sums(files: dict[str, bytes]) -> str:
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(files.items())
    )


def _is_own(result: Result | None) -> bool:
    # Published numbers of others were typed in, not scored here.
    return result is not None and result.manifest.scorer == "massive-kit"


def _hashes(folder: Path, *, required: bool) -> list[Problem]:
    path = folder / SUMS
    if not path.is_file():
        todo = "add results by `leaderboard add`"
        return [Problem(str(folder), f"no {SUMS}", todo=todo)] if required else []
    present = {n: (folder / n).read_bytes() for n in _FILES if (folder / n).is_file()}
    if path.read_text(encoding="utf-8", errors="replace") != _sums(present):
        todo = "a file was changed after it was added"
        return [Problem(str(path), "the hashes are not those of the files", todo=todo)]
    return []


def _statistics(folder: Path) -> list[Problem]:
    path = folder / STATS
    if not path.is_file():
        return []
    try:
        read_arrays(path, limit=_MAX_BYTES)
    except ContentError as error:
        return list(error.problems)
    return []


def _layout(folder: Path) -> list[Problem]:
    problems = []
    for path in (folder.parent, folder, *sorted(folder.iterdir())):
        if path.is_symlink():
            problems.append(Problem(str(path), "a link", "a plain file or folder"))
        elif path.parent == folder and path.name not in {*_FILES, SUMS}:
            allowed = f"only {', '.join((*_FILES, SUMS))}"
            problems.append(Problem(str(path), "a file that does not belong here", allowed))
    return problems


def _strays(root: Path) -> list[Problem]:
    loose = [p for p in (*root.glob("*"), *root.glob("*/*")) if not p.is_dir()]
    return [
        Problem(str(path), "a file that does not belong here", "<system>/<version>/ folders")
        for path in sorted(loose)
        if not path.name.startswith(".")
    ]


def _languages(results: list[Result]) -> list[Problem]:
    """A task is scored in all its locales; a result without one would look better than it is."""
    known: dict[str, set[str]] = {}
    for result in results:
        known.setdefault(result.scores.task, set()).update(result.scores.locales)
    problems = []
    for result in results:
        absent = sorted(known[result.scores.task] - set(result.scores.locales))
        if absent:
            where = str(result.folder / SCORES)
            what = f"no scores for {', '.join(absent)}"
            expected = f"all {len(known[result.scores.task])} locales of {result.scores.task}"
            problems.append(Problem(where, what, expected))
    return problems
