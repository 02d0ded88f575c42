"""Labels are read out of mean distributions as an encoder reads its own."""

from __future__ import annotations

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.systems.ensemble.reading import read_labels

INVENTORY = Inventory.of([("alarm", None), ("play", None)], ["song", "time"])


def said(
    intents: list[list[float]], labels: list[list[float]], lengths: list[int]
) -> LabelDistributions:
    with np.errstate(divide="ignore"):
        return LabelDistributions(
            np.log(np.array(intents)).astype(np.float16),
            np.log(np.array(labels)).astype(np.float16),
            np.cumsum([0, *lengths]),
            np.ones(sum(lengths), np.bool_),
        )


def test_the_likeliest_of_the_mean_wins_and_confidence_is_its_probability() -> None:
    first = said([[0.9, 0.1]], [[0.6, 0.4, 0.0], [0.5, 0.1, 0.4]], [2])
    second = said([[0.2, 0.8]], [[0.1, 0.9, 0.0], [0.7, 0.3, 0.0]], [2])
    predicted = read_labels(mean_of([first, second]), (), INVENTORY)
    assert predicted.intents.tolist() == [0]
    assert predicted.labels.tolist() == [1, 0]
    assert predicted.confidences is not None
    np.testing.assert_allclose(predicted.confidences, [0.55 * 0.6], atol=1e-3)


def test_intent_and_labels_that_never_stood_together_are_not_read_together() -> None:
    # The second slot is the likeliest label, and goes with the less likely intent alone.
    one = said([[0.6, 0.4]], [[0.1, 0.1, 0.8]], [1])
    together = read_labels(one, [[0, 1], [0, 2]], INVENTORY)
    assert (together.intents.tolist(), together.labels.tolist()) == ([1], [2])
    apart = read_labels(one, (), INVENTORY)
    assert (apart.intents.tolist(), apart.labels.tolist()) == ([0], [2])


def test_tokens_that_were_not_read_have_no_say_in_the_intent() -> None:
    one = said([[0.6, 0.4]], [[0.8, 0.1, 0.1], [0.01, 0.01, 0.98]], [2])
    one.read[1] = False
    assert read_labels(one, [[0, 1], [0, 2]], INVENTORY).intents.tolist() == [0]


def test_rows_of_other_lengths_and_empty_ones_keep_their_order() -> None:
    rng = np.random.default_rng(0)
    lengths = [3, 0, 7, 1]
    labels = rng.dirichlet(np.ones(3), sum(lengths)).tolist()
    intents = rng.dirichlet(np.ones(2), len(lengths)).tolist()
    predicted = read_labels(said(intents, labels, lengths), (), INVENTORY)
    assert predicted.intents.tolist() == np.argmax(intents, axis=1).tolist()
    assert predicted.labels.tolist() == np.argmax(labels, axis=1).tolist()


def test_without_intents_only_labels_are_read() -> None:
    inventory = Inventory.of([], ["time"])
    predicted = read_labels(said([[]], [[0.2, 0.8]], [1]), (), inventory)
    assert (predicted.intents.tolist(), predicted.labels.tolist()) == ([-1], [1])
