"""A language model that is asked in context, as a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.errors import UnfinishedError
from massive_kit.languages import character_locales
from massive_kit.systems.interface import Forecast, Prediction, RawAnswer, Usage, Utterance
from massive_kit.systems.prompted.answer_store import FILE as ANSWERS
from massive_kit.systems.prompted.answer_store import Answer, AnswerStore
from massive_kit.systems.prompted.backend import Backend, backend_of
from massive_kit.systems.prompted.budget import BudgetSpentError, Tokens
from massive_kit.systems.prompted.choosing import Chooser
from massive_kit.systems.prompted.dialogue import Dialogue, Reply, dialogue
from massive_kit.systems.prompted.forecasting import forecast
from massive_kit.systems.prompted.frozen_prompt import FILE, FrozenPrompt
from massive_kit.systems.prompted.prompt_writer import PromptWriter
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.resolved_bases import resolved
from massive_kit.systems.prompted.searching import search_of


@dataclass(frozen=True)
class PromptedLanguageModel:
    """A language model that is asked in context.

    Attributes:
        writer: What fills prompts in.
        folder: The model folder of the run.
        answers: The file in which answers are kept.
        character_locales: Locales whose tokens are characters.
    """

    writer: PromptWriter
    folder: Path
    answers: Path
    character_locales: frozenset[str]

    @property
    def recipe(self) -> PromptedRecipe:
        """Which model is asked, and how."""
        return self.writer.recipe

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""
        return self.writer.inventory

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order.

        Raises:
            UnfinishedError: The budget is used up; what could be predicted has been yielded.
            MassiveKitError: The model cannot be asked.
        """
        if not utterances:
            return
        taken: set[str] = set()
        with closing(AnswerStore(self.answers)) as store:
            try:
                for reply in self._backend.converse(self._dialogues(utterances), store):
                    yield self._prediction(reply, taken)
            except BudgetSpentError:
                spent = store.spent()
                raise UnfinishedError(
                    f"the budget is used up: {spent.answers:,} requests took"
                    f" {spent.prompt_tokens:,} + {spent.answer_tokens:,} tokens;"
                    " raise it (-o budget.tokens=... or budget.cost=...) and give the same command,"
                    " which asks nothing twice"
                ) from None

    def prompt(self, utterance: Utterance) -> str:
        """What the model is asked about an utterance, as people read it."""
        (choice,) = self._chooser.choose([utterance])
        prompt = self.writer.write(utterance, choice, self.writer.first_step)
        if self.recipe.model.backend == "transformers":
            return prompt.text
        return "\n\n".join(
            f"[{message['role']}]\n{message['content']}" for message in prompt.messages
        )

    def forecast(self, utterances: Sequence[Utterance]) -> Forecast:
        """What predicting utterances would take; nothing is sent."""
        with closing(AnswerStore(self.answers)) as store:
            choices = [*zip(utterances, self._chooser.choose(utterances), strict=True)]
            return forecast(self.writer, store, self._backend, choices)

    def _dialogues(self, utterances: Sequence[Utterance]) -> Iterator[Dialogue]:
        choices = self._chooser.choose(utterances)
        for utterance, choice in zip(utterances, choices, strict=True):
            yield dialogue(self.writer, utterance, choice)

    def _prediction(self, reply: Reply, taken: set[str]) -> Prediction:
        """The prediction; what an answer took counts for the first utterance that it is for."""
        answers = reply.answers
        fresh = [answer for answer in answers if answer.key not in taken]
        taken.update(answer.key for answer in fresh)
        raw = RawAnswer(
            tuple(answer.text for answer in answers),
            tuple(answer.model for answer in answers),
            tuple(answer.date for answer in answers),
            reply.unread,
            sum(map(self._usage, fresh), Usage()),
        )
        return Prediction(reply.utterance, reply.intent, reply.labels, reply.failed, raw)

    def _usage(self, answer: Answer) -> Usage:
        prices = self.recipe.prices
        tokens = Tokens(answer.prompt_tokens, answer.answer_tokens)
        return Usage(
            1,
            tokens.prompt,
            tokens.answer,
            answer.seconds,
            tokens.cost(prices),
            "" if prices is None else prices.currency,
            estimated=not answer.counted,
        )

    @cached_property
    def _chooser(self) -> Chooser:
        frozen = self.writer.frozen
        search = search_of(self.recipe, frozen.by_locale, self.folder)
        settings = self.recipe.demonstrations
        return Chooser(settings, frozen.source_locale, frozen.by_locale, search)

    @cached_property
    def _backend(self) -> Backend:
        return backend_of(self.recipe, self.inventory.scheme)


def load(folder: Path, recipe: PromptedRecipe) -> PromptedLanguageModel:
    """The system whose labels are in a model folder, and whose prompts are beside it."""
    frozen = FrozenPrompt.load(folder.parent / FILE)
    writer = PromptWriter(resolved(recipe, folder), frozen, read_inventory(folder))
    return PromptedLanguageModel(writer, folder, folder.parent / ANSWERS, character_locales())
