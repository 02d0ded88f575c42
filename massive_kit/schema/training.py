"""The course of a run: epochs, batches, evaluations, precision, seed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from massive_kit.schema.config import Strict
from massive_kit.schema.metrics import DEFAULT_METRIC, Metric

# Most subwords of a batch where a recipe says nothing of its batches.
DEFAULT_BATCH_TOKENS = 4096


class Training(Strict):
    """The course of a run.

    Attributes:
        epochs: Passes over the training rows; may be a fraction.
        batch_tokens: Most subwords, padding included, in a batch on one device; 4096 if neither
            this nor `batch_rows` is given.
        batch_rows: Rows per batch on one device, instead of `batch_tokens` (the reference's way);
            batches are then not sorted by length.
        eval_batch_tokens: Most subwords, padding included, in a batch when dev rows are scored and
            when a run predicts, where no gradient takes memory; without it 8192, 4096 where answers
            are written, over the beams, and 2048 of text to learn from.
        accumulate: Batches per optimiser step.
        evaluations: How many times the dev set is scored, evenly spread over the run.
        metric: Metric on the dev set that picks the best checkpoint and decides on early stopping.
        patience: Evaluations in a row without a better score before the run ends early; without it,
            the run never ends early.
        dev_rows: Most dev rows per locale, drawn at random with the same ids in every locale;
            without it, all.
        train_rows: Most training rows per locale, drawn in the same way; without it, all.
        precision: Number format of the computation; `auto` is bf16 where the device has it, else
            fp32.
        compile: Whether the model is compiled with `torch.compile`.
        gradient_checkpointing: Whether layers are computed a second time in the backward pass, in
            less memory and about a third more time.
        seed: Seed of everything random: new weights, order of the rows, dropout.
        deterministic: Use only algorithms that repeat bit for bit, at some cost in speed.
        shrink_on_oom: When memory runs out, halve the batches and accumulate twice as many of them.
        average: Weight of the past in a running average of the weights over the steps, such as
            0.999; the averaged weights are scored and saved. 0 keeps no average.
        log_steps: Optimiser steps between lines of the log.
        report_to: Experiment trackers that also get the log, by the names `transformers` knows them
            under, such as `tensorboard` or `wandb`.
    """

    epochs: float = Field(default=3, gt=0, le=10_000)
    batch_tokens: int | None = Field(default=None, ge=16)
    batch_rows: int | None = Field(default=None, ge=1)
    eval_batch_tokens: int | None = Field(default=None, ge=16)
    accumulate: int = Field(default=1, ge=1)
    evaluations: int = Field(default=5, ge=1)
    metric: Metric = DEFAULT_METRIC
    patience: int | None = Field(default=None, ge=1)
    dev_rows: int | None = Field(default=None, ge=1)
    train_rows: int | None = Field(default=None, ge=1)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: bool = False
    gradient_checkpointing: bool = False
    seed: int = Field(default=0, ge=0, lt=2**32)
    deterministic: bool = False
    shrink_on_oom: bool = False
    average: float = Field(default=0.0, ge=0, lt=1)
    log_steps: int = Field(default=50, ge=1)
    report_to: list[str] = []

    @model_validator(mode="after")
    def _one_size(self) -> Training:
        if self.batch_tokens is not None and self.batch_rows is not None:
            raise ValueError(
                "give batch_tokens or batch_rows, not both"
                " (-o training.batch_tokens=null takes the first away)"
            )
        return self

    @property
    def token_budget(self) -> int | None:
        """Most subwords of a batch, or `None` where batches are counted in rows."""
        if self.batch_rows is not None:
            return None
        return self.batch_tokens or DEFAULT_BATCH_TOKENS
