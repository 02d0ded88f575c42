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
        batch_tokens: Most subwords, padding included, of one device's batch; 4096 if neither this
            nor `batch_rows` is given.
        batch_rows: Rows of one device's batch instead (the reference's way); batches are then not
            sorted by length.
        accumulate: Batches per optimiser step.
        evaluations: How often the dev set is scored, spread evenly over the run.
        metric: What the best checkpoint and early stopping go by.
        patience: Evaluations without a better score before the run ends; `None` never ends it
            early.
        dev_rows: At most so many dev rows per locale, drawn, the same ids everywhere; `None`: all.
        train_rows: Likewise of the training rows.
        precision: `auto` is bf16 where the device has it.
        compile: Use `torch.compile`.
        seed: Of everything random.
        deterministic: Only algorithms that repeat exactly, at some cost.
        shrink_on_oom: Halve the batches (and accumulate twice as often) when memory runs out.
        average: Weight of the past in an average of the weights over the steps; 0 keeps no average.
        log_steps: Steps between lines of the log.
        report_to: TensorBoard, W&B, MLflow: what `transformers` knows.
    """

    epochs: float = Field(default=3, gt=0, le=10_000)
    batch_tokens: int | None = Field(default=None, ge=16)
    batch_rows: int | None = Field(default=None, ge=1)
    accumulate: int = Field(default=1, ge=1)
    evaluations: int = Field(default=5, ge=1)
    metric: Metric = DEFAULT_METRIC
    patience: int | None = Field(default=None, ge=1)
    dev_rows: int | None = Field(default=None, ge=1)
    train_rows: int | None = Field(default=None, ge=1)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: bool = False
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
