"""What an encoder that needs no PyTorch consists of: who writes it and who reads it agree here.

model.onnx      from subwords to labels, decoding included
tokenizer.json  as the package `tokenizers` reads it
reading.json    how utterances become subwords
inventory.json  what the numbers of labels mean
hashes.json     bytes and SHA-256 of these
README.md       the card, for people alone
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from massive_kit.files import jsonio
from massive_kit.provenance import file_sha256
from massive_kit.schema.config import Strict
from massive_kit.systems.subwords.placement import Placement

GRAPH, TOKENIZER, READING, INVENTORY = FILES = (
    "model.onnx",
    "tokenizer.json",
    "reading.json",
    "inventory.json",
)
HASHES, CARD = "hashes.json", "README.md"

# What the graph takes, each of shape (batch, subwords). `speaking` says which subwords speak for a
# token.
INPUTS = ("input_ids", "attention_mask", "text_mask", "speaking")
# What it gives: shapes (batch,), (batch, subwords), (batch,), (batch, intents) and
# (batch, subwords, labels). A model that knows no intents gives no `intent_logits`, and -1 for each
# intent.
INTENTS, LABELS, CONFIDENCES, INTENT_LOGITS, SLOT_LOGITS = OUTPUTS = (
    "intents",
    "labels",
    "confidences",
    "intent_logits",
    "slot_logits",
)

_Number = Annotated[int, Field(ge=0, lt=2**31)]


class ReadingSettings(Strict):
    """How utterances become an encoder's subwords.

    Attributes:
        placement: Which subword speaks for a token.
        max_pieces: Most subwords of an utterance; longer ones are cut.
        special: The ids of subwords that are not text.
        pad: The id that fills rows up.
        character_locales: Locales whose tokens are characters.
    """

    placement: Placement
    max_pieces: int = Field(ge=8, le=1_000_000)
    special: list[_Number] = Field(max_length=10_000)
    pad: _Number
    character_locales: list[str] = Field(max_length=10_000)


class FileHash(Strict):
    """A file as it was written.

    Attributes:
        bytes: Its size.
        sha256: Its SHA-256, in hexadecimal.
    """

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def of(cls, path: Path) -> FileHash:
        """That of a file."""
        return cls(bytes=path.stat().st_size, sha256=file_sha256(path))


def write_hashes(folder: Path) -> None:
    """Writes the hashes of all files into a folder that holds them."""
    hashes = {name: FileHash.of(folder / name).model_dump() for name in FILES}
    jsonio.write_json(folder / HASHES, hashes)
