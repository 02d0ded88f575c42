"""A prompt in subwords, and how many more its answer may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.local.batch_reading import Ids

# An answer repeats the utterance, and as much again are names and brackets; so many more for rest.
_COPIES, _MARGIN = 2, 32


@dataclass(frozen=True, slots=True)
class EncodedPrompt:
    """A prompt in subwords.

    Attributes:
        prompt: The prompt.
        ids: Its subwords.
        blanks: Those of its blanks that are still to be read.
        utterance: How many subwords its utterance has.
        label: How many the longest of its intents has; 0 where none is asked for.
    """

    prompt: Prompt
    ids: Ids
    blanks: Mapping[str, Ids]
    utterance: int
    label: int

    @property
    def needed(self) -> int:
        """The subwords of prompt and answer together; those of the answer are estimated."""
        text = max(map(len, (self.ids, *self.blanks.values())))
        return text + self.label + _MARGIN + self._copies * self.utterance

    @property
    def fixed(self) -> int:
        """Those of them that it would need whatever the utterance."""
        return self.needed - (1 + self._copies) * self.utterance

    @property
    def _copies(self) -> int:
        return 0 if self.prompt.step == "intent" else _COPIES
