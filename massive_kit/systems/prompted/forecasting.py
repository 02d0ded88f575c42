"""What predicting would take, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.systems.interface import Forecast, Usage, Utterance
from massive_kit.systems.prompted.answer_reading import read_answer
from massive_kit.systems.prompted.answer_store import AnswerStore
from massive_kit.systems.prompted.asking import Prompt, write_answer
from massive_kit.systems.prompted.backend import Backend
from massive_kit.systems.prompted.budget import Tokens
from massive_kit.systems.prompted.choosing import Choice
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.prompt_writer import PromptWriter
from massive_kit.systems.prompted.recipe import Prices


def forecast(
    writer: PromptWriter,
    store: AnswerStore,
    backend: Backend,
    choices: Sequence[tuple[Utterance, Choice]],
) -> Forecast:
    """What predicting utterances would take.

    An answer is taken to be as long as the longest of the demonstrations. Of two steps, the second
    is taken for what it would be with the intent that was answered, or else with that of the
    demonstration nearest to the utterance.
    """
    recipe, counter = writer.recipe, backend.counter
    answered = 0
    usage = most = Usage()
    seen, blanks = set[str](), set[str]()
    for utterance, choice in choices:
        for prompt, answer in _questions(writer, store, backend, utterance, choice):
            key = backend.key(prompt)
            if answer:
                answered += 1
            elif key not in seen:
                fresh = {*prompt.blanks} - blanks
                blanks |= fresh
                sent = counter.prompt(prompt) + sum(map(counter.text, fresh))
                longest = counter.text(_longest(prompt, choice.shown)) + 1
                usage += _usage(Tokens(sent, longest), recipe.prices)
                most += _usage(Tokens(sent, recipe.decoding.max_tokens), recipe.prices)
            seen.add(key)
    if recipe.model.backend != "openai":
        return Forecast(len(choices), answered, usage, counter.how, None)
    rate = recipe.decoding.requests_per_minute
    return Forecast(len(choices), answered, usage, counter.how, rate, most)


def _questions(
    writer: PromptWriter,
    store: AnswerStore,
    backend: Backend,
    utterance: Utterance,
    choice: Choice,
) -> list[tuple[Prompt, bool]]:
    """The prompts for an utterance, and whether the answer to each is kept."""
    first = writer.write(utterance, choice, writer.first_step)
    kept = store.get(backend.key(first))
    questions = [(first, kept is not None)]
    if writer.first_step != "intent" or not writer.inventory.slots:
        return questions
    if kept is not None:
        intent = read_answer(kept.text, first, writer.inventory.scheme).intent
        if intent is None:
            return questions
    else:
        intent = writer.usual_intent(choice.best_first)
    if writer.allowed_slots(intent):
        second = writer.write(utterance, choice, "slots", intent)
        questions.append((second, store.get(backend.key(second)) is not None))
    return questions


def _longest(prompt: Prompt, rows: Sequence[Demonstration]) -> str:
    """The longest answer in a prompt."""
    return max(
        (write_answer(row, prompt.step, prompt.form) for row in rows),
        key=len,
        default=_example(prompt),
    )


def _usage(tokens: Tokens, prices: Prices | None) -> Usage:
    currency = "" if prices is None else prices.currency
    return Usage(1, tokens.prompt, tokens.answer, 0.0, tokens.cost(prices), currency)


def _example(prompt: Prompt) -> str:
    utterance = prompt.utterance
    intent = max(prompt.intents, key=len, default="")
    row = Demonstration(utterance.id, utterance.locale, utterance.text, intent)
    return write_answer(row, prompt.step, prompt.form)
