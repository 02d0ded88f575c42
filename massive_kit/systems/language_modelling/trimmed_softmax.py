"""Cuts embeddings and softmax to the subwords that occur; saved models have all of them again.

Rows that do not occur come back as they were: nothing has been learnt of them. So any text can be
read later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedModel

from massive_kit.engine.embedding_rows import embedding_of


@dataclass(frozen=True, slots=True)
class TrimmedSoftmax:
    """What is needed to go back; `restore` changes it in place.

    Attributes:
        kept: The full ids of the rows that stay, ascending.
        embeddings: All word embeddings before training.
        outputs: All rows of the output layer before training; `None` where the word embeddings are
            it, or there is none.
        bias: That of the output layer, or of the head; `None` where there is none.
        vocabulary: The size that the configuration names.
    """

    kept: NDArray[np.int32]
    embeddings: Tensor
    outputs: Tensor | None
    bias: Tensor | None
    vocabulary: int | None

    @property
    def table(self) -> NDArray[np.int32]:
        """Shape (vocabulary,): the small id of each full id, -1 for those left out."""
        table = np.full(len(self.embeddings), -1, np.int32)
        table[self.kept] = np.arange(len(self.kept), dtype=np.int32)
        return table


def trim(
    model: PreTrainedModel, occurring: Iterable[NDArray[np.int32]], pad: int
) -> TrimmedSoftmax:
    """Cuts a model to the subwords that occur.

    Args:
        model: An encoder with a head, a text-to-text model or a decoder.
        occurring: Ids that have to stay.
        pad: The id that fills texts up.
    """
    embedding, output, holder = _parts(model)
    full = embedding.weight.detach()
    stays = np.zeros(len(full), np.bool_)
    for ids in occurring:
        stays[ids] = True
    # Bodies tell padding, and what decoding begins with, by their ids: these keep them, and with
    # them all below.
    start = getattr(model.config, "decoder_start_token_id", None)
    stays[: max(pad, start or 0) + 1] = True
    kept = np.flatnonzero(stays).astype(np.int32)
    rows = torch.from_numpy(kept).long()
    tied = output is None or output.weight is embedding.weight
    trimmed = TrimmedSoftmax(
        kept=kept,
        embeddings=full,
        outputs=None if tied else output.weight.detach(),
        bias=None if holder is None else holder.bias.detach(),
        vocabulary=getattr(model.config, "vocab_size", None),
    )
    _put(
        model,
        full[rows],
        None if trimmed.outputs is None else trimmed.outputs[rows],
        None if trimmed.bias is None else trimmed.bias[rows],
        None if trimmed.vocabulary is None else len(kept),
    )
    return trimmed


def restore(model: PreTrainedModel, trimmed: TrimmedSoftmax) -> None:
    """Puts the trained rows back among all others, and these into the model; once."""
    embedding, output, holder = _parts(model)

    def whole(before: Tensor | None, rows: Tensor | None) -> Tensor | None:
        if before is None or rows is None:
            return None
        full = before.to("cpu")
        full[torch.from_numpy(trimmed.kept).long()] = rows.detach().to("cpu", full.dtype)
        return full

    embeddings = whole(trimmed.embeddings, embedding.weight)
    assert embeddings is not None
    _put(
        model,
        embeddings,
        whole(trimmed.outputs, None if output is None else output.weight),
        whole(trimmed.bias, None if holder is None else holder.bias),
        trimmed.vocabulary,
    )


def _parts(model: PreTrainedModel) -> tuple[Any, Any, Any]:
    """Word embeddings, output layer, and what holds a bias for each subword."""
    output = model.get_output_embeddings()
    holder = output
    if output is None:
        head = getattr(model, "head", None)
        holder = head if head is not None and head.weight is None else None
    has_bias = holder is not None and holder.bias is not None
    return model.get_input_embeddings(), output, holder if has_bias else None


def _put(
    model: PreTrainedModel,
    embeddings: Tensor,
    outputs: Tensor | None,
    bias: Tensor | None,
    vocabulary: int | None,
) -> None:
    embedding, output, holder = _parts(model)
    tied = output is not None and output.weight is embedding.weight
    new = embedding_of(embeddings, embedding)
    model.set_input_embeddings(new)
    if bias is not None:
        trained = holder.bias.requires_grad
        holder.bias = nn.Parameter(bias.to(holder.bias.device), requires_grad=trained)
    if tied:
        output.weight = new.weight
    elif outputs is not None:
        trained = output.weight.requires_grad
        output.weight = nn.Parameter(outputs.to(output.weight.device), requires_grad=trained)
    if output is not None:
        output.out_features = len(embeddings)
    if vocabulary is not None:
        model.config.vocab_size = vocabulary
