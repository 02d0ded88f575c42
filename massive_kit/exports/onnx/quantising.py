"""Weights of an ONNX graph as 8-bit integers, in the places that are asked for.

What stands between products stays in floating point: layer norms, softmax, sums.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_LAYER = re.compile(r"/body/.*?/layers?\.(\d+)/")
_ELSEWHERE = "heads"
# The operators that read weights of 32 numbers with one scale.
_RUNTIME = "com.microsoft"
_BLOCK = 32
# 7 bits: on processors without VNNI, sums of pairs of products of 8 bits overflow, and silently so.
_COLUMN_LIMIT = 63
_LIMIT, _MIDDLE = 127, 128
# A smaller table is not worth it: every subword reads it, and it takes no room.
_LEAST_ROWS = 1024
_FLOAT = 1
_MATRIX = 2


class Products(StrEnum):
    """How products with weights are computed in integers.

    `columns`: a scale for each column of the weights, and one for all that they multiply at a time
    (`MatMulInteger`): the fastest, and the one that outliers break. `blocks`: scales for blocks of
    32 numbers on both sides (`MatMulNBits`).
    """

    columns = "columns"
    blocks = "blocks"


@dataclass(frozen=True, slots=True)
class Quantisable:
    """A graph in floating point, and what of it can be of 8 bits.

    Attributes:
        model: The graph, an `onnx.ModelProto`.
        weights: Its constant tensors by name.
    """

    model: Any
    weights: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Quantisable:
        """The graph in a file."""
        model = onnx.load(str(path))
        return cls(model, {tensor.name: tensor for tensor in model.graph.initializer})

    def layers(self) -> list[str]:
        """Where weights multiply, in order: numbers of layers, and `heads`."""
        nodes = self.model.graph.node
        return [*dict.fromkeys(_layer(node) for node in nodes if self._is_product(node))]

    def quantised(
        self, products: Products | None, layers: Collection[str], *, embeddings: bool
    ) -> bytes:
        """The graph with some weights in 8 bits, as a file.

        Args:
            products: How products are computed.
            layers: Those of `layers()` in which they are; the others stay.
            embeddings: Whether tables of embeddings have rows of 8 bits with a scale each.
        """
        parts = _Parts()
        for node in self.model.graph.node:
            if products and self._is_product(node) and _layer(node) in layers:
                weights = self.weights[node.input[1]]
                if products is Products.columns:
                    parts.multiply_columns(node, weights)
                else:
                    parts.multiply_blocks(node, weights)
            elif embeddings and self._is_table(node):
                parts.look_up(node, self.weights[node.input[0]])
            else:
                parts.nodes.append(node)
        used = {name for node in parts.nodes for name in node.input}
        kept = [tensor for name, tensor in self.weights.items() if name in used]
        graph = self.model.graph
        new = helper.make_model(
            helper.make_graph(
                parts.nodes, graph.name, graph.input, graph.output, [*kept, *parts.tensors.values()]
            ),
            opset_imports=[*self.model.opset_import, helper.make_opsetid(_RUNTIME, 1)],
            ir_version=self.model.ir_version,
        )
        data: bytes = new.SerializeToString()
        return data

    def _is_product(self, node: Any) -> bool:
        return node.op_type == "MatMul" and self._is_matrix(node.input[1])

    def _is_table(self, node: Any) -> bool:
        if node.op_type != "Gather" or not self._is_matrix(node.input[0]):
            return False
        rows: int = self.weights[node.input[0]].dims[0]
        return rows >= _LEAST_ROWS

    def _is_matrix(self, name: str) -> bool:
        return name in self.weights and len(self.weights[name].dims) == _MATRIX


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a new graph consists of.

    Attributes:
        nodes: Its operators, in order.
        tensors: New constant tensors, by name.
        inputs: What is multiplied and is in 8 bits already.
    """

    nodes: list[Any] = field(default_factory=list)
    tensors: dict[str, Any] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)

    def multiply_columns(self, node: Any, weights: Any) -> None:
        """Adds a product of integers, scaled back."""
        (source, name), (out,) = node.input, node.output
        if f"{name}_8" not in self.tensors:
            values = numpy_helper.to_array(weights)
            scales = _scales(values, 0, _COLUMN_LIMIT)
            self._keep(f"{name}_8", np.rint(values / scales).astype(np.int8))
            self._keep(f"{name}_scales", scales[0])
        if source not in self.inputs:
            self.inputs.add(source)
            ends = [f"{source}_8", f"{source}_scale", f"{source}_zero"]
            self._add("DynamicQuantizeLinear", [source], ends)
        factors = [f"{source}_8", f"{name}_8", f"{source}_zero"]
        self._add("MatMulInteger", factors, [f"{out}_sum"])
        self._add("Cast", [f"{out}_sum"], [f"{out}_float"], to=_FLOAT)
        self._add("Mul", [f"{source}_scale", f"{name}_scales"], [f"{out}_scales"])
        self._add("Mul", [f"{out}_float", f"{out}_scales"], [out])

    def multiply_blocks(self, node: Any, weights: Any) -> None:
        """Adds a product with weights in blocks."""
        (source, name), (out,) = node.input, node.output
        rows, columns = weights.dims
        if f"{name}_8" not in self.tensors:
            blocks = -(-rows // _BLOCK)
            values = np.zeros((columns, blocks * _BLOCK), np.float32)
            values[:, :rows] = numpy_helper.to_array(weights).T
            values = values.reshape(columns, blocks, _BLOCK)
            scales = _scales(values, 2, _LIMIT)
            self._keep(f"{name}_8", (np.rint(values / scales) + _MIDDLE).astype(np.uint8))
            self._keep(f"{name}_scales", scales.reshape(-1))
        self._add(
            "MatMulNBits",
            [source, f"{name}_8", f"{name}_scales"],
            [out],
            domain=_RUNTIME,
            K=rows,
            N=columns,
            bits=8,
            block_size=_BLOCK,
            # What is multiplied becomes 8 bits, too, block by block.
            accuracy_level=4,
        )

    def look_up(self, node: Any, weights: Any) -> None:
        """Adds rows of a table in integers, scaled back."""
        (name, places), (out,) = node.input, node.output
        if f"{name}_8" not in self.tensors:
            values = numpy_helper.to_array(weights)
            scales = _scales(values, 1, _LIMIT)
            self._keep(f"{name}_8", np.rint(values / scales).astype(np.int8))
            self._keep(f"{name}_scales", scales)
        self._add("Gather", [f"{name}_8", places], [f"{out}_row"])
        self._add("Gather", [f"{name}_scales", places], [f"{out}_row_scales"])
        self._add("Cast", [f"{out}_row"], [f"{out}_row_float"], to=_FLOAT)
        self._add("Mul", [f"{out}_row_float", f"{out}_row_scales"], [out])

    def _add(self, operator: str, inputs: list[str], outputs: list[str], **settings: Any) -> None:
        self.nodes.append(helper.make_node(operator, inputs, outputs, **settings))

    def _keep(self, name: str, values: NDArray[Any]) -> None:
        self.tensors[name] = numpy_helper.from_array(values, name)


def _layer(node: Any) -> str:
    match = _LAYER.search(node.name)
    return match[1] if match else _ELSEWHERE


def _scales(values: NDArray[np.float32], axis: int, limit: int) -> NDArray[np.float32]:
    largest = np.abs(values).max(axis=axis, keepdims=True)
    # A row of zeros, such as that of the padding, has any scale.
    scales: NDArray[np.float32] = np.where(largest > 0, largest / limit, 1).astype(np.float32)
    return scales
