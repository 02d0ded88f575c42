"""Labels are read out of mean distributions as an encoder reads its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.systems.composite.reading import read_labels

INVENTORY = Inventory.of([("alarm", None), ("play", None)], ["song", "time"])


def distributions(
    intents: list[list[float]], labels: list[list[float]], lengths: list[int]
) -> LabelDistributions:
    with np.errstate(divide="ignore"):
        return LabelDistributions(
            np.log(np.array(intents)).astype(np.float32),
            np.log(np.array(labels)).astype(np.float32),
            np.cumsum([0, *lengths]),
            np.ones(sum(lengths), np.bool_),
        )


def test_the_likeliest_of_the_mean_wins_and_confidence_is_its_probability() -> None:
    first = distributions([[0.9, 0.1]], [[0.6, 0.4, 0.0], [0.5, 0.1, 0.4]], [2])
    second = distributions([[0.2, 0.8]], [[0.1, 0.9, 0.0], [0.7, 0.3, 0.0]], [2])
    predicted = read_labels(mean_of([first, second]), (), INVENTORY)
    assert predicted.intents.tolist() == [0]
    assert predicted.labels.tolist() == [1, 0]
    assert predicted.confidences is not None
    np.testing.assert_allclose(predicted.confidences, [0.55 * 0.6], atol=1e-3)


def test_intent_and_labels_that_never_stood_together_are_not_read_together() -> None:
    # The second slot is the likeliest label, and goes with the less likely intent alone.
    outputs = distributions([[0.6, 0.4]], [[0.1, 0.1, 0.8]], [1])
    together = read_labels(outputs, [[0, 1], [0, 2]], INVENTORY)
    assert (together.intents.tolist(), together.labels.tolist()) == ([1], [2])
    apart = read_labels(outputs, (), INVENTORY)
    assert (apart.intents.tolist(), apart.labels.tolist()) == ([0], [2])


def test_tokens_that_were_not_read_have_no_say_in_the_intent() -> None:
    outputs = distributions([[0.6, 0.4]], [[0.8, 0.1, 0.1], [0.01, 0.01, 0.98]], [2])
    outputs.read[1] = False
    assert read_labels(outputs, [[0, 1], [0, 2]], INVENTORY).intents.tolist() == [0]


def test_rows_of_other_lengths_and_empty_ones_keep_their_order() -> None:
    rng = np.random.default_rng(0)
    lengths = [3, 0, 7, 1]
    labels = rng.dirichlet(np.ones(3), sum(lengths)).tolist()
    intents = rng.dirichlet(np.ones(2), len(lengths)).tolist()
    predicted = read_labels(distributions(intents, labels, lengths), (), INVENTORY)
    assert predicted.intents.tolist() == np.argmax(intents, axis=1).tolist()
    assert predicted.labels.tolist() == np.argmax(labels, axis=1).tolist()


def test_without_intents_only_labels_are_read() -> None:
    inventory = Inventory.of([], ["time"])
    predicted = read_labels(distributions([[]], [[0.2, 0.8]], [1]), (), inventory)
    assert (predicted.intents.tolist(), predicted.labels.tolist()) == ([-1], [1])


def test_probabilities_that_half_precision_cannot_tell_apart_are_told_apart() -> None:
    likely = distributions([[0.06, 0.0601]], [[0.3000, 0.3001, 0.2]], [1])
    predicted = read_labels(mean_of([likely, likely]), (), INVENTORY)
    assert (predicted.intents.tolist(), predicted.labels.tolist()) == ([1], [1])


def test_texts_without_tokens_have_an_intent() -> None:
    outputs = distributions([[0.2, 0.8], [0.9, 0.1]], [], [0, 0])
    outputs = replace(outputs, labels=np.zeros((0, 3), np.float32))
    for allowed in ((), [[0, 1], [0, 2]]):
        predicted = read_labels(outputs, allowed, INVENTORY)
        assert predicted.intents.tolist() == [1, 0]
        assert predicted.confidences is not None
        np.testing.assert_allclose(predicted.confidences, [0.8, 0.9], atol=1e-3)


def test_a_span_goes_on_over_tokens_of_one_subword() -> None:
    brackets = Inventory.of([("alarm", None), ("play", None)], ["time"], "brackets")
    outputs = distributions([[0.9, 0.1]], [[0.1, 0.8, 0.1]] * 4, [4])
    apart = read_labels(outputs, (), brackets)
    assert [brackets.labels[label] for label in apart.labels] == ["B-time"] * 4
    shared = np.array([False, True, False, True])
    together = read_labels(replace(outputs, shared=shared), (), brackets)
    expected = ["B-time", "I-time", "B-time", "I-time"]
    assert [brackets.labels[label] for label in together.labels] == expected
    outputs.read[1:] = False
    unread = read_labels(outputs, (), brackets)
    assert [brackets.labels[label] for label in unread.labels] == ["B-time", *["I-time"] * 3]


def test_a_subword_of_two_tokens_counts_once_in_the_intent() -> None:
    # Twice 0.7 to 0.3 would win over 0.75 to 0.25, once does not.
    outputs = distributions([[0.75, 0.25]], [[0.0, 0.3, 0.7]] * 2, [2])
    allowed = [[0, 1], [0, 2]]
    assert read_labels(outputs, allowed, INVENTORY).intents.tolist() == [1]
    shared = replace(outputs, shared=np.array([False, True]))
    assert read_labels(shared, allowed, INVENTORY).intents.tolist() == [0]
