"""Ways of quantising are tried from the boldest on, and the first that passes is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from massive_kit.exports.onnx.ladder import Ladder, Way
from massive_kit.exports.onnx.quantising import Products

LAYERS = ("0", "1", "2", "3", "heads")
# How much each layer suffers in 8 bits.
DRIFT = {"0": 0.1, "1": 0.4, "2": 0.0, "3": 0.3, "heads": 0.2}
COLUMNS, BLOCKS = Way(Products.columns), Way(Products.blocks)


class Graph:
    """A graph whose file is the way that it was made."""

    def layers(self) -> tuple[str, ...]:
        return LAYERS

    def quantised(self, products: Products | None, layers: set[str], *, embeddings: bool) -> Way:
        kept = tuple(name for name in LAYERS if name not in layers)
        return Way(products, kept, embeddings=embeddings)


@dataclass
class Trials:
    """What passes is what a test says.

    Attributes:
        passes: Whether a way does.
        tried: Ways that went through the gate, in order.
        kept: The way whose graph is in the folder.
    """

    passes: Callable[[Way], bool]
    tried: list[Way] = field(default_factory=list)
    kept: Way | None = None

    def put(self, graph: Any) -> None:
        self.kept = graph

    def gate(self, graph: Any) -> Any:
        self.put(graph)
        self.tried.append(graph)
        total = SimpleNamespace(agreement=95.0, loss=0.1, labelled=100)
        return SimpleNamespace(passed=self.passes(graph), total=total, fallen=())

    def confidences(self, graph: Any) -> list[float]:
        if graph.products is None:
            return [1.0, 1.0]
        (quantised,) = {*LAYERS} - {*graph.kept}
        return [1.0 - DRIFT[quantised], 1.0 + DRIFT[quantised]]


def climbed(passes: Callable[[Way], bool]) -> Trials:
    graph: Any = Graph()
    trials: Any = Trials(passes)
    attempt = Ladder(graph, trials, lambda _: None).climb()
    of_trials: Trials = trials
    assert set(attempt.way.kept) == set(trials.kept.kept)
    assert (attempt.way.products, attempt.way.embeddings) == (
        trials.kept.products,
        trials.kept.embeddings,
    )
    return of_trials


def in_floats(*layers: str) -> Way:
    return Way(Products.blocks, tuple(name for name in LAYERS if name in layers))


def with_embeddings(way: Way) -> Way:
    return Way(way.products, way.kept, embeddings=True)


@pytest.mark.parametrize(
    ("first", "before"),
    [
        (COLUMNS, []),
        (BLOCKS, [COLUMNS]),
        (in_floats("1"), [COLUMNS, BLOCKS]),
        (in_floats("1", "3"), [COLUMNS, BLOCKS, in_floats("1")]),
    ],
)
def test_the_first_way_that_passes_is_kept(first: Way, before: list[Way]) -> None:
    trials = climbed(lambda way: way in (first, with_embeddings(first)))
    assert trials.tried == [*before, first, with_embeddings(first)]
    assert trials.kept == with_embeddings(first)


def test_embeddings_stay_where_they_do_not_pass() -> None:
    trials = climbed(lambda way: way == BLOCKS)
    assert trials.tried == [COLUMNS, BLOCKS, with_embeddings(BLOCKS)]
    assert trials.kept == BLOCKS


def test_embeddings_alone_are_tried_last() -> None:
    trials = climbed(lambda way: way == Way(embeddings=True))
    assert trials.tried == [
        COLUMNS,
        BLOCKS,
        in_floats("1"),
        in_floats("1", "3"),
        Way(embeddings=True),
    ]


def test_what_fails_in_every_way_is_told_as_failed() -> None:
    graph: Any = Graph()
    trials: Any = Trials(lambda _: False)
    assert not Ladder(graph, trials, lambda _: None).climb().gate.passed
