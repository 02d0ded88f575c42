"""The challenge bundle of EvalAI: configuration, gold labels, evaluation script and pages."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from massive_kit.data.inventory import Inventory
from massive_kit.data.task_data import TaskData
from massive_kit.exports.challenge_pages import (
    challenge_pages,
    challenge_summary,
    challenge_title,
)
from massive_kit.exports.evalai import labels_of, phase_codename, split_codename, write_gold
from massive_kit.files.atomic import atomic_folder
from massive_kit.schema.metrics import DEFAULT_METRIC, METRIC_INFO
from massive_kit.schema.task import Task
from massive_kit.version import __version__

# The platform's list without what the kit does not read; .jsonl is not on that list.
FILE_TYPES = ".json, .zip, .gz"
_INIT = '''\
"""Installs what the evaluation needs, once, if the platform has not; then offers `evaluate`."""

import importlib.util
import pathlib
import subprocess
import sys

if importlib.util.find_spec("massive_kit") is None:
    requirements = pathlib.Path(__file__).with_name("requirements.txt")
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-r", str(requirements)])

from .main import evaluate

__all__ = ["evaluate"]
'''
_MAIN = '''\
"""The scores of this challenge are those of massive-kit."""

from massive_kit.exports.evalai import evaluate

__all__ = ["evaluate"]
'''


def write_challenge(out: Path, tasks: Sequence[TaskData], *, start: str, end: str) -> Path:
    """Writes the challenge; the folder, zipped, is what the platform takes.

    The gold labels go into `annotations/`, which the platform keeps private.

    Args:
        out: The folder.
        tasks: One phase each, on the data set with the gold labels.
        start: When it opens, `YYYY-MM-DD HH:MM:SS` in UTC.
        end: When it closes.

    Raises:
        DataError: The data set of a task has no labels.
    """
    phases = [task_data.task for task_data in tasks]
    with atomic_folder(out) as folder:
        for name in ("annotations", "evaluation_script", "templates"):
            (folder / name).mkdir()
        for task_data in tasks:
            path = folder / _annotations(task_data.task)
            write_gold(path, task_data, task_data.task.data[0])
        script = folder / "evaluation_script"
        (script / "__init__.py").write_text(_INIT, encoding="utf-8")
        (script / "main.py").write_text(_MAIN, encoding="utf-8")
        (script / "requirements.txt").write_text(f"massive-kit=={__version__}\n", encoding="utf-8")
        _zip(script, folder / "evaluation_script.zip")
        for name, text in challenge_pages(tasks).items():
            (folder / "templates" / name).write_text(text, encoding="utf-8")
        for task in phases:
            text = f"<p>{escape(task.title)}. {escape(task.note)}</p>\n"
            (folder / _page(task)).write_text(text, encoding="utf-8")
        (folder / "logo.png").write_bytes(_logo())
        values = {
            "title": challenge_title(tasks),
            "short_description": challenge_summary(tasks),
            **_config(tasks, start, end),
        }
        config = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
        (folder / "challenge_config.yaml").write_text(config, encoding="utf-8")
    return out


def _config(tasks: Sequence[TaskData], start: str, end: str) -> dict[str, Any]:
    numbered = [(number, task_data.task) for number, task_data in enumerate(tasks, 1)]
    return {
        "description": "templates/description.html",
        "evaluation_details": "templates/evaluation_details.html",
        "terms_and_conditions": "templates/terms_and_conditions.html",
        "image": "logo.png",
        "submission_guidelines": "templates/submission_guidelines.html",
        "leaderboard_description": "Percent; slot F1 is micro over spans.",
        "evaluation_script": "evaluation_script.zip",
        "remote_evaluation": False,
        "is_docker_based": False,
        "is_static_dataset_code_upload": False,
        "start_date": start,
        "end_date": end,
        "published": False,
        "allowed_email_domains": [],
        "blocked_email_domains": [],
        "leaderboard": [
            {"id": number, "schema": _schema(task_data.store.inventory)}
            for number, task_data in enumerate(tasks, 1)
        ],
        "challenge_phases": [_phase(number, task, start, end) for number, task in numbered],
        "dataset_splits": [
            {"id": number, "name": f"{task.name}, test", "codename": split_codename(task.name)}
            for number, task in numbered
        ],
        "challenge_phase_splits": [
            {
                "challenge_phase_id": number,
                "leaderboard_id": number,
                "dataset_split_id": number,
                "visibility": 3,
                "leaderboard_decimal_precision": 2,
                "is_leaderboard_order_descending": METRIC_INFO[DEFAULT_METRIC].higher_is_better,
            }
            for number, _ in numbered
        ],
    }


def _schema(inventory: Inventory) -> dict[str, Any]:
    labels = labels_of(inventory)
    return {
        "labels": list(labels),
        "default_order_by": next(iter(labels)),
        "metadata": {
            label: {
                "sort_ascending": not METRIC_INFO[metric].higher_is_better,
                "description": f"{label}, in percent",
            }
            for label, (_, metric) in labels.items()
        },
    }


def _phase(number: int, task: Task, start: str, end: str) -> dict[str, Any]:
    shown = ("method_name", "method_description", "project_url", "publication_url")
    asked = {
        "Parameters": "How many, embeddings included",
        "Training data": "All data sets with their licences",
    }
    return {
        "id": number,
        "name": task.title[:100],
        "description": _page(task),
        "leaderboard_public": True,
        "is_public": True,
        "is_submission_public": False,
        "start_date": start,
        "end_date": end,
        "test_annotation_file": _annotations(task),
        "codename": phase_codename(task.name),
        "max_submissions_per_day": 3,
        "max_submissions_per_month": 20,
        "max_submissions": 100,
        "default_submission_meta_attributes": [
            {"name": name, "is_visible": True} for name in shown
        ],
        "submission_meta_attributes": [
            {"name": name, "description": text, "type": "text", "required": True}
            for name, text in asked.items()
        ],
        "is_restricted_to_select_one_submission": False,
        "is_partial_submission_evaluation_enabled": False,
        "allowed_submission_file_types": FILE_TYPES,
    }


def _annotations(task: Task) -> str:
    return f"annotations/{phase_codename(task.name)}.npz"


def _page(task: Task) -> str:
    return f"templates/{phase_codename(task.name)}.html"


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            info = zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, path.read_bytes())


def _logo() -> bytes:
    """A plain square; the platform asks for an image, and the host will have a better one."""
    size, row = 128, b"\0" + b"\x1f\x4e\x79" * 128

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * size)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
