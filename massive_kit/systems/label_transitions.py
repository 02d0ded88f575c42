"""Which labels stand next to each other where labels were learnt.

A model that reads each token's label for itself breaks spans of a language that it has not learnt:
it is unsure of one token, and sure of those around it. Rows of the language that was learnt say
which slots stand side by side: a date beside another token of the date, and hardly ever beside a
song's name. Which of the two comes first is a matter of the language, and is not counted. Chains of
labels are usual in slot filling (Lafferty et al. 2001; Xu and Sarikaya 2013,
doi.org/10.1109/ASRU.2013.6707709); these are counted, not trained.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import label_integers
from massive_kit.data.split import DataSplit

# Added to how often two slots are neighbours, and to how often they would be by chance.
_MORE = 1.0

# Shape (labels, labels), what is added where the second label follows the first.
Transitions = NDArray[np.float32]


def count_transitions(
    splits: Sequence[DataSplit], inventory: Inventory, rows: int | None
) -> Transitions:
    """How much more often labels are neighbours in labelled rows than they would be by chance.

    Labels of one slot count alike, so that what begins a span and what goes on with it is left to
    the model.

    Args:
        splits: A split of each locale.
        inventory: The labels.
        rows: Most rows of each locale, as training takes them.

    Returns:
        The logarithms of the ratios, the same in both orders; 0 for what no row has.
    """
    names = ["labels", *["boundaries"] * (inventory.scheme == "brackets")]
    slot_of = inventory.slot_numbers(np.arange(len(inventory.labels)))
    count = int(slot_of.max(initial=0)) + 1
    beside = np.zeros((count, count))
    for split in splits:
        table = split.read(names, rows)
        table = table.filter(pc.is_valid(table.column("labels"))).combine_chunks()
        if not len(table):
            continue
        boundaries = table.column("boundaries").chunk(0) if "boundaries" in names else None
        labels = label_integers(table.column("labels").chunk(0), boundaries, inventory)
        slots = slot_of[labels.flat]
        # Where a row begins, the label before is another row's.
        goes_on = np.ones(len(slots), bool)
        goes_on[labels.offsets[:-1][np.diff(labels.offsets) > 0]] = False
        second = np.flatnonzero(goes_on)
        np.add.at(beside, (slots[second - 1], slots[second]), 1)
    beside += beside.T
    total = max(beside.sum(), 1.0)
    shares = beside.sum(axis=1) / total
    by_chance = total * np.outer(shares, shares)
    ratios: Transitions = np.log((beside + _MORE) / (by_chance + _MORE)).astype(np.float32)
    return ratios[np.ix_(slot_of, slot_of)]


def mean_transitions(transitions: Sequence[Transitions | None]) -> Transitions | None:
    """The mean of what several systems add to chains of labels; `None` where none adds anything."""
    known = [added for added in transitions if added is not None]
    if not known:
        return None
    mean: Transitions = np.stack(known).sum(axis=0) / np.float32(len(transitions))
    return mean
