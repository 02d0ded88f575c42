"""Which weights of a graph become 8-bit integers: from the boldest way down to the first that does.

Dynamic quantisation of multilingual encoders often breaks them: some numbers between layers are far
larger than the others, and one scale for all leaves these few steps. So each way is measured, and
the first that passes the gate is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from massive_kit.exports.onnx.gate import GateResult
from massive_kit.exports.onnx.quantising import Products, Quantisable
from massive_kit.exports.onnx.trial import Trial

_WORDS = {
    Products.columns: "products in 8 bits, a scale per column of the weights",
    Products.blocks: "products in 8 bits, a scale per block of 32 numbers",
}


@dataclass(frozen=True, slots=True)
class Way:
    """What of a graph is in 8 bits.

    Attributes:
        products: How products with weights are computed; `None` for in floating point.
        kept: The layers whose products are in floating point all the same.
        embeddings: Whether tables of embeddings are.
    """

    products: Products | None = None
    kept: tuple[str, ...] = ()
    embeddings: bool = False

    def words(self) -> tuple[str, ...]:
        """It in words, a line each."""
        lines = ["embeddings as rows of 8 bits"] if self.embeddings else []
        if self.products:
            kept = f"; in float32: {_listed(self.kept)}" if self.kept else ""
            lines.insert(0, f"{_WORDS[self.products]}{kept}")
        return tuple(lines)

    def graph(self, of: Quantisable) -> bytes:
        """The graph so."""
        layers = {*of.layers()} - {*self.kept}
        return of.quantised(self.products, layers, embeddings=self.embeddings)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way that was tried.

    Attributes:
        way: The way.
        gate: How the graph reads so, beside the run.
    """

    way: Way
    gate: GateResult


@dataclass(frozen=True, slots=True)
class Ladder:
    """Tries ways of quantising a graph.

    Attributes:
        graph: The graph in floating point.
        trial: Where graphs are tried.
        note: Told of each try.
    """

    graph: Quantisable
    trial: Trial
    note: Callable[[str], None]

    def climb(self) -> Attempt:
        """The first way that passes, or one that does not; its graph is in the trial's folder.

        Products first, since they decide how fast it is, and then embeddings on top.
        """
        best: Attempt | None = None
        for way in self._ways_of_products():
            attempt = self._tried(way)
            if attempt.gate.passed:
                best = attempt
                break
        products = best.way if best else Way()
        last = self._tried(Way(products.products, products.kept, embeddings=True))
        if last.gate.passed or best is None:
            return last
        self.trial.put(best.way.graph(self.graph))
        return best

    def _ways_of_products(self) -> Iterator[Way]:
        yield from map(Way, Products)
        worst = self._by_drift(Products.blocks)
        count = 1
        while count <= len(worst) // 2:
            yield Way(Products.blocks, tuple(worst[:count]))
            count *= 2

    def _tried(self, way: Way) -> Attempt:
        gate = self.trial.gate(way.graph(self.graph))
        total = gate.total
        lost = f", {total.loss:+.2f} points of exact match lost" if total.labelled else ""
        fell = f"; {len(gate.fallen)} locales fell" if gate.fallen else ""
        verdict = "passes" if gate.passed else "does not pass"
        self.note(
            f"{'; '.join(way.words())}: {verdict}, {total.agreement:.1f} % read as the run reads"
            f" them{lost}{fell}"
        )
        return Attempt(way, gate)

    def _by_drift(self, products: Products) -> list[str]:
        """The layers, the one first whose products change most what the model is sure of."""
        self.note("measuring how much each layer suffers")
        layers = self.graph.layers()
        before = np.array(self.trial.confidences(Way().graph(self.graph)))
        drift = {}
        for layer in layers:
            others = tuple(name for name in layers if name != layer)
            after = self.trial.confidences(Way(products, others).graph(self.graph))
            drift[layer] = float(np.abs(np.array(after) - before).mean())
        return sorted(layers, key=lambda layer: -drift[layer])


def _listed(layers: tuple[str, ...]) -> str:
    numbers = sorted((name for name in layers if name.isdigit()), key=int)
    words = [f"layer {', '.join(numbers)}"] if numbers else []
    return " and ".join([*words, *(name for name in layers if not name.isdigit())])
