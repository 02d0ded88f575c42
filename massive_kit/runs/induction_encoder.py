"""The encoder that dictionaries and glosses are made of, which must not have learnt from data."""

from __future__ import annotations

from pathlib import Path

from massive_kit.engine.weight_fingerprint import fingerprint
from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.named_runs import holds_labels, named_run
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder


def check_encoder(base: str, revision: str | None = None) -> None:
    """Refuses an encoder that the kit has trained, on whatever that was.

    Args:
        base: A folder, or a name on the hub.
        revision: Branch, tag or commit on the hub.

    Raises:
        ConfigError: It is a run, or the model of one, or a copy of that.
        UsageError: It has no name, or is a folder and has a revision.
    """
    if not base:
        raise UsageError("--base is empty; name a folder, or an encoder on the hub")
    path = Path(base).resolve()
    if revision is not None and path.is_dir():
        raise UsageError(f"--revision is of an encoder on the hub; {base} is a folder")
    if holds_labels(path) or named_run(base, "--base") is not None:
        problem = Problem(
            "--base",
            f"{base}, a run or its model",
            "an encoder as it was pretrained, so that what is made of it rests on nothing else",
            "name the base of that run",
        )
        raise ConfigError("the encoder has learnt from data", [problem])


def encoder_facts(encoder: SentenceEncoder) -> dict[str, str]:
    """What dictionaries keep of it: its name without its place, and the hash of its weights."""
    base = Path(encoder.settings.base)
    name = base.resolve().name if base.is_dir() else encoder.settings.base
    return {"name": name, "sha256": fingerprint(encoder.body)}
