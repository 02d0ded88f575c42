"""Says in one sentence when a command's optional packages are not installed."""

from __future__ import annotations

from importlib.util import find_spec

from massive_kit.errors import MissingExtraError

_TRAINING = ("torch", "transformers", "tokenizers", "safetensors", "accelerate")


def require_training(what: str) -> None:
    """Ends the command if the packages of the extra `train` are not all there.

    Raises:
        MissingExtraError: One is missing.
    """
    if any(find_spec(name) is None for name in _TRAINING):
        raise MissingExtraError("train", what)
