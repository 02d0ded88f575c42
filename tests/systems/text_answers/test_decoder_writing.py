"""Whatever a model would write, a constrained answer reads back; batches change no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.model_settings import TextModel
from massive_kit.systems.text_answers.writer import Writer

ROWS = 1


@pytest.fixture(scope="module")
def tokens(demo_store: Store) -> list[list[str]]:
    rows: list[list[str]] = [["Other"], ["[", "]", "\\"], ["\u200b", "word " * 3]]
    for locale in ("en-US", "ja-JP"):
        table = DataSplit(demo_store, "test", (locale,)).read(["tokens"])
        rows += table.column("tokens").to_pylist()[:ROWS]
    return rows


def writer_of(folder: Path, store: Store, **settings: Any) -> Writer:
    model = TextModel.model_validate({"base": str(folder)} | settings)
    coding = TextCoding(load_tokenizer(folder), store.inventory, model, "\n")
    return Writer(AutoModelForCausalLM.from_pretrained(folder).eval(), coding, goes_on=True)


@pytest.mark.parametrize(
    ("form", "beams"),
    [
        ({"words": True}, 1),
        ({"words": True, "inside": "inside_slot_name", "intent_first": True}, 1),
        ({"inside": "inside"}, 2),
    ],
    ids=["words", "marks", "beams"],
)
def test_a_decoder_that_knows_nothing_answers_in_full(
    form: dict[str, Any],
    beams: int,
    small_decoder: Path,
    demo_store: Store,
    tokens: list[list[str]],
) -> None:
    writer = writer_of(small_decoder, demo_store, format=form, beams=beams)
    inventory = demo_store.inventory
    for row, answer in zip(tokens, writer.answers(tokens), strict=True):
        assert answer is not None
        assert answer.intent in inventory.intents
        assert len(answer.labels) == len(row)
        assert set(answer.labels) <= set(inventory.labels)


def test_an_input_that_is_filled_up_is_answered_as_alone(
    small_decoder: Path, demo_store: Store, tokens: list[list[str]]
) -> None:
    writer = writer_of(small_decoder, demo_store, format={"words": True})
    alone = [writer.answers([row])[0] for row in tokens]
    assert writer.answers(tokens) == alone
    # What a batch fills up stands before the inputs, under the mask.
    ids, mask = writer._filled_up([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [0, 0, 8]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]
    logits = writer.model(input_ids=ids, attention_mask=mask).logits
    assert torch.allclose(
        logits[1, -1], writer.model(input_ids=torch.tensor([[8]])).logits[0, -1], atol=1e-5
    )


def test_without_the_grammar_what_cannot_be_read_is_no_answer(
    small_decoder: Path, demo_store: Store, tokens: list[list[str]]
) -> None:
    writer = writer_of(small_decoder, demo_store, constrained=False, max_output=8)
    assert writer.answers(tokens[:2]) == [None, None]
    assert writer.answers([]) == []


def test_the_vocabulary_is_scored_for_all_rows_at_once(
    small_decoder: Path, demo_store: Store, tokens: list[list[str]]
) -> None:
    writer = writer_of(small_decoder, demo_store, format={"words": True})
    head = writer.model.get_output_embeddings()
    assert head is not None
    layouts = []

    def note(module: Any, inputs: tuple[torch.Tensor, ...], output: Any) -> None:
        del module, output
        layouts.append((len(inputs[0]), inputs[0].is_contiguous()))

    handle = head.register_forward_hook(note)
    writer.answers(tokens)
    handle.remove()
    # Vectors that do not stand side by side are multiplied one by one.
    assert set(layouts) == {(len(tokens), True)}
    assert not head._forward_pre_hooks
