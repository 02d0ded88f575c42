"""Tells whether the weights in a folder are still those that gave the answers that are kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

from massive_kit.errors import MassiveKitError
from massive_kit.systems.prompted.answer_store import AnswerStore

_NOTE = "weights"
_NAMES = ("config.json", "tokenizer.json", "adapter_config.json")
# Training moves every weight, so that parts of a file tell it from another one.
_PART = 65_536


def check_weights(base: str, store: AnswerStore) -> None:
    """Refuses answers of other weights than those that the base holds now.

    A name on a hub says by its revision what it is, and is not looked at.

    Raises:
        MassiveKitError: The weights have changed since the first answer was kept.
    """
    mark = weights_mark(Path(base))
    if mark is None:
        return
    kept = store.note(_NOTE)
    if kept is None:
        store.remember(_NOTE, mark)
    elif kept != mark:
        raise MassiveKitError(
            f"{base} holds other weights than when this run's answers were kept; train again, to"
            " another --out"
        )


def weights_mark(base: Path) -> str | None:
    """A mark of a model's files: their names, sizes and parts; `None` where it is no path."""
    if base.is_file():
        files = [base]
    elif base.is_dir():
        weights = [*base.glob("*.safetensors"), *base.glob("*.gguf")]
        files = sorted([*weights, *(base / name for name in _NAMES if (base / name).is_file())])
    else:
        return None
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as stream:
            for start in (0, size // 2, max(0, size - _PART)):
                stream.seek(start)
                digest.update(stream.read(_PART))
    return digest.hexdigest()
