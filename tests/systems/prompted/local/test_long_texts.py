"""A text that a model has no room for counts as failed, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM

from massive_kit.errors import MassiveKitError
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.asking import Prompt, Step
from massive_kit.systems.prompted.local.branches import Branch, BranchingReader, Tree
from massive_kit.systems.prompted.local.encoded_prompt import EncodedPrompt
from massive_kit.systems.prompted.local.long_texts import LongTexts
from massive_kit.systems.prompted.local.pieces import Decision, Writing
from massive_kit.systems.prompted.local.slot_writing import SlotWriter, write_all


def encoded(tokens: int, utterance: int, step: Step = "both", number: int = 1) -> EncodedPrompt:
    text = Utterance(str(number), "sw-KE", "", ())
    prompt = Prompt(text, step, "text", "", (), "", (), ())
    return EncodedPrompt(prompt, (5,) * tokens, {}, utterance, 0)


def test_an_answer_takes_room_for_two_copies_and_some_more() -> None:
    assert encoded(100, 10).needed == 100 + 2 * 10 + 32
    assert encoded(100, 10, "intent").needed == 100 + 32
    # Blanks are read, too.
    assert EncodedPrompt(encoded(3, 2).prompt, (5,) * 3, {"": (5,) * 9}, 2, 7).needed == 52


def test_the_first_few_are_named_and_the_others_counted(caplog: pytest.LogCaptureFixture) -> None:
    texts = LongTexts("tiny")
    prompts = [encoded(100, 10), *(encoded(900 + i, 800, number=i) for i in range(8))]
    refused = texts.refuse(prompts, 512)
    assert [*refused] == [*range(1, 9)]
    assert refused[1] == "2,532 subwords with those of an answer, and the model has room for 512"
    texts.tell_more()
    texts.tell_more()
    told = [record.getMessage() for record in caplog.records]
    assert told[0] == f"sw-KE 0 is too long: {refused[1]}; it counts as failed"
    assert len(told) == 6
    assert told[5].startswith("... and 3 more texts are too long for tiny;")
    assert texts.refuse(prompts, None) == {}


def test_prompts_that_are_too_long_in_themselves_end_it() -> None:
    texts = LongTexts("tiny")
    # A long text alone does not: others may be short.
    assert {*texts.refuse([encoded(900, 800)], 512)} == {0}
    long = [encoded(500, 10), encoded(490, 20)]
    with pytest.raises(MassiveKitError, match=r"first 2 has 502 .* for 512; take fewer demonstr"):
        texts.refuse(long, 512)
    texts.proves("intent")
    with pytest.raises(MassiveKitError, match="too long for tiny"):
        texts.refuse(long, 512)
    texts.proves("both")
    assert {*texts.refuse(long, 512)} == {0, 1}


@pytest.mark.parametrize("ahead", [(), (5,) * 600])
def test_slots_that_have_no_room_are_cut(ahead: tuple[int, ...], small_decoder: Path) -> None:
    def writing() -> Writing:
        yield Decision((), (5, 6), ahead)
        while True:
            yield Decision((5,), (5, 6), ahead)

    reader = BranchingReader(AutoModelForCausalLM.from_pretrained(small_decoder), None, 1)
    (read,) = reader.read([Branch(reader.start(0), Tree.chain([5] * 500))], [[499]])
    writer = SlotWriter(writing(), read.place(range(500)), read.logits[0])
    write_all(reader, [writer])
    assert writer.is_cut
    assert writer.written is None
    assert len(writer.place.columns) == reader.room == 512
