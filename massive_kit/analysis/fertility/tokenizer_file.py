"""The tokenizer of a model, a run, or a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.errors import MassiveKitError, MissingDataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = "tokenizer.json"
_MOST_BYTES = 200_000_000


def open_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer that neither pads nor truncates.

    Args:
        path: A `tokenizer.json`, or the folder of a model or run that holds one.

    Raises:
        MissingDataError: There is no such file.
        MassiveKitError: The file is no tokenizer.
    """
    from tokenizers import Tokenizer

    file = _file(path)
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # noqa: BLE001 - the library raises nothing more special
        raise MassiveKitError(f"{file} is not a tokenizer: {error}") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def unknown_subword(tokenizer: Tokenizer) -> int | None:
    """The subword that stands for what it does not know; `None` where there is none."""
    for name in ("<unk>", "[UNK]"):
        number: int | None = tokenizer.token_to_id(name)
        if number is not None:
            return number
    return None


def _file(path: Path) -> Path:
    choices = (path, path / FILE, path / "model" / FILE)
    file = next((choice for choice in choices if choice.is_file()), None)
    if file is None:
        raise MissingDataError(f"{path} holds no {FILE}")
    if file.stat().st_size > _MOST_BYTES:
        raise MassiveKitError(f"{file} has more than {_MOST_BYTES:,} bytes")
    return file
