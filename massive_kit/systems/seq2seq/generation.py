"""Runs a text-to-text model over utterances and reads its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import LogitsProcessorList, PreTrainedModel

from massive_kit.data.inventory import Inventory
from massive_kit.engine.batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.systems.seq2seq.dataset import encode_inputs
from massive_kit.systems.seq2seq.recipe import Seq2SeqModel
from massive_kit.systems.text_answers.answer_grammar import Grammar, OnlyAnswers, item_encoder
from massive_kit.systems.text_answers.text_format import Answer, read_items, read_text
from massive_kit.systems.text_answers.verbaliser import Verbaliser


@dataclass(frozen=True, slots=True)
class Writer:
    """A text-to-text model with all that reading and writing needs.

    Attributes:
        model: The model, on its device.
        tokenizer: Its tokenizer.
        inventory: The labels.
        settings: Format, beams, constraint and limits.
        precision: bf16 or fp32.
    """

    model: PreTrainedModel
    tokenizer: Any
    inventory: Inventory
    settings: Seq2SeqModel
    precision: str = "fp32"

    @torch.inference_mode()
    def answers(
        self, tokens: Sequence[Sequence[str]], *, budget: int = 4096
    ) -> list[Answer | None]:
        """An answer for each utterance, in order; `None` where none can be read."""
        settings, form = self.settings, self.settings.format
        inputs = encode_inputs(tokens, self.tokenizer, form, settings.max_input)
        lengths = np.array([len(row) for row in inputs], np.int64)
        order = np.argsort(lengths, kind="stable")
        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        verbaliser = Verbaliser(self.inventory, form)
        grammar = Grammar(verbaliser, item_encoder(self.tokenizer), end)
        device = next(self.model.parameters()).device
        answers: list[Answer | None] = [None] * len(tokens)
        was_training = self.model.training
        self.model.eval()
        with autocast(device, self.precision):
            for rows in length_batches(lengths, order, max(1, budget // settings.beams)):
                batch = [inputs[i] for i in rows]
                width = max(map(len, batch))
                ids = torch.tensor([row + [pad] * (width - len(row)) for row in batch])
                mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch])
                rules = [grammar.answers(tokens[i]) for i in rows]
                limit = settings.max_output
                processors = LogitsProcessorList()
                if settings.constrained:
                    limit = max(grammar.length(tokens[i]) for i in rows)
                    processors.append(OnlyAnswers(rules, settings.beams, end, pad))
                written = self.model.generate(
                    input_ids=ids.to(device),
                    attention_mask=mask.to(device),
                    num_beams=settings.beams,
                    do_sample=False,
                    # The tokenizer's, which need not be those that the base was made with.
                    eos_token_id=end,
                    pad_token_id=pad,
                    max_new_tokens=limit,
                    logits_processor=processors,
                )
                # The first subword only starts the decoder.
                for i, rule, row in zip(rows, rules, written[:, 1:].tolist(), strict=True):
                    answer_ids = tuple(row[: row.index(end)] if end in row else row)
                    items = rule.read(answer_ids) if settings.constrained else None
                    if items is not None:
                        answers[i] = read_items(items, len(tokens[i]), verbaliser)
                    else:
                        text = self.tokenizer.decode(answer_ids, skip_special_tokens=True)
                        answers[i] = read_text(text, len(tokens[i]), verbaliser)
        self.model.train(was_training)
        return answers
