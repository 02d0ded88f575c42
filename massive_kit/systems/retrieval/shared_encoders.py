"""Frozen encoders that several parts of a system have in common are loaded once.

The members of an ensemble may each have been saved with the same encoder, for neighbours or for
glosses. One in memory does for all of them, and what it makes of a text is computed once.
"""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
    from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

_TOKENIZER = "tokenizer.json"
# What an encoder is saved as; other files of its folder are not the encoder's.
_PATTERNS = ("model*.safetensors*", "config.json", "tokenizer*.json", "special_tokens_map.json")

State = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class EncoderFiles:
    """The files of a saved encoder as they are now.

    Attributes:
        folder: Where they lie.
        states: Of each file its name, its size in bytes, the device and the number by which the
            system knows it, and when it was changed, in ns.
        settings: How vectors are read, but for where the encoder comes from.
        precision: bf16 or fp32.
    """

    folder: Path
    states: tuple[State, ...]
    settings: str
    precision: str

    @classmethod
    def of(cls, folder: Path, settings: SentenceEncoderSettings, precision: str) -> EncoderFiles:
        """Those in a folder, which may lack any."""
        kept = settings.model_dump_json(exclude={"base", "revision", "layer"})
        return cls(folder.resolve(), _states(folder), kept, precision)

    def are_unchanged(self) -> bool:
        """Whether they are still as they were."""
        return _states(self.folder) == self.states

    def hold_the_same(self, other: EncoderFiles) -> bool:
        """Whether both are the same encoder, read in the same way; weights are compared last."""
        if (self.settings, self.precision) != (other.settings, other.precision):
            return False
        if [state[:2] for state in self.states] != [state[:2] for state in other.states]:
            return False
        differ = [
            (mine[1], mine[0])
            for mine, theirs in zip(self.states, other.states, strict=True)
            if mine != theirs
        ]
        return bool(self.states) and all(
            filecmp.cmp(self.folder / name, other.folder / name, shallow=False)
            for _, name in sorted(differ)
        )


class SharedEncoders:
    """The encoders in use that were read from saved files."""

    def __init__(self) -> None:
        self._loaded: WeakValueDictionary[EncoderFiles, SentenceEncoder] = WeakValueDictionary()

    def like(self, files: EncoderFiles) -> SentenceEncoder | None:
        """The encoder that these files hold, where it is in use; `None` where it is not.

        Without a `tokenizer.json` it is never shared: then other files say how text is cut.
        """
        if not any(name == _TOKENIZER for name, *_ in files.states):
            return None
        for known, encoder in list(self._loaded.items()):
            if known.are_unchanged() and known.hold_the_same(files):
                return encoder
        return None

    def keep(self, files: EncoderFiles, encoder: SentenceEncoder) -> None:
        """Notes what was read, as long as something uses it."""
        self._loaded[files] = encoder


def _states(folder: Path) -> tuple[State, ...]:
    states = []
    for path in sorted({path for pattern in _PATTERNS for path in folder.glob(pattern)}):
        try:
            stat = path.stat()
        except OSError:
            # Such as a link to nothing; whoever loads the encoder says what is wrong with it.
            continue
        states.append((path.name, stat.st_size, stat.st_dev, stat.st_ino, stat.st_mtime_ns))
    return tuple(states)
