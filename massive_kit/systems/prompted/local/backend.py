"""A model that runs here, as a backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.systems.prompted.answer_store import Answer, AnswerStore, answer_key
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.budget import BudgetSpentError, Purse, Tokens
from massive_kit.systems.prompted.dialogue import Dialogue, Reply
from massive_kit.systems.prompted.local.answering import Answerer
from massive_kit.systems.prompted.local.language_model import LanguageModel
from massive_kit.systems.prompted.local.long_texts import LongTexts
from massive_kit.systems.prompted.local.weights_mark import check_weights
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.token_counts import TokenCounter

# An answer names an intent and repeats the utterance.
_LONGEST_LABEL = 32


@dataclass(frozen=True)
class LocalBackend:
    """A model that runs here.

    Attributes:
        recipe: Which, and how it is asked.
        scheme: The span scheme of the labels.
    """

    recipe: PromptedRecipe
    scheme: SpanScheme

    @cached_property
    def counter(self) -> TokenCounter:
        """What counts tokens before they are read."""
        return TokenCounter(self.recipe.model.base, self.recipe.model.revision)

    def key(self, prompt: Prompt) -> str:
        """The key under which the answer to a prompt is kept."""
        model, decoding = self.recipe.model, self.recipe.decoding
        return answer_key(
            {
                "model": model.base,
                "revision": model.revision,
                "precision": model.precision,
                "prompt": prompt.text,
                "blanks": prompt.blanks,
                "step": prompt.step,
                "form": prompt.form,
                "tokens": list(prompt.utterance.tokens),
                "intents": prompt.intents,
                "slots": prompt.slots,
                "scheme": self.scheme,
                "candidates": decoding.candidates,
            }
        )

    def converse(self, dialogues: Iterable[Dialogue], store: AnswerStore) -> Iterator[Reply]:
        """Carries on dialogues, a batch at a time.

        Raises:
            MassiveKitError: The model is another one than that whose answers are kept, or has no
                room for the prompts whatever the utterance.
        """
        check_weights(self.recipe.model.base, store)
        left = iter(dialogues)
        purse = Purse(self.recipe.budget, self.recipe.prices, store.spent())
        try:
            while batch := [*islice(left, self.recipe.decoding.batch)]:
                replies: dict[int, Reply] = {}
                try:
                    self._carry_on(batch, replies, store, purse)
                except BudgetSpentError:
                    yield from (replies[i] for i in sorted(replies))
                    raise
                yield from (replies[i] for i in range(len(batch)))
        finally:
            self._long_texts.tell_more()

    def _carry_on(
        self,
        dialogues: Sequence[Dialogue],
        replies: dict[int, Reply],
        store: AnswerStore,
        purse: Purse,
    ) -> None:
        prompts = {i: next(dialogue) for i, dialogue in enumerate(dialogues)}
        while prompts:
            known = {i: store.get(self.key(prompt)) for i, prompt in prompts.items()}
            fresh: list[int] = []
            going: dict[int, Prompt] = {}
            for i, answer in known.items():
                if answer is None:
                    fresh.append(i)
                else:
                    if not answer.finish.startswith("refused"):
                        self._long_texts.proves(prompts[i].step)
                    self._send(i, dialogues[i], answer, replies, going)
            if fresh:
                asked = [prompts[i] for i in fresh]
                answers = self._answered(asked, store, purse)
                for i, answer in zip(fresh, answers, strict=True):
                    self._send(i, dialogues[i], answer, replies, going)
            prompts = going

    @staticmethod
    def _send(
        number: int,
        dialogue: Dialogue,
        answer: Answer,
        replies: dict[int, Reply],
        going: dict[int, Prompt],
    ) -> None:
        try:
            going[number] = dialogue.send(answer)
        except StopIteration as end:
            replies[number] = end.value

    def _answered(
        self, prompts: Sequence[Prompt], store: AnswerStore, purse: Purse
    ) -> list[Answer]:
        with purse.promise(self._most(prompts)) as spent:
            answers = [
                store.put(self.key(prompt), answer)
                for prompt, answer in zip(prompts, self._answerer.answer(prompts), strict=True)
            ]
            spent.extend(answers)
        return answers

    def _most(self, prompts: Sequence[Prompt]) -> Tokens:
        if self.recipe.budget.tokens is None and self.recipe.budget.cost is None:
            return Tokens(0, 0)
        texts = [prompt.utterance.text for prompt in prompts]
        # Those that are known already are set aside, too: it is given back at once.
        blanks = {blank for prompt in prompts for blank in prompt.blanks}
        return Tokens(
            sum(map(self.counter.prompt, prompts)) + sum(map(self.counter.text, blanks)),
            sum(2 * self.counter.text(text) + _LONGEST_LABEL for text in texts),
        )

    @cached_property
    def _answerer(self) -> Answerer:
        model = self.recipe.model
        shown_alone = self.recipe.decoding.candidates == "demonstrations"
        return Answerer(
            LanguageModel.load(model), model.base, self.scheme, self._long_texts, shown_alone
        )

    @cached_property
    def _long_texts(self) -> LongTexts:
        return LongTexts(self.recipe.model.base)
