"""Which labels stand next to each other where labels were learnt.

A model that reads each token's label for itself breaks spans of a language that it has not learnt:
it is unsure of one token, and sure of those around it. What stands next to what is known of the
labelled rows, and holds in other languages for the most part where it does not say which comes
first: a date stands beside another token of the date, and hardly ever beside a song's name. Chains
of labels are usual in slot filling (Lafferty et al. 2001; Xu and Sarikaya 2013,
doi.org/10.1109/ASRU.2013.6707709); here they are counted, not trained, and in both orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import label_integers
from massive_kit.data.split import DataSplit
from massive_kit.errors import ContentError, MissingDataError, Problem

FILE = "label_transitions.safetensors"
_ARRAY = "transitions"
# Added to the neighbours of each label, as often as each occurs anywhere.
_MORE = 5.0
# What never occurs anywhere is as rare as this.
_RAREST = 1e-9

Transitions = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelTransitions:
    """How much likelier labels are beside each other than anywhere.

    Attributes:
        logarithms: Shape (labels, labels), of the ratio of how often the second is a neighbour of
            the first to how often it occurs.
    """

    logarithms: Transitions

    @classmethod
    def count(
        cls, splits: Sequence[DataSplit], inventory: Inventory, rows: int | None
    ) -> LabelTransitions:
        """Those of rows with labels.

        Args:
            splits: A split of each locale.
            inventory: The labels.
            rows: Most rows of each locale, as training takes them.
        """
        names = ["labels", *["boundaries"] * (inventory.scheme == "brackets")]
        count = len(inventory.labels)
        occur, beside = np.zeros(count), np.zeros((count, count))
        for split in splits:
            table, chosen = split.read(names), split.capped_rows(rows)
            table = table if chosen is None else table.take(pa.array(chosen))
            table = table.filter(pc.is_valid(table.column("labels"))).combine_chunks()
            if not len(table):
                continue
            boundaries = table.column("boundaries").chunk(0) if "boundaries" in names else None
            labels = label_integers(table.column("labels").chunk(0), boundaries, inventory)
            occur += np.bincount(labels.flat, minlength=count)
            # Where a row begins, the label before is another row's.
            goes_on = np.ones(len(labels.flat), bool)
            goes_on[labels.offsets[:-1][np.diff(labels.offsets) > 0]] = False
            second = np.flatnonzero(goes_on)
            np.add.at(beside, (labels.flat[second - 1], labels.flat[second]), 1)
        beside += beside.T
        anywhere = occur / max(occur.sum(), 1.0)
        likely = (beside + _MORE * anywhere) / (beside.sum(axis=1, keepdims=True) + _MORE)
        ratio = (likely + _RAREST) / (anywhere + _RAREST)
        return cls(np.log(ratio).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes them into a model folder."""
        from safetensors.numpy import save_file

        save_file({_ARRAY: self.logarithms}, folder / FILE)

    @classmethod
    def load(cls, folder: Path, labels: int) -> LabelTransitions:
        """Those of so many labels in a model folder; nothing in the file is run.

        Raises:
            MissingDataError: The run was trained without them.
            ContentError: The file cannot be read, or belongs to another model.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path, key = folder / FILE, "inference.transitions"
        if not path.is_file():
            raise MissingDataError(
                f"{path} not found; train with {key}, or add it with `massive-kit configure`"
            )
        try:
            arrays = load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            arrays = {}
            found = f"cannot be read: {error}"
        else:
            found = "something else"
        array = arrays.get(_ARRAY)
        shape = (labels, labels)
        if array is None or array.shape != shape or not np.isfinite(array).all():
            problem = Problem(
                str(path),
                found,
                f"finite numbers of shape {shape}",
                f"`massive-kit configure RUN --out NEW -o {key}.weight=0.1` makes it anew",
            )
            raise ContentError(f"{path} is damaged", [problem])
        return cls(array.astype(np.float32))


def mean_transitions(transitions: Sequence[Transitions | None]) -> Transitions | None:
    """The mean of what several systems add to chains of labels; `None` where none adds anything."""
    known = [one for one in transitions if one is not None]
    if not known:
        return None
    mean: Transitions = np.stack(known).sum(axis=0) / np.float32(len(transitions))
    return mean
