"""What a competitor says of a system: from a file and from options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from massive_kit.errors import UsageError
from massive_kit.schema.config import check, merge, parse_overrides, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import Task
from massive_kit.submission import rules
from massive_kit.submission.report import Collector, Finding

TEMPLATE = """\
# What the board says of your system. Lines with a # may stay out.
system: my-system            # short name: a-z, 0-9, dots and dashes
version: "1"                 # the same version never changes; a new try gets a new one
title: My system             # what the board prints
team: My team
task: massive-full           # see `massive-kit ls tasks`
setting: full                # as the task's: full, zero-shot, zero-shot-strict, few-shot, ...
date: 2026-01-31
architecture: encoder        # encoder, seq2seq, decoder or other
parameters:
  total: 278000000           # with embeddings; what the caps of MMNLU-22 count
  without_embeddings: 86000000
pretrained_model: xlm-roberta-base
training_data:               # everything that went into fine-tuning
  - {name: "MASSIVE 1.1, training partition", licence: CC BY 4.0}
open_weights: false
seeds: [0]
# paper: https://...
# code: https://...
# weights: https://...
# description: One paragraph.
"""
_TOLD = ("pretrained_model", "seeds", "code", "description")


def read_manifest(
    path: Path | None, overrides: Sequence[str] = (), known: Mapping[str, Any] | None = None
) -> Manifest:
    """A manifest: what is `known` anyway, the file on top of it, `-o key=value` on top of both.

    Raises:
        ConfigError: It is wrong; every mistake is told.
    """
    values = dict(known or {})
    if path is not None:
        values = merge(values, read_yaml(path))
    values = merge(values, parse_overrides(overrides))
    return check(Manifest, values, str(path) if path else "the manifest")


def require_task(said: str, task: Task, where: str) -> None:
    """Refuses a manifest of another task than the one asked for.

    Raises:
        UsageError: It is of another.
    """
    if said != task.name:
        raise UsageError(
            f"{where} is of task {said!r}, --task says {task.name!r}; mend one, or say -o task=..."
        )


def known_of_task(task: Task) -> dict[str, Any]:
    """What the task says of every system on it."""
    return {"task": task.name, "setting": task.setting}


def required_keys() -> list[str]:
    """The keys that every manifest must have, without those that the task says."""
    said_by_task = {"task", "setting"}
    fields = Manifest.model_fields.items()
    return [key for key, field in fields if field.is_required() and key not in said_by_task]


def check_manifest(manifest: Manifest, task: Task, where: str, collector: Collector) -> None:
    """Whether what a competitor says fits the task and its rules."""
    add = collector.add
    if manifest.task != task.name:
        told = f"task {manifest.task!r}"
        add(rules.OTHER_TASK, where, None, Finding(told, repr(task.name)))
    if manifest.setting != task.setting:
        told = f"setting {manifest.setting!r}"
        add(rules.OTHER_TASK, where, None, Finding(told, f"{task.setting!r} as {task.name}"))
    _caps(manifest, task, where, collector)
    if not manifest.training_data:
        add(rules.NO_LICENCE, where, None, Finding("no training_data", "name and licence of each"))
    for data in manifest.training_data:
        if data.licence is None:
            add(rules.NO_LICENCE, where, None, Finding(f"no licence for {data.name!r}"))
    if manifest.scorer != "massive-kit":
        told = f"scorer {manifest.scorer!r}"
        add(rules.OTHER_TASK, where, None, Finding(told, "'massive-kit', which scores it"))
    for key in _TOLD:
        if not getattr(manifest, key):
            add(rules.NOT_TOLD, where, None, Finding(f"no {key}"))
    if not task.caps and manifest.parameters.total is None:
        add(rules.NOT_TOLD, where, None, Finding("no parameters.total"))


def _caps(manifest: Manifest, task: Task, where: str, collector: Collector) -> None:
    if not task.caps:
        return
    cap, total = task.caps.get(manifest.architecture), manifest.parameters.total
    if cap is None:
        admitted = ", ".join(task.caps)
        finding = Finding(f"architecture {manifest.architecture!r}", f"{admitted} on {task.name}")
    elif total is None:
        finding = Finding("no parameters.total", f"their number, at most {cap:,}")
    elif total > cap:
        finding = Finding(f"{total:,} parameters", f"at most {cap:,} for {manifest.architecture}")
    else:
        return
    collector.add(rules.OVER_CAP, where, None, finding)
