"""What passes between the kit and a model about one utterance."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from massive_kit.data.notation import OTHER
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_reading import read_answer
from massive_kit.systems.prompted.answer_store import Answer
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.prompt_writer import PromptWriter

# What an endpoint says where an answer is whole.
_WHOLE = {"stop", "eos", "end_turn"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model says of an utterance, in one answer or two.

    Attributes:
        utterance: The utterance.
        intent: Its intent, or `None`.
        labels: A token label for each token.
        unread: What could not be read, in a few words each.
        answers: The answers, in order.
    """

    utterance: Utterance
    intent: str | None
    labels: list[str]
    unread: tuple[str, ...]
    answers: tuple[Answer, ...]


# It yields prompts, is sent their answers, and returns the reply.
Dialogue = Generator[Prompt, Answer, Reply]


def dialogue(writer: PromptWriter, utterance: Utterance, rows: Sequence[Demonstration]) -> Dialogue:
    """Asks about an utterance, with these demonstrations.

    Where the slots are asked for by themselves, only those are that stand with the intent; if there
    are none, nothing is asked.
    """
    scheme = writer.inventory.scheme
    step = writer.first_step
    prompt = writer.write_with(rows, utterance.text, utterance.locale, step)
    answer = yield prompt
    reading = read_answer(answer.text, prompt, utterance, scheme)
    unread = [*reading.unread, *_oddities(answer)]
    if step != "intent" or reading.intent is None or not writer.allowed_slots(reading.intent):
        return Reply(utterance, reading.intent, reading.labels, tuple(unread), (answer,))
    prompt = writer.write_with(rows, utterance.text, utterance.locale, "slots", reading.intent)
    second = yield prompt
    slots = read_answer(second.text, prompt, utterance, scheme)
    unread += [*slots.unread, *_oddities(second)]
    return Reply(utterance, reading.intent, slots.labels, tuple(unread), (answer, second))


def nothing(utterance: Utterance) -> list[str]:
    """Labels of an utterance without slots."""
    return [OTHER] * len(utterance.tokens)


def _oddities(answer: Answer) -> list[str]:
    return [] if answer.finish in _WHOLE else [f"the answer ended by {answer.finish!r}"]
