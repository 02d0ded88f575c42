"""Has a batch of prompts answered by a model that runs here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import torch
from torch import Tensor

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.errors import MassiveKitError
from massive_kit.systems.prompted.answer_store import Answer
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.local.batch_reading import BatchReader, Ids, ReadBatch
from massive_kit.systems.prompted.local.encoded_prompt import EncodedPrompt
from massive_kit.systems.prompted.local.label_scoring import LabelTree
from massive_kit.systems.prompted.local.language_model import LanguageModel
from massive_kit.systems.prompted.local.long_texts import LongTexts
from massive_kit.systems.prompted.local.pieces import Writing, write
from massive_kit.systems.prompted.local.shapes import (
    between,
    closing,
    label_piece,
    opening,
    slot_shape,
)
from massive_kit.systems.prompted.local.slot_writing import SlotWriter, write_all

# Pieces are cut as they would be behind a letter, labels as behind the end of the prompt.
_LETTER = "a"
_CONTEXT = 24


@dataclass(slots=True)
class _Row:
    """A prompt of the batch while it is answered.

    Attributes:
        prompt: The prompt.
        label: The intent.
        label_ids: The tokens of the intent.
        ids: The tokens of the prompt.
    """

    prompt: Prompt
    ids: Ids
    label: str | None = None
    label_ids: Ids = ()


@dataclass(frozen=True)
class Answerer:
    """Answers prompts; remembers the priors of labels.

    Attributes:
        model: The model.
        name: What it is called.
        scheme: The span scheme of the labels.
        long_texts: What refuses prompts that the model has no room for.
        shown_alone: Whether intents are those of the demonstrations alone.
    """

    model: LanguageModel
    name: str
    scheme: SpanScheme
    long_texts: LongTexts
    shown_alone: bool = False
    _priors: dict[str, Tensor] = field(default_factory=dict)

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """An answer to each prompt; one that the model has no room for is refused.

        What is read to learn priors counts for the first of the prompts.

        Raises:
            MassiveKitError: The prompts are too long in themselves.
        """
        encoded = [self._encoded(prompt) for prompt in prompts]
        refused = self.long_texts.refuse(encoded, self.model.room)
        fitting = [prompt for number, prompt in enumerate(encoded) if number not in refused]
        answers = iter(self._answers(fitting) if fitting else [])
        return [
            self._refused(refused[number]) if number in refused else next(answers)
            for number in range(len(prompts))
        ]

    def _encoded(self, prompt: Prompt) -> EncodedPrompt:
        lead, names = opening(prompt), () if prompt.step == "slots" else prompt.intents
        return EncodedPrompt(
            prompt,
            self.model.encode(prompt.text + lead),
            {b: self.model.encode(b + lead) for b in prompt.blanks if b not in self._priors},
            len(self.model.encode(prompt.utterance.text)),
            max((len(self._encode(label_piece(prompt, name))) for name in names), default=0),
        )

    def _answers(self, prompts: Sequence[EncodedPrompt]) -> list[Answer]:
        start = time.monotonic()
        more_tokens = self._learn_priors(prompts)
        rows = [_Row(encoded.prompt, encoded.ids) for encoded in prompts]
        batch = self._batches.read([row.ids for row in rows])
        writers = self._labelled(rows, batch)
        write_all(batch.reader, [writer for writer in writers if writer is not None])
        seconds = (time.monotonic() - start) / len(rows)
        first, *others = [
            self._answer(row, writer, seconds) for row, writer in zip(rows, writers, strict=True)
        ]
        return [replace(first, prompt_tokens=first.prompt_tokens + more_tokens), *others]

    def _learn_priors(self, prompts: Sequence[EncodedPrompt]) -> int:
        """Scores labels where nothing is asked about, by batches of their own.

        Returns:
            How many tokens were read for that.
        """
        tokens = 0
        texts = {blank: ids for encoded in prompts for blank, ids in encoded.blanks.items()}
        blanks = [*texts]
        for start in range(0, len(blanks), len(prompts)):
            part = blanks[start : start + len(prompts)]
            tokens += sum(len(texts[blank]) for blank in part)
            batch = self._batches.read([texts[blank] for blank in part])
            tree = self.tree(next(e.prompt for e in prompts if part[0] in e.blanks))
            for blank, labels in zip(part, tree.score(batch.reader, batch.endings), strict=True):
                self._priors[blank] = labels.scores
        return tokens

    def _labelled(self, rows: Sequence[_Row], batch: ReadBatch) -> list[SlotWriter | None]:
        """Finds the intent of each row that asks for one, and begins to write slots."""
        writers: list[SlotWriter | None] = []
        scored = {}
        naming = [i for i, row in enumerate(rows) if row.prompt.step != "slots"]
        if naming:
            tree = self.tree(rows[naming[0]].prompt)
            endings = [batch.endings[i] for i in naming]
            scored = dict(zip(naming, tree.score(batch.reader, endings), strict=True))
        for i, row in enumerate(rows):
            ending = batch.endings[i]
            writer = SlotWriter(self._writing(row.prompt), ending.place, ending.logits)
            if i in scored:
                best = self._best(row.prompt, scored[i].scores)
                row.label, row.label_ids = row.prompt.intents[best], tree.labels[best]
                writer.place, writer.logits = tree.place(scored[i], best), None
                writer.unread = (row.label_ids[-1], *self._encode(between(row.prompt)))
            writers.append(None if row.prompt.step == "intent" else writer)
        return writers

    def _best(self, prompt: Prompt, scores: Tensor) -> int:
        if prompt.blanks:
            # How likely the label is whatever is asked about.
            scores = scores - torch.stack([self._priors[text] for text in prompt.blanks]).mean(0)
        if self.shown_alone and prompt.shown:
            other = torch.tensor([name not in prompt.shown for name in prompt.intents])
            scores = scores.masked_fill(other, float("-inf"))
        return int(scores.argmax())

    def tree(self, prompt: Prompt) -> LabelTree:
        """The intents as they stand behind a prompt.

        Raises:
            MassiveKitError: The tokenizer does not tell two of them apart.
        """
        before = (prompt.text + opening(prompt))[-_CONTEXT:]
        pieces = [label_piece(prompt, name) for name in prompt.intents]
        labels = [self.model.continuation(piece, before) for piece in pieces]
        of_ids = dict(zip(reversed(labels), reversed(prompt.intents), strict=True))
        alike = [(n, of_ids[ids]) for n, ids in zip(prompt.intents, labels, strict=True)]
        if same := [f"{name} and {other}" for name, other in alike if name != other]:
            raise MassiveKitError(
                f"the tokenizer of {self.name} cuts {same[0]} into the same subwords"
            )
        return LabelTree(tuple(labels))

    def _writing(self, prompt: Prompt) -> Writing:
        return write(slot_shape(prompt, self.scheme), self._encode)

    def _encode(self, piece: str) -> Ids:
        return self.model.continuation(piece, _LETTER) if piece else ()

    def _answer(self, row: _Row, writer: SlotWriter | None, seconds: float) -> Answer:
        prompt = row.prompt
        text, count = opening(prompt), len(row.label_ids)
        if row.label is not None:
            text += label_piece(prompt, row.label)
        if writer is not None and writer.written is not None:
            text += (between(prompt) if row.label is not None else "") + writer.written.text
            count += writer.written.tokens
        return Answer(
            (text + closing(prompt)).strip(),
            "length" if writer is not None and writer.is_cut else "stop",
            prompt_tokens=len(row.ids),
            answer_tokens=count,
            seconds=round(seconds, 4),
            model=self.name,
            date=_today(),
        )

    def _refused(self, reason: str) -> Answer:
        return Answer("", f"refused: {reason}", model=self.name, date=_today())

    @cached_property
    def _batches(self) -> BatchReader:
        return BatchReader(self.model)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
