"""Manifests: read from a file and from options, and checked against the task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from massive_kit.errors import UsageError
from massive_kit.schema.config import check, merge, parse_overrides, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import Task
from massive_kit.submission import rules
from massive_kit.submission.report import Collector, Violation

TEMPLATE = """\
# What the board shows of your system. Lines with a # are optional.
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
# label_languages: [en-US]     # whose labels it learnt, where not those of all languages
open_weights: false
seeds: [0]
# in_context:                # of a language model that was asked, and what its answers took
#   {model: my-llm-1, demonstrations: 8, requests: 20400, prompt_tokens: 9000000,
#    answer_tokens: 300000, seconds: 8100, cost: 1.53, currency: USD}
# paper: https://...
# code: https://...
# weights: https://...
# description: One paragraph.
"""
# What readers of the board ask for, although a manifest may leave it out.
_WANTED = ("pretrained_model", "seeds", "code", "description")


def read_manifest(
    path: Path | None, overrides: Sequence[str] = (), known: Mapping[str, Any] | None = None
) -> Manifest:
    """A manifest: what is `known` anyway, the file on top of it, `-o key=value` on top of both.

    Raises:
        ConfigError: It is wrong; holds every mistake.
    """
    values = dict(known or {})
    if path is not None:
        values = merge(values, read_yaml(path))
    values = merge(values, parse_overrides(overrides))
    return check(Manifest, values, str(path) if path else "the manifest")


def require_task(given: str, task: Task, where: str) -> None:
    """Refuses a manifest for another task than the one asked for.

    Raises:
        UsageError: It is for another.
    """
    if given != task.name:
        raise UsageError(
            f"{where} is for task {given!r}, --task says {task.name!r};"
            " mend one, or say -o task=..."
        )


def known_of_task(task: Task) -> dict[str, Any]:
    """The keys of a manifest that the task decides."""
    return {"task": task.name, "setting": task.setting}


def required_keys() -> list[str]:
    """The keys that every manifest must have, without those that the task decides."""
    given_by_task = {"task", "setting"}
    fields = Manifest.model_fields.items()
    return [key for key, field in fields if field.is_required() and key not in given_by_task]


def check_manifest(manifest: Manifest, task: Task, where: str, collector: Collector) -> None:
    """Whether a manifest fits the task and its rules."""
    for violation in _violations(manifest, task):
        collector.add(violation, where)


def _violations(manifest: Manifest, task: Task) -> Iterator[Violation]:
    if manifest.task != task.name:
        yield Violation(rules.OTHER_TASK, f"task {manifest.task!r}", repr(task.name))
    if manifest.setting != task.setting:
        expected = f"{task.setting!r} as {task.name}"
        yield Violation(rules.OTHER_TASK, f"setting {manifest.setting!r}", expected)
    yield from _resources(manifest, task)
    yield from _caps(manifest, task)
    if not manifest.training_data:
        yield Violation(rules.NO_LICENCE, "no training_data", "name and licence of each")
    for data in manifest.training_data:
        if data.licence is None:
            yield Violation(rules.NO_LICENCE, f"no licence for {data.name!r}")
    if manifest.scorer != "massive-kit":
        expected = "'massive-kit', which scores it"
        yield Violation(rules.OTHER_TASK, f"scorer {manifest.scorer!r}", expected)
    for key in _WANTED:
        if not getattr(manifest, key):
            yield Violation(rules.NOT_TOLD, f"no {key}")
    if not task.caps and manifest.parameters.total is None:
        yield Violation(rules.NOT_TOLD, "no parameters.total")


def _resources(manifest: Manifest, task: Task) -> Iterator[Violation]:
    for resource in manifest.resources:
        if resource not in task.allow:
            expected = " and ".join(task.allow) or f"no resource on {task.name}"
            yield Violation(rules.OTHER_TASK, f"resource {resource!r}", expected)


def _caps(manifest: Manifest, task: Task) -> Iterator[Violation]:
    if not task.caps:
        return
    cap, total = task.caps.get(manifest.architecture), manifest.parameters.total
    if cap is None:
        words = f"architecture {manifest.architecture!r}"
        yield Violation(rules.OVER_CAP, words, f"{', '.join(task.caps)} on {task.name}")
    elif total is None:
        yield Violation(rules.OVER_CAP, "no parameters.total", f"their number, at most {cap:,}")
    elif total > cap:
        expected = f"at most {cap:,} for {manifest.architecture}"
        yield Violation(rules.OVER_CAP, f"{total:,} parameters", expected)
