"""What a column trains: a model on rows, in the original's way or in the kit's."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring.rows import TokenisedRows
from benchmarks.measuring.shapes import (
    encoder_operations,
    joint_model,
    shape_config,
    text_model,
    text_operations,
    writes_text,
)
from massive_kit.engine.batches import BatchDataset, BatchPlan, plan_batches
from massive_kit.systems.encoder.dataset import EncoderBatches
from massive_kit.systems.encoder.packing import PackedEncoderBatches
from massive_kit.systems.encoder.vocabulary_trimming import trim
from massive_kit.systems.seq2seq.batches import Seq2SeqBatches
from massive_kit.systems.subwords.placement import Placement

# Rows of a batch of the original's; a device takes a step of a text-to-text model on eight batches
# of eight.
ORIGINAL_ROWS, ORIGINAL_TEXTS = 128, 64
# A text-to-text model has a logit for each subword of the vocabulary wherever it writes one.
TEXT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """One way of training.

    Attributes:
        kit: Whether it is the kit's.
        precision: bf16 or fp32.
        budget: Padded subwords of a batch in the kit's way; `None` for as many as the original's
            batches have real ones.
        packing: Subwords of a sequence that rows are packed into; `None` where they are not.
        varlen: Whether packed rows are read by the kernel for rows of any length.
        compiled: Whether the model is compiled.
    """

    kit: bool
    precision: str
    budget: int | None = None
    packing: int | None = None
    varlen: bool = False
    compiled: bool = False


@dataclass(frozen=True, slots=True)
class Workload:
    """A model and its rows.

    Attributes:
        model: On the processor.
        batches: The rows.
        plan: A pass over them.
        subwords: Shape (n,), real subwords a row.
        operations: Shape (n,), floating-point operations that training a row has to take.
        embedding_rows: Of the model, as it is trained.
    """

    model: Any
    batches: BatchDataset
    plan: BatchPlan
    subwords: NDArray[np.int64]
    operations: NDArray[np.float64]
    embedding_rows: int


def start_model(shape: str, base: str | None, tokenised: TokenisedRows) -> torch.nn.Module:
    """The model that all columns of a shape train, in fp32 on the processor."""
    config = shape_config(shape, base, tokenised.tokenizer)
    if writes_text(shape):
        return text_model(config)
    return joint_model(config, tokenised.rows)


def workload(shape: str, way: Way, start: torch.nn.Module, tokenised: TokenisedRows) -> Workload:
    """What a column trains; the model is a copy of the one it starts from."""
    model: Any = copy.deepcopy(start)
    if writes_text(shape):
        return _texts(way, model, tokenised)
    data = tokenised.cut(Placement.raw_text if way.kit else Placement.first)
    if way.kit:
        data = data.remapped(trim(model, (data,)).table)
    packing = None if way.packing is None else max(way.packing, int(data.lengths.max()))
    batches = EncoderBatches(data) if packing is None else PackedEncoderBatches(data, packing)
    return Workload(
        model,
        batches,
        _plan(way, data.lengths, ORIGINAL_ROWS, packing),
        data.lengths,
        encoder_operations(model, data.lengths),
        len(model.get_input_embeddings().weight),
    )


def _texts(way: Way, model: Any, tokenised: TokenisedRows) -> Workload:
    texts = tokenised.texts()
    inputs, targets = np.diff(texts.input_offsets), np.diff(texts.target_offsets)
    pad = int(tokenised.tokenizer.pad_token_id)
    return Workload(
        model,
        Seq2SeqBatches(texts, pad),
        _plan(way, texts.lengths, ORIGINAL_TEXTS, None),
        texts.lengths,
        text_operations(model, inputs, targets),
        len(model.get_input_embeddings().weight),
    )


def _plan(way: Way, lengths: NDArray[np.int64], rows: int, packing: int | None) -> BatchPlan:
    if not way.kit:
        return plan_batches(lengths, epochs=1, seed=0, rows=rows)
    budget = way.budget or int(rows * lengths.mean())
    return plan_batches(lengths, epochs=1, seed=0, tokens=budget, packing=packing)
