"""A pull request is read as git objects; only new, plain, small files of a bundle come out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from massive_kit.errors import SubmissionError, UsageError
from massive_kit.submission.pull_request import take


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "README.md").write_text("A board.\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "Start")
    git(root, "switch", "--quiet", "--create", "pull")
    return root


def commit(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "More")


def test_two_submissions_come_out(repository: Path, tmp_path: Path) -> None:
    commit(repository, "submissions/a/manifest.yaml", "submissions/b/SHA256SUMS")
    # What has happened on the base since is not the pull request's doing.
    git(repository, "switch", "--quiet", "main")
    commit(repository, "other.txt")
    out = tmp_path / "out"
    assert take(repository, "main", "pull", out) == [out / "a", out / "b"]
    assert (out / "a" / "manifest.yaml").read_text() == "submissions/a/manifest.yaml"


@pytest.mark.parametrize(
    "name",
    [
        "submissions/a/b/manifest.yaml",
        "submissions/manifest.yaml",
        "submissions/.hidden/manifest.yaml",
        "submissions/a\u202e/manifest.yaml",
        "other/a/manifest.yaml",
        "submissions/a/setup.py",
    ],
)
def test_other_places_are_refused(name: str, repository: Path, tmp_path: Path) -> None:
    commit(repository, "submissions/a/manifest.yaml", name)
    with pytest.raises(SubmissionError):
        take(repository, "main", "pull", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_executable_file_is_refused(repository: Path, tmp_path: Path) -> None:
    path = repository / "submissions" / "a" / "manifest.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    path.chmod(0o755)
    commit(repository)
    with pytest.raises(SubmissionError, match="mode 100755"):
        take(repository, "main", "pull", tmp_path / "out")


def test_a_submodule_is_refused(repository: Path, tmp_path: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    cache = f"160000,{head},submissions/a/manifest.yaml"
    git(repository, "update-index", "--add", "--cacheinfo", cache)
    git(repository, "commit", "--quiet", "-m", "Submodule")
    with pytest.raises(SubmissionError, match="mode 160000"):
        take(repository, "main", "pull", tmp_path / "out")


def test_nothing_handed_in(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no submission"):
        take(repository, "main", "pull", tmp_path / "out")


@pytest.mark.parametrize("revision", ["none-such", "--help", "-x"])
def test_revisions_that_are_none(revision: str, repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        take(repository, revision, "pull", tmp_path / "out")


def test_hooks_and_filters_of_the_pull_request_do_not_run(repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    git(repository, "config", "filter.evil.smudge", f"touch {marker}")
    commit(repository, "submissions/a/manifest.yaml")
    (repository / ".gitattributes").write_text("* filter=evil\n")
    git(repository, "config", "core.hooksPath", os.fspath(tmp_path))
    take(repository, "main", "pull", tmp_path / "out")
    assert not marker.exists()
