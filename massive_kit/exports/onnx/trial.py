"""Graphs tried in a folder: each is loaded as users load it, and asked what the run was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from massive_kit.exports.onnx.gate import GateLimits, GateResult, GateSample, Reading
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import ConfidentSystem
from massive_kit.systems.kind import kind_of
from massive_kit.systems.subwords.portable import GRAPH, write_hashes

# Enough to tell which layer suffers most.
_DRIFT_ROWS = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """Where graphs are tried.

    Attributes:
        folder: A model folder; the graph tried last stands in it.
        recipe: The recipe of the export.
        sample: What is read.
        expected: How the run reads it.
        limits: What may be lost.
    """

    folder: Path
    recipe: Recipe
    sample: GateSample
    expected: Sequence[Reading]
    limits: GateLimits

    def gate(self, graph: bytes | None = None) -> GateResult:
        """How a graph reads the sample, beside the run.

        Args:
            graph: The file; the one that is in the folder if not given.
        """
        self.put(graph)
        system = kind_of(self.recipe).load(self.folder, self.recipe)
        readings = self.sample.readings(system)
        return GateResult.of(self.sample, self.expected, readings, self.limits)

    def confidences(self, graph: bytes | None = None) -> list[float]:
        """How sure a graph is of some of the sample."""
        self.put(graph)
        system = kind_of(self.recipe).load(self.folder, self.recipe)
        assert isinstance(system, ConfidentSystem)
        every = self.sample.utterances
        places = np.linspace(0, len(every) - 1, min(len(every), _DRIFT_ROWS)).astype(int)
        sure = system.predict_confidently([every[place] for place in places])
        return [prediction.confidence for prediction in sure]

    def put(self, graph: bytes | None) -> None:
        """Writes a graph into the folder."""
        if graph is not None:
            (self.folder / GRAPH).write_bytes(graph)
        write_hashes(self.folder)
