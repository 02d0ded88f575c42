"""Where a model runs: behind an endpoint, or here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.errors import MissingExtraError
from massive_kit.systems.prompted.answer_store import AnswerStore
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.dialogue import Dialogue, Reply
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.token_counts import TokenCounter


class Backend(Protocol):
    """Has prompts answered."""

    @property
    def counter(self) -> TokenCounter:
        """What counts tokens before they are sent."""

    def key(self, prompt: Prompt) -> str:
        """The key under which the answer to a prompt is kept."""

    def converse(self, dialogues: Iterable[Dialogue], store: AnswerStore) -> Iterator[Reply]:
        """Carries on dialogues, and gives their replies in order; each answer is kept at once.

        Raises:
            BudgetSpentError: The budget is used up; every reply that there is has been yielded.
            MassiveKitError: The model cannot be asked.
        """


def backend_of(recipe: PromptedRecipe, scheme: SpanScheme) -> Backend:
    """The backend that a recipe names; nothing is sent or loaded before it is asked.

    Args:
        recipe: The recipe.
        scheme: The span scheme of the labels.

    Raises:
        MissingExtraError: The packages that run a model here are not installed.
    """
    if recipe.model.backend == "openai":
        from massive_kit.systems.prompted.endpoint.backend import EndpointBackend

        return EndpointBackend(recipe)
    try:
        from massive_kit.systems.prompted.local.backend import LocalBackend
    except ImportError:
        raise MissingExtraError("llm", "running a language model here") from None
    return LocalBackend(recipe, scheme)
