"""Training with `torch.compile`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import PreTrainedModel

from massive_kit.errors import TrainingError


@contextmanager
def compiled(model: PreTrainedModel, *, wanted: bool, one_shape: bool = False) -> Iterator[None]:
    """The model's forward pass is compiled within the block, where that is wanted.

    It is compiled in place: the names of the parameters, and with them checkpoints, stay as they
    are. Sizes are symbols from the start, since a run's batches have hundreds of shapes.

    Args:
        model: The model.
        wanted: Whether it is.
        one_shape: Whether batches have one shape but for a few, and for how many rows they hold, as
            packed ones have: other sizes are numbers until they change, for which faster code can
            be made.

    Raises:
        TrainingError: The compiler fails.
    """
    if not wanted:
        yield
        return
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor.exc import InductorError

    model.compile(dynamic=None if one_shape else True)
    if one_shape:
        model._compiled_call_impl = _with_any_rows(model._compiled_call_impl)  # noqa: SLF001
    try:
        yield
    except (TorchDynamoException, InductorError) as error:
        line = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"torch.compile failed: {line}; a C++ compiler has to be there,"
            " or train without it (-o training.compile=false)"
        ) from error
    finally:
        # Nothing but a new call of `compile` undoes it.
        model._compiled_call_impl = None  # noqa: SLF001


def _with_any_rows(call: Any) -> Any:
    """A compiled call that takes the lengths of vectors, which have a value a row, for symbols."""

    def marked(*arguments: Any, **options: Any) -> Any:
        for value in options.values():
            if isinstance(value, torch.Tensor) and value.ndim == 1:
                torch._dynamo.maybe_mark_dynamic(value, 0)  # noqa: SLF001 - documented as it is
        return call(*arguments, **options)

    return marked


def eager() -> torch.compiler.set_stance:
    """Within the block nothing compiled runs.

    Dev scores are then what predicting computes, and generating, whose shapes change with every
    subword, is not compiled.
    """
    return torch.compiler.set_stance("force_eager")
