"""Where a base model's files are: a folder, a hub repository, or a GGUF file in one of them."""

from __future__ import annotations

from dataclasses import dataclass

_GGUF = ".gguf"


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
        folder, _, file = base.replace("\\", "/").rpartition("/")
        return cls(folder or ".", file)

    @property
    def options(self) -> dict[str, str]:
        """What configuration and tokenizer are loaded with."""
        return {"gguf_file": self.gguf} if self.gguf else {}
