"""The mean of what several say counts each by its weight."""

from __future__ import annotations

import numpy as np
import pytest

from massive_kit.data.label_distributions import LabelDistributions, mean_of


def said(likely: float, *, read: bool = True) -> LabelDistributions:
    both = np.log(np.array([[likely, 1 - likely]], np.float32))
    return LabelDistributions(both, both, np.array([0, 1]), np.array([read]))


def test_weights_are_those_of_the_probabilities() -> None:
    pair = [said(0.9), said(0.1, read=False)]
    assert np.exp(mean_of(pair).intents)[0] == pytest.approx([0.5, 0.5])
    weighed = mean_of(pair, [0.75, 0.25])
    assert np.exp(weighed.intents)[0] == pytest.approx([0.7, 0.3])
    assert np.exp(weighed.labels)[0] == pytest.approx([0.7, 0.3])
    assert not weighed.read[0]
    assert weighed.intents.dtype == np.float32
