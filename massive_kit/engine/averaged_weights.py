"""The mean of the weights of several models of one shape, tensor by tensor.

Wortsman 2022 (arxiv.org/abs/2203.05482): models that were fine-tuned from the same start, averaged,
are one model that is no slower than each of them and often better.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from massive_kit.errors import MassiveKitError, MissingDataError, Problem
from massive_kit.files.jsonio import read_json

_WHOLE = "model.safetensors"
_INDEX = f"{_WHOLE}.index.json"
# Tensors that a message names.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class WeightFiles:
    """The weights in a model folder, of which nothing is read but names and shapes.

    Attributes:
        folder: The model folder.
        tensors: For each file its tensors by name, each with its number format and shape.
    """

    folder: Path
    tensors: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, folder: Path) -> WeightFiles:
        """The weights of a model, in one file or several.

        Raises:
            MissingDataError: There are none in safetensors.
            MassiveKitError: A file is damaged.
        """
        names = [_WHOLE]
        if not (folder / _WHOLE).is_file() and (folder / _INDEX).is_file():
            names = _shards(folder / _INDEX)
        if missing := [name for name in names if not (folder / name).is_file()]:
            raise MissingDataError(f"{folder} has no {', '.join(missing)}; no other format is read")
        return cls(folder, {name: _shapes(folder / name) for name in names})

    @property
    def shapes(self) -> dict[str, str]:
        """Number format and shape of every tensor, by name."""
        return {name: shape for file in self.tensors.values() for name, shape in file.items()}

    @property
    def files(self) -> dict[str, Path]:
        """The file of every tensor, by name."""
        return {
            name: self.folder / file for file, tensors in self.tensors.items() for name in tensors
        }


def differing_weights(first: WeightFiles, other: WeightFiles) -> list[Problem]:
    """A problem where two models are not of the same tensors."""
    mine, theirs = first.shapes, other.shapes
    names = sorted(
        name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)
    )
    if not names:
        return []
    shown = ", ".join(f"{name} {theirs.get(name, 'missing')}" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    expected = ", ".join(f"{name} {mine.get(name, 'missing')}" for name in names[:_MOST_NAMED])
    return [Problem(str(other.folder), f"weights {shown}{more}", f"{expected}, as {first.folder}")]


def write_average(models: Sequence[WeightFiles], folder: Path) -> None:
    """Writes the mean of several models' weights into a folder, in files as those of the first.

    A tensor at a time is read of each; sums are in float32, results in the format of the tensor.

    Args:
        models: Of the same tensors each, see `differing_weights`.
        folder: Where to.

    Raises:
        MassiveKitError: Whole numbers, of which there is no mean, differ.
    """
    first = models[0]
    for file, tensors in first.tensors.items():
        means = {name: _mean(name, [model.files[name] for model in models]) for name in tensors}
        save_file(means, folder / file, metadata={"format": "pt"})
    if (first.folder / _INDEX).is_file() and _WHOLE not in first.tensors:
        (folder / _INDEX).write_bytes((first.folder / _INDEX).read_bytes())


@torch.no_grad()
def _mean(name: str, files: Sequence[Path]) -> Tensor:
    with ExitStack() as stack:
        tensors = [stack.enter_context(safe_open(file, "pt")).get_tensor(name) for file in files]
    start = tensors[0]
    if not start.is_floating_point():
        if any(not torch.equal(start, tensor) for tensor in tensors):
            raise MassiveKitError(f"{name} of {files[0].parent} and others are different numbers")
        return start
    total = torch.zeros_like(start, dtype=torch.float32)
    for tensor in tensors:
        total += tensor
    return (total / len(tensors)).to(start.dtype)


def _shapes(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in [*file.keys()]}
            return {
                name: f"{part.get_dtype()} {'x'.join(map(str, part.get_shape()))}"
                for name, part in slices.items()
            }
    except SafetensorError as error:
        raise MassiveKitError(f"{path} cannot be read: {error}; train again") from None


def _shards(index: Path) -> list[str]:
    try:
        files: dict[str, Any] = read_json(index)["weight_map"]
        names = sorted({*files.values()})
    except (ValueError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise MassiveKitError(f"{index} cannot be read: {error}; train again") from None
    if any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise MassiveKitError(f"{index} names files outside of its folder")
    return names
