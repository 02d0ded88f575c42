"""What is said of an endpoint that does not answer, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from massive_kit.errors import MassiveKitError
from massive_kit.systems.prompted.endpoint.client import Response
from massive_kit.systems.prompted.endpoint.credentials import VARIABLE

_KEY_REFUSED = {401, 403}
_NOT_FOUND = {404, 405}
_USED_UP = {"insufficient_quota", "billing_hard_limit_reached"}
_METHOD = "/chat/completions"
_VERSION = re.compile(r"/v\d[\w.]*\Z")


def is_used_up(response: Response) -> bool:
    """Whether the account has nothing left, so that waiting does not help."""
    return response.code in _USED_UP


def reason(response: Response) -> str:
    """Why there is no answer, in a few words."""
    status = f"HTTP {response.status}" if response.status else ""
    message = response.message.rstrip(".")
    return ": ".join(part for part in (status, message) if part) or "no response"


@dataclass(frozen=True, slots=True)
class Refusals:
    """The errors of one endpoint.

    Attributes:
        address: Where it is.
        model: The model that is asked for.
        key_given: Whether the environment has a key.
    """

    address: str
    model: str
    key_given: bool

    @property
    def where(self) -> str:
        """The endpoint, for people."""
        return f"the endpoint {self.address}"

    def final(self, response: Response) -> MassiveKitError:
        """It will not answer, however often it is asked."""
        if response.status in _KEY_REFUSED:
            advice = (
                f"check {VARIABLE}, and what the key allows"
                if self.key_given
                else f"it wants a key; put one into the environment variable {VARIABLE}"
            )
        elif response.status in _NOT_FOUND:
            advice = self._about_address() or f"check that it has the model {self.model!r}"
        elif is_used_up(response):
            advice = "what the account may spend there is used up"
        elif 300 <= response.status < 400:  # noqa: PLR2004 - redirections
            advice = "it sends elsewhere, which is not followed; give the new address"
        else:
            advice = "see the documentation of the endpoint"
        return MassiveKitError(f"{self.where} refuses to answer: {reason(response)}; {advice}")

    def of_first(self, response: Response) -> MassiveKitError:
        """It refuses the first request, so that it would refuse all."""
        return MassiveKitError(
            f"{self.where} refuses the request: {reason(response)};"
            f" check that it has the model {self.model!r} and knows decoding.parameters"
        )

    def no_completions(self) -> MassiveKitError:
        """It is there, but something else."""
        advice = self._about_address() or "check the address"
        return MassiveKitError(f"{self.where} answers, but with no chat completions; {advice}")

    def no_answer(self, response: Response, attempts: int, *, answered: bool) -> MassiveKitError:
        """It did not answer in so many attempts.

        Args:
            response: The last one.
            attempts: How many there were.
            answered: Whether it has answered before.
        """
        advice = ""
        if response.late:
            advice = "; raise decoding.timeout, or lower decoding.concurrency"
        elif not answered and not response.status:
            advice = "; check that it runs, and the address"
        return MassiveKitError(
            f"{self.where} gave no answer in {attempts} attempts: {reason(response)}{advice};"
            " the answers that were had are kept, and the same command goes on"
        )

    def _about_address(self) -> str:
        """What may be wrong with the address, or ""."""
        path = urlsplit(self.address).path
        if path.endswith(_METHOD):
            return f"give the address without {_METHOD}"
        return "" if _VERSION.search(path) else "such addresses often end in /v1"
