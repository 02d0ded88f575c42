"""Where a base model's files are: a folder, a hub repository, or a GGUF file in one of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_GGUF = ".gguf"
_HUB_PARTS = 2

# What libraries raise where a model is not there, is damaged, or is of a kind they do not know.
UNREADABLE = (OSError, ValueError, ImportError, LookupError, TypeError, struct.error)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """What `from_pretrained` is to be told.

    Attributes:
        name: The folder or repository.
        gguf: The file in it, where the weights are in GGUF.
    """

    name: str
    gguf: str | None = None

    @classmethod
    def of(cls, base: str) -> ModelSource:
        """The source of a recipe's `base`; GGUF is `FOLDER/FILE.gguf` or `OWNER/NAME/FILE.gguf`."""
        if not base.lower().endswith(_GGUF):
            return cls(base)
        path = Path(base)
        if path.is_file() or path.is_absolute() or len(path.parts) <= _HUB_PARTS:
            return cls(str(path.parent), path.name)
        return cls("/".join(path.parts[:_HUB_PARTS]), "/".join(path.parts[_HUB_PARTS:]))

    @property
    def options(self) -> dict[str, str]:
        """What configuration and tokenizer are loaded with."""
        return {"gguf_file": self.gguf} if self.gguf else {}


def why_unreadable(base: str, file: str, error: BaseException) -> str:
    """Why a model cannot be had, in one line.

    Args:
        base: As a recipe names it.
        file: What its folder holds at least.
        error: What a library said.
    """
    path = Path(base)
    is_path = path.is_absolute() or base.startswith((".", "~")) or len(path.parts) > _HUB_PARTS
    if is_path and not path.exists() and not base.lower().endswith(_GGUF):
        return "there is no such folder"
    if path.is_dir() and not (path / file).is_file():
        return f"the folder holds no {file}"
    return str(error).strip().partition("\n")[0].strip(" :")
