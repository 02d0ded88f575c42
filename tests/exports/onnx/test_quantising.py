"""Weights in 8 bits: near those in floating point, smaller, and only where they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from massive_kit.exports.onnx.quantising import Products, Quantisable

WIDTH = 64


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of a table, through two layers."""
    draw = np.random.default_rng(0).normal
    weights = {
        "table": draw(size=(1200, WIDTH)),
        "first": draw(size=(WIDTH, 40)),
        "second": draw(size=(40, 8)),
    }
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"], "/body/embeddings/Gather"),
        helper.make_node("MatMul", ["rows", "first"], ["hidden"], "/body/encoder/layer.0/MatMul"),
        helper.make_node("MatMul", ["hidden", "second"], ["out"], "/slots/layers/layers.1/MatMul"),
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "two layers",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "subwords"])],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "subwords", 8])],
            [numpy_helper.from_array(v.astype(np.float32), name) for name, v in weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    path = tmp_path_factory.mktemp("graph") / "model.onnx"
    onnx.save(model, str(path))
    return path


def computed(graph: bytes) -> Any:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(None, {"ids": np.array([[0, 1199, 7], [5, 5, 600]])})[0]


@pytest.mark.parametrize("products", [None, *Products])
@pytest.mark.parametrize("embeddings", [False, True])
def test_it_computes_nearly_the_same(
    graph: Path, products: Products | None, *, embeddings: bool
) -> None:
    whole = Quantisable.read(graph)
    before = computed(graph.read_bytes())
    after = computed(whole.quantised(products, ["0", "heads"], embeddings=embeddings))
    assert np.abs(after - before).max() < 0.05 * np.abs(before).max()
    assert np.array_equal(after, before) == (products is None and not embeddings)


def test_layers_are_told_by_their_names_and_kept_by_them(graph: Path) -> None:
    whole = Quantisable.read(graph)
    assert whole.layers() == ["0", "heads"]
    for products in Products:
        model = onnx.load_from_string(whole.quantised(products, ["heads"], embeddings=False))
        kept = {tensor.name for tensor in model.graph.initializer}
        assert {"first", "second_8", "table"} <= kept
        assert "second" not in kept


def test_it_is_smaller(graph: Path) -> None:
    whole = Quantisable.read(graph)
    sizes = [
        len(whole.quantised(products, ["0", "heads"], embeddings=True))
        for products in (None, Products.columns)
    ]
    assert sizes[0] < graph.stat().st_size / 2.5
    assert sizes[1] < graph.stat().st_size / 3.3
