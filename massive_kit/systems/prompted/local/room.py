"""How long a text a model has room for."""

from __future__ import annotations

from transformers import PreTrainedConfig

from massive_kit.errors import MassiveKitError


def room_of(config: PreTrainedConfig) -> int | None:
    """How many tokens a model can read; `None` where it does not say."""
    most: int | None = getattr(config.get_text_config(), "max_position_embeddings", None)
    return most


def check_room(config: PreTrainedConfig, tokens: int) -> None:
    """Makes sure that a model can read so many tokens, and one more.

    Raises:
        MassiveKitError: It has no room for them.
    """
    most = room_of(config)
    if most is not None and tokens >= most:
        raise MassiveKitError(
            f"a prompt with what is answered to it has {tokens:,} tokens or more, and the model has"
            f" room for {most:,}; take fewer demonstrations, or list no labels"
            " (-o prompt.labels=none), and train again"
        )
