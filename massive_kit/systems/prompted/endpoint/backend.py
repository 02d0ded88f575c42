"""The endpoint as a backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from massive_kit.systems.prompted.answer_store import AnswerStore
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.dialogue import Dialogue, Reply
from massive_kit.systems.prompted.endpoint.conversing import converse
from massive_kit.systems.prompted.endpoint.credentials import Credentials
from massive_kit.systems.prompted.endpoint.endpoint import Endpoint, prompt_key
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.token_counts import TokenCounter


@dataclass(frozen=True, slots=True)
class EndpointBackend:
    """A model behind an endpoint.

    Attributes:
        recipe: Which, and how it is asked.
    """

    recipe: PromptedRecipe

    @property
    def counter(self) -> TokenCounter:
        """What counts tokens before they are sent."""
        return TokenCounter(self.recipe.model.tokenizer)

    def key(self, prompt: Prompt) -> str:
        """The key under which the answer to a prompt is kept."""
        return prompt_key(self.recipe, prompt)

    def converse(self, dialogues: Iterable[Dialogue], store: AnswerStore) -> Iterator[Reply]:
        """Carries on dialogues, many at a time."""
        endpoint = Endpoint(self.recipe, store, Credentials.of_environment())
        with closing(endpoint):
            yield from converse(endpoint, dialogues, self.recipe.decoding.concurrency)
