"""Refuses texts that are too long for a model, and tells of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from massive_kit.errors import MassiveKitError
from massive_kit.systems.prompted.asking import Step
from massive_kit.systems.prompted.local.encoded_prompt import EncodedPrompt

_LOG = logging.getLogger(__name__)
# Of texts that are too long so many are named.
_NAMED = 5
# Where not even an utterance of a few words has room beside it, the prompt is to blame.
_FEW_WORDS = 48
_ADVICE = "fewer demonstrations (demonstrations.k), or no list of labels (-o prompt.labels=none)"


@dataclass
class LongTexts:
    """Refuses prompts that a model has no room for, and tells whose they are.

    Attributes:
        name: What the model is called.
    """

    name: str
    _answered: set[Step] = field(default_factory=set)
    _named: int = 0
    _more: int = 0

    def proves(self, step: Step) -> None:
        """A prompt of a step has been answered, so that prompts are not too long in themselves."""
        self._answered.add(step)

    def refuse(self, prompts: Sequence[EncodedPrompt], room: int | None) -> dict[int, str]:
        """Why prompts are refused, by their number; the first few are told.

        Raises:
            MassiveKitError: None of a step has had room so far, and that for what stands in
                prompts, whatever the utterance.
        """
        if room is None:
            return {}
        reasons = {}
        for number, encoded in enumerate(prompts):
            if encoded.needed <= room:
                self.proves(encoded.prompt.step)
            else:
                reasons[number] = (
                    f"{encoded.needed:,} subwords with those of an answer, and the model has room"
                    f" for {room:,}"
                )
        refused = {number: prompts[number] for number in reasons}
        self._check_rest([*refused.values()], room)
        for number, encoded in refused.items():
            self._tell(encoded, reasons[number])
        return reasons

    def tell_more(self) -> None:
        """Tells how many were refused since that were not named."""
        if self._more:
            _LOG.warning(
                "... and %s more texts are too long for %s; %s would leave more room",
                f"{self._more:,}",
                self.name,
                _ADVICE,
            )
        self._more = 0

    def _check_rest(self, refused: Sequence[EncodedPrompt], room: int) -> None:
        """Makes sure that it is utterances that are too long, and not what stands around them."""
        fixed = [encoded.fixed for encoded in refused if encoded.prompt.step not in self._answered]
        if fixed and min(fixed) + _FEW_WORDS > room:
            raise MassiveKitError(
                f"the prompts are too long for {self.name}: without the utterance the shortest of"
                f" the first {len(fixed):,} has {min(fixed):,} subwords with those of an answer,"
                f" and the model has room for {room:,}; take {_ADVICE}, and train again"
            )

    def _tell(self, encoded: EncodedPrompt, reason: str) -> None:
        if self._named == _NAMED:
            self._more += 1
            return
        self._named += 1
        prompt = encoded.prompt
        outcome = "it has no slots" if prompt.step == "slots" else "it counts as failed"
        utterance = prompt.utterance
        _LOG.warning("%s %s is too long: %s; %s", utterance.locale, utterance.id, reason, outcome)
