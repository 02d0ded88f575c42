"""The shipped workflow, step by step as GitHub would run it, with git on a temporary repository."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from massive_kit import __version__
from massive_kit.content import installed_root
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.data.tokens import annotate
from massive_kit.schema.task import load_task
from massive_kit.submission.bundle import pack
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.manifests import TEMPLATE, read_manifest

LEADERBOARD = installed_root() / "leaderboard"
WORKFLOW: dict[Any, Any] = yaml.safe_load((LEADERBOARD / "ci" / "submission.yml").read_text())
NUMBER = "7"
PRIVATE = "heldout-gold-do-not-tell"


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Pull:
    """A pull request on a temporary origin.

    Attributes:
        origin: The repository it goes to.
        fork: The contributor's clone.
        base: The revision it goes to.
    """

    origin: Path
    fork: Path
    base: str

    def push(self) -> str:
        """Commits what lies in the fork as the pull request's head."""
        git(self.fork, "add", "--all", "--force")
        git(self.fork, "commit", "--quiet", "-m", "My submission")
        git(self.fork, "push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{NUMBER}/head")
        return git(self.fork, "rev-parse", "HEAD")


@dataclass
class Runner:
    """What a job of the workflow leaves behind."""

    folder: Path
    output: str = ""
    failed: str | None = None

    @property
    def temp(self) -> Path:
        return self.folder / "temp"


def run_job(name: str, pull: Pull, head: str, folder: Path, secrets: dict[str, str]) -> Runner:
    """Runs the `run` steps of a job; `uses` steps are what this function does before them."""
    job = WORKFLOW["jobs"][name]
    runner = Runner(folder)
    runner.temp.mkdir(parents=True)
    work = folder / "work"
    git(folder, "clone", "--quiet", str(pull.origin), str(work))
    git(work, "checkout", "--quiet", "--detach", pull.base)
    programs = folder / "bin"
    programs.mkdir()
    gh = programs / "gh"
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" > {folder}/gh\ncp "$5" {folder}/comment.md\n')
    gh.chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    known = {
        "PATH": path,
        "HOME": str(folder),
        "MASSIVE_KIT_HOME": os.environ["MASSIVE_KIT_HOME"],
        "GIT_CONFIG_COUNT": "0",
        "RUNNER_TEMP": str(runner.temp),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "BASE": pull.base,
        "HEAD": head,
        "NUMBER": NUMBER,
    }
    for step in job["steps"]:
        if "run" not in step or step["name"] == "Install the kit":
            continue
        if runner.failed and step.get("if") != "always()":
            continue
        step_env = {key: secrets.get(key, "") for key in step.get("env", {})}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command,
            cwd=work,
            env={**known, **step_env},
            capture_output=True,
            text=True,
            check=False,
        )
        runner.output += done.stdout + done.stderr
        if done.returncode:
            runner.failed = step["name"]
    return runner


@pytest.fixture(scope="module")
def bundle(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    task_data = lay_task(load_task("demo-full"), demo_store)
    columns = ["id", "locale", "intent", "tokens", "labels"]
    table = demo_store.read("test", task_data.test.locales, columns)
    lines = [
        orjson.dumps(
            {
                "id": row["id"],
                "locale": row["locale"],
                "pred_intent": row["intent"],
                "pred_annot_utt": annotate(row["tokens"], row["labels"]),
            }
        )
        for row in table.to_pylist()
    ]
    (folder / "p.jsonl").write_bytes(b"\n".join(lines))
    (folder / "m.yaml").write_text(TEMPLATE)
    manifest = read_manifest(folder / "m.yaml", ["task=demo-full", "system=mine"])
    return pack([folder / "p.jsonl"], manifest, TaskIndex.of(task_data), folder / "bundle").path


@pytest.fixture(scope="module")
def labels(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gold of the demo task's test split, as the archive at LABELS_URL."""
    path = tmp_path_factory.mktemp("secret") / f"{PRIVATE}.tar.gz"
    columns = ["id", "locale", "partition", "scenario", "intent", "utt", "annot_utt"]
    with tarfile.open(path, "w:gz") as archive:
        for locale in demo_store.locales:
            rows = demo_store.read("test", [locale], columns).to_pylist()
            raw = b"".join(orjson.dumps(row) + b"\n" for row in rows)
            info = tarfile.TarInfo(f"gold/data/{locale}.jsonl")
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return path


@pytest.fixture
def pull(tmp_path: Path, bundle: Path) -> Pull:
    origin, fork = tmp_path / "origin", tmp_path / "fork"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    shutil.copytree(LEADERBOARD, origin / "leaderboard")
    (origin / "submissions").mkdir()
    (origin / "submissions" / "README.md").write_text("One folder a submission.\n")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "-m", "A board")
    git(tmp_path, "clone", "--quiet", str(origin), str(fork))
    shutil.copytree(bundle, fork / "submissions" / "mine")
    return Pull(origin, fork, git(origin, "rev-parse", "HEAD"))


def secrets(labels: Path) -> dict[str, str]:
    digest = hashlib.sha256(labels.read_bytes()).hexdigest()
    return {"LABELS_URL": labels.as_uri(), "LABELS_SHA256": digest, "GH_TOKEN": "token"}


@pytest.mark.slow
def test_a_right_submission_is_checked_scored_and_commented_on(
    pull: Pull, labels: Path, tmp_path: Path
) -> None:
    head = pull.push()
    (tmp_path / "check").mkdir()
    checked = run_job("check", pull, head, tmp_path / "check", {})
    assert checked.failed is None, checked.output
    assert "valid for" in (checked.folder / "summary.md").read_text()

    (tmp_path / "score").mkdir()
    scored = run_job("score", pull, head, tmp_path / "score", secrets(labels))
    assert scored.failed is None, scored.output
    comment = (scored.folder / "comment.md").read_text()
    assert "| pooled over utterances | 100.0" in comment
    assert "first system on this task" in comment
    assert f"results/{NUMBER}" in comment
    assert (scored.folder / "gh").read_text().startswith(f"pr comment {NUMBER}")
    branch = f"results/{NUMBER}"
    added = git(pull.origin, "diff", "--name-only", f"main..{branch}").splitlines()
    folder = "leaderboard/results/mine/1"
    files = ("SHA256SUMS", "manifest.yaml", "scores.json", "stats.npz")
    assert added == [f"{folder}/{name}" for name in files]
    assert not list(scored.temp.glob("labels*"))
    # Neither the labels nor where they were are in anything that is published.
    published = [scored.output.encode(), comment.encode()]
    published += [
        subprocess.run(
            ["git", "-C", str(pull.origin), "show", f"{branch}:{path}"],
            check=True,
            capture_output=True,
        ).stdout
        for path in added
    ]
    for content in published:
        assert PRIVATE.encode() not in content
        assert b"labels.tar.gz" not in content
        assert str(scored.temp).encode() not in content


def test_a_wrong_submission_is_told_why(pull: Pull, tmp_path: Path) -> None:
    (pull.fork / "submissions" / "mine" / "signature.txt").write_text("other\n")
    (tmp_path / "check").mkdir()
    checked = run_job("check", pull, pull.push(), tmp_path / "check", {})
    assert checked.failed == "Check the submission"
    assert "::error file=" in checked.output
    assert "MK503" in (checked.folder / "summary.md").read_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("leaderboard/results/evil/1/scores.json", "outside of a submission"),
        (".github/workflows/evil.yml", "outside of a submission"),
        ("submissions/mine/conftest.py", "does not belong in a bundle"),
        ("submissions/README.md", "is changed"),
    ],
)
@pytest.mark.parametrize("job", ["check", "score"])
def test_a_pull_request_that_does_more_is_refused(
    job: str, name: str, words: str, pull: Pull, labels: Path, tmp_path: Path
) -> None:
    path = pull.fork / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("print('evil')\n")
    (tmp_path / "job").mkdir()
    runner = run_job(job, pull, pull.push(), tmp_path / "job", secrets(labels))
    assert runner.failed == "Take the submission out"
    assert words in runner.output
    assert not (runner.temp / "submissions").exists()


def test_a_link_in_a_pull_request_is_refused(pull: Pull, labels: Path, tmp_path: Path) -> None:
    path = pull.fork / "submissions" / "mine" / "predictions.jsonl.gz"
    path.unlink()
    path.symlink_to("../../../temp/labels.tar.gz")
    (tmp_path / "job").mkdir()
    runner = run_job("score", pull, pull.push(), tmp_path / "job", secrets(labels))
    assert runner.failed == "Take the submission out"
    assert "mode 120000" in runner.output


def test_removing_others_results_is_refused(pull: Pull, tmp_path: Path) -> None:
    shutil.rmtree(pull.fork / "leaderboard" / "results" / "xlm-r-base-full")
    (tmp_path / "job").mkdir()
    runner = run_job("check", pull, pull.push(), tmp_path / "job", {})
    assert runner.failed == "Take the submission out"
    assert "is removed" in runner.output


def test_labels_that_are_not_the_agreed_ones_score_nothing(
    pull: Pull, labels: Path, tmp_path: Path
) -> None:
    (tmp_path / "job").mkdir()
    wrong_hash = {**secrets(labels), "LABELS_SHA256": "0" * 64}
    runner = run_job("score", pull, pull.push(), tmp_path / "job", wrong_hash)
    assert runner.failed == "Get the labels"
    assert not list(runner.temp.glob("labels*"))


def test_the_workflow_installs_this_release() -> None:
    assert WORKFLOW["env"]["KIT"] == f"massive-kit=={__version__}"


def test_no_job_runs_what_a_pull_request_brings() -> None:
    triggers = WORKFLOW[True]  # YAML 1.1 reads the key `on` so
    assert set(triggers) == {"pull_request", "pull_request_target"}
    assert triggers["pull_request_target"]["types"] == ["labeled"]
    assert WORKFLOW["permissions"] == {}
    jobs = WORKFLOW["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert "environment" not in jobs["check"]
    for job in jobs.values():
        for step in job["steps"]:
            # Only environment variables reach a shell; a title or branch name cannot break out.
            assert "${{" not in step.get("run", "")
            assert "secrets." not in str(step) or job is jobs["score"]
            if "checkout" in step.get("uses", ""):
                assert step["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
