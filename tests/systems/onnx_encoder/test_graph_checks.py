"""Graphs that reach outside of their file, or bring code, are refused before they are run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from massive_kit.systems.onnx_encoder.graph_checks import graph_problems


def model(*nodes: Any, tensors: Any = (), domain: str = "") -> Any:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", "y")]
    nodes = nodes or (helper.make_node("Add", ["x", "w"], ["y"]),)
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], tensors or [tensor()])
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(name, 18) for name in {"", domain}]
    )


def tensor(**fields: Any) -> Any:
    made = numpy_helper.from_array(np.ones(2, np.float32), "w")
    for name, value in fields.items():
        if isinstance(value, list):
            del getattr(made, name)[:]
            getattr(made, name).extend(value)
        else:
            setattr(made, name, value)
    return made


def outside(path: str) -> Any:
    made = tensor(data_location=TensorProto.EXTERNAL)
    made.ClearField("raw_data")
    entry = made.external_data.add()
    entry.key, entry.value = "location", path
    return made


def branch() -> Any:
    inner = helper.make_graph([], "inner", [], [])
    return helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)


def listed() -> Any:
    return helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])


def functions() -> Any:
    made = model()
    made.functions.add(name="f", domain="local")
    return made


HOSTILE = {
    "external data that climbs out": (
        model(tensors=[outside("../../etc/passwd")]),
        "tensor 'w' keeps its numbers in another file, '../../etc/passwd'",
    ),
    "external data by an absolute path": (
        model(tensors=[outside("/etc/passwd")]),
        "another file, '/etc/passwd'",
    ),
    "external data without a path": (
        model(tensors=[tensor(data_location=TensorProto.EXTERNAL)]),
        "another file, ''",
    ),
    "external data in an attribute": (
        model(helper.make_node("Constant", [], ["y"], value=outside("../w"))),
        "another file, '../w'",
    ),
    "a tensor that declares more than it holds": (
        model(tensors=[tensor(dims=[1 << 40, 1 << 20])]),
        "tensor 'w' is 1099511627776 x 1048576, and holds 8 bytes",
    ),
    "a negative dimension": (model(tensors=[tensor(dims=[-1, -2])]), "is -1 x -2"),
    "numbers of no known size": (model(tensors=[tensor(data_type=8)]), "is of type 8"),
    "listed numbers": (model(tensors=[listed()]), "lists its numbers"),
    "an operator of another domain": (
        model(helper.make_node("Run", ["x"], ["y"], domain="evil.ops")),
        "an operator is of domain 'evil.ops'",
    ),
    "another domain asked for": (
        model(domain="ai.onnx.contrib"),
        "the file asks for domain 'ai.onnx.contrib'",
    ),
    "a branch": (model(branch()), "a graph in an operator"),
    "functions": (functions(), "functions of its own"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_export_writes_is_told(name: str, tmp_path: Path) -> None:
    graph, expected = HOSTILE[name]
    path = tmp_path / "model.onnx"
    path.write_bytes(graph.SerializeToString())
    problems = graph_problems(path)
    assert any(expected in problem.found for problem in problems), problems
    assert all(problem.where == str(path) and problem.todo for problem in problems)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x04K\x01.",
        b"PK\x03\x04" + bytes(60),
        b"\xff" * 30,
        b"\x3a\xff\xff\xff\xff\x0f",
        b"{}",
    ],
)
def test_a_file_that_is_none_is_told(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(raw)
    (problem, *_) = graph_problems(path)
    assert "not an ONNX file" in problem.found or "0 graphs" in problem.found


def test_many_tiny_fields_do_not_keep_a_reader_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x01" * 20_000)
    monkeypatch.setattr("massive_kit.systems.onnx_encoder.graph_checks.MOST_FIELDS", 10_000)
    (problem,) = graph_problems(path)
    assert "more fields than any model has" in problem.found


def test_a_plain_graph_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(model(), str(path))
    assert graph_problems(path) == []
