"""A vocabulary that is saved trimmed: the subwords of what is read, with a tokenizer of them.

Most of a small multilingual encoder is word embeddings, and most of these stand for text that no
utterance holds (Ushio et al. 2023, arXiv 2305.15020).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.data.unlabelled_text import text_split
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.engine.tokenizer_trimming import trimmed_tokenizer
from massive_kit.engine.tokenizers import backend_of, fingerprint
from massive_kit.errors import MassiveKitError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.kind import Facts
from massive_kit.systems.subwords.alignment import align_tokens

_LOG = logging.getLogger(__name__)
FILE = "full_ids.npz"
_ARRAY = "full_ids"
# A new way of reading must not find what an older one left in the cache.
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class SavedVocabulary:
    """Which subwords of a base a model has.

    Attributes:
        tokenizer: The tokenizer of these alone.
        kept: Shape (subwords,), the id that each has in the model it starts from.
        full_ids: The same, in the model whose vocabulary was whole.
        full: How many subwords the tokenizer of the model had that it starts from.
    """

    tokenizer: Any
    kept: NDArray[np.int32]
    full_ids: NDArray[np.int32]
    full: int

    @classmethod
    def of(
        cls, recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any
    ) -> SavedVocabulary | None:
        """The vocabulary of the text that a recipe reads; `None` where the whole one is saved.

        Args:
            recipe: The recipe.
            task_data: The task on its data; of which the text alone is read, and of that no dev or
                test text.
            tokenizer: The whole one.

        Raises:
            ConfigError: The tokenizer cannot be trimmed, or not so far.
        """
        if recipe.model.vocabulary == "whole":
            return None
        counts = np.zeros(len(tokenizer), np.int64)
        for split in _splits(recipe, task_data):
            read = _subwords(split, recipe, tokenizer)
            counts[read["ids"]] += read["counts"]
        often = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].astype(np.int32)
        size = recipe.model.vocabulary
        trimmed = trimmed_tokenizer(tokenizer, often, None if isinstance(size, str) else size)
        assert recipe.model.base is not None
        before = read_full_ids(Path(recipe.model.base))
        full_ids = trimmed.full_ids if before is None else before[trimmed.full_ids]
        return cls(trimmed.tokenizer, trimmed.full_ids, full_ids, len(tokenizer))

    def facts(self, dev: EncoderDataset) -> Facts:
        """For `run.json`: its size, and how much of the dev text it does not know."""
        unknown = unknown_subwords(dev, self.tokenizer)
        _LOG.info(
            "%d of %d subwords are kept; of %d of the dev text %d are unknown",
            len(self.kept),
            self.full,
            len(dev.subwords),
            unknown,
        )
        return {
            "vocabulary": len(self.kept),
            "vocabulary_of_base": self.full,
            "dev_subwords": len(dev.subwords),
            "dev_unknown_subwords": unknown,
        }


def cut_embeddings(body: PreTrainedModel, kept: NDArray[np.int32]) -> None:
    """Leaves an encoder the embeddings of some subwords, in the order given."""
    embedding = body.get_input_embeddings()
    rows = embedding.weight.detach()[torch.from_numpy(kept).long()].clone()
    # In the module that is there: what stands on the body fills new modules with random weights.
    embedding.weight = nn.Parameter(rows, requires_grad=embedding.weight.requires_grad)
    embedding.num_embeddings = len(kept)
    body.config.vocab_size = len(kept)


def unknown_subwords(data: EncoderDataset, tokenizer: Any) -> int:
    """How many subwords of some rows stand for letters that a tokenizer does not know."""
    unknown = tokenizer.unk_token_id
    return 0 if unknown is None else int((data.subwords == unknown).sum())


def write_full_ids(folder: Path, full_ids: NDArray[np.int32]) -> None:
    """Writes into a model folder which ids its subwords have where the vocabulary is whole."""
    write_arrays(folder / FILE, {_ARRAY: full_ids})


def read_full_ids(folder: Path) -> NDArray[np.int32] | None:
    """What `write_full_ids` wrote; `None` where the vocabulary is whole.

    Raises:
        ContentError: The file is damaged.
        MassiveKitError: It is not what was written.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    ids = read_arrays(path).get(_ARRAY)
    if ids is None or ids.dtype != np.int32 or ids.ndim != 1 or (np.diff(ids) <= 0).any():
        raise MassiveKitError(f"{path} is not what a run writes; train again")
    return ids


def _splits(recipe: EncoderRecipe, task_data: TaskData) -> Iterator[DataSplit]:
    """The text that a recipe reads, a locale at a time."""
    splits = [task_data.train]
    if (locales := recipe.text_locales()) is not None:
        splits.append(text_split(task_data, locales, "recipe: objective.text"))
    if task_data.parallel is not None:
        splits.append(task_data.parallel.split)
    for split in splits:
        yield from split.unlabelled().by_locale()


def _subwords(split: DataSplit, recipe: EncoderRecipe, tokenizer: Any) -> Part:
    """The `ids` of the subwords of a locale's text, and the `counts` of each."""
    most = recipe.training.train_rows
    placement, max_length = recipe.model.placement, recipe.model.max_length

    def read() -> Part:
        table = split.read(["utt", "tokens"], most)
        aligned = align_tokens(
            backend_of(tokenizer),
            table["utt"].to_pylist(),
            table["tokens"].to_pylist(),
            placement=placement,
            max_length=max_length,
        )
        ids, counts = np.unique(aligned.subwords, return_counts=True)
        return {"ids": ids, "counts": counts}

    settings = f"occurring {_FORMAT} {fingerprint(tokenizer)} {placement} {max_length} {most}"
    return cached_part(split, settings, read)
