"""What passes between the kit and a model about one utterance."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_reading import read_answer
from massive_kit.systems.prompted.answer_store import Answer
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.choosing import Choice
from massive_kit.systems.prompted.prompt_writer import PromptWriter

# What an endpoint says where an answer is whole.
_WHOLE = {"stop", "eos", "end_turn"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model says of an utterance, in one answer or two.

    Attributes:
        utterance: The utterance.
        intent: Its intent; `None` where the inventory has none.
        labels: A token label for each token.
        failed: No intent could be read, so that another one stands in for it.
        unread: What could not be read, in a few words each.
        answers: The answers, in order.
    """

    utterance: Utterance
    intent: str | None
    labels: list[str]
    failed: bool
    unread: tuple[str, ...]
    answers: tuple[Answer, ...]


# It yields prompts, is sent their answers, and returns the reply.
Dialogue = Generator[Prompt, Answer, Reply]


def dialogue(writer: PromptWriter, utterance: Utterance, choice: Choice) -> Dialogue:
    """Asks about an utterance, with chosen demonstrations.

    Where no intent can be read, one stands in for it that is the same for all utterances. Where the
    slots are asked for by themselves, only those are that stand with the intent; if there are none,
    nothing is asked.
    """
    scheme = writer.inventory.scheme
    step = writer.first_step
    prompt = writer.write(utterance, choice, step)
    answer = yield prompt
    reading = read_answer(answer.text, prompt, scheme)
    intent, labels = reading.intent, reading.labels
    unread, answers = [*reading.unread, *_oddities(answer)], [answer]
    failed = intent is None and bool(writer.inventory.intents)
    if failed:
        intent = writer.stand_in
    elif step == "intent" and writer.allowed_slots(intent):
        prompt = writer.write(utterance, choice, "slots", intent)
        answer = yield prompt
        reading = read_answer(answer.text, prompt, scheme)
        labels = reading.labels
        unread += [*reading.unread, *_oddities(answer)]
        answers.append(answer)
    return Reply(utterance, intent, labels, failed, tuple(unread), tuple(answers))


def _oddities(answer: Answer) -> list[str]:
    return [] if answer.finish in _WHOLE else [f"the answer ended by {answer.finish!r}"]
