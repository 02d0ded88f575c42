"""Runs a model that writes answers over utterances, and reads what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import LogitsProcessorList, PreTrainedModel

from massive_kit.data.inventory import Inventory
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.systems.text_answers.answer_grammar import Answers, Grammar, OnlyAnswers
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.text_format import Answer, read_items, read_text

# Most padded subwords of a batch where nobody says another number.
BUDGET = 4096


@dataclass(frozen=True, slots=True)
class Writer:
    """A model with all that reading and writing needs.

    Attributes:
        model: The model, on its device.
        coding: Its tokenizer, the labels and the format.
        precision: bf16 or fp32.
        goes_on: Whether the model goes on with its input, as a decoder does, rather than writing
            into an output of its own.
        budget: Most padded subwords of a batch, over all beams.
    """

    model: PreTrainedModel
    coding: TextCoding
    precision: str = "fp32"
    goes_on: bool = False
    budget: int = BUDGET

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""
        return self.coding.inventory

    @torch.inference_mode()
    def answers(self, tokens: Sequence[Sequence[str]]) -> list[Answer | None]:
        """An answer for each utterance, in order; `None` where none can be read."""
        coding = self.coding
        inputs = coding.inputs(tokens)
        lengths = np.array([len(row) for row in inputs], np.int64)
        order = np.argsort(lengths, kind="stable")
        grammar = Grammar(coding.verbaliser, coding.encode, coding.end)
        device = next(self.model.parameters()).device
        answers: list[Answer | None] = [None] * len(tokens)
        budget = max(1, self.budget // coding.settings.beams)
        was_training = self.model.training
        self.model.eval()
        with autocast(device, self.precision), _scored_in_one(self.model):
            for rows in length_batches(lengths, order, budget):
                rules = [grammar.answers(tokens[i]) for i in rows]
                limit = max(grammar.length(tokens[i]) for i in rows)
                written = self._written([inputs[i] for i in rows], rules, limit, device)
                for i, rule, ids in zip(rows, rules, written.tolist(), strict=True):
                    answers[i] = self._read(ids, rule, len(tokens[i]))
        self.model.train(was_training)
        return answers

    def _written(
        self, inputs: list[list[int]], rules: list[Answers], limit: int, device: torch.device
    ) -> Tensor:
        """What the model writes for each input, alone."""
        coding, settings = self.coding, self.coding.settings
        ids, mask = self._filled_up(inputs)
        # Without an input to go on with, the first subword only starts the decoder.
        start = ids.shape[1] if self.goes_on else 1
        processors = LogitsProcessorList()
        if settings.constrained:
            processors.append(OnlyAnswers(rules, settings.beams, start, coding.end, coding.pad))
        written: Tensor = self.model.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            num_beams=settings.beams,
            do_sample=False,
            # The tokenizer's, which need not be those that the base was made with.
            eos_token_id=coding.end,
            pad_token_id=coding.pad,
            max_new_tokens=limit if settings.constrained else settings.max_output,
            logits_processor=processors,
        )
        return written[:, start:]

    def _filled_up(self, inputs: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Inputs of one length with their mask; those to go on with end together."""
        width = max(map(len, inputs))
        ids, mask = [], []
        for row in inputs:
            gap = width - len(row)
            sides = (gap, 0) if self.goes_on else (0, gap)
            before, after = ([self.coding.pad] * side for side in sides)
            ids.append([*before, *row, *after])
            mask.append([0] * len(before) + [1] * len(row) + [0] * len(after))
        return torch.tensor(ids), torch.tensor(mask)

    def _read(self, ids: list[int], rule: Answers, tokens: int) -> Answer | None:
        coding = self.coding
        answer_ids = tuple(ids[: ids.index(coding.end)] if coding.end in ids else ids)
        # By its subwords before its text, which may lack letters that the tokenizer does not know.
        items = rule.read(answer_ids)
        if items is not None:
            return read_items(items, tokens, coding.verbaliser)
        text = coding.tokenizer.decode(answer_ids, skip_special_tokens=True)
        return read_text(text, tokens, coding.verbaliser)


@contextmanager
def _scored_in_one(model: PreTrainedModel) -> Iterator[None]:
    """Has the vocabulary scored for all rows of a batch at once."""
    # A decoder hands over the last vector of each row where it stands, and of vectors that do not
    # stand side by side torch multiplies each by itself: a thousand times slower in bf16.
    head = model.get_output_embeddings()
    hook = None if head is None else head.register_forward_pre_hook(_side_by_side)
    try:
        yield
    finally:
        if hook is not None:
            hook.remove()


def _side_by_side(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    del module
    return tuple(vectors.contiguous() for vectors in inputs)
