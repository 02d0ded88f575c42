"""What an ONNX file may hold, found out before a runtime reads it.

The format is protobuf (github.com/onnx/onnx, onnx.proto); fields are read as they lie in the file,
and numbers of tensors are stepped over.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from massive_kit.errors import Problem
from massive_kit.systems.onnx_encoder.wire import (
    Budget,
    Field,
    WireError,
    fields_of,
    number_of,
    numbers_of,
)

# Operators that come with the runtime; others are code that somebody brings.
_DOMAINS = {b"", b"ai.onnx", b"com.microsoft"}
# Bytes of a number by `TensorProto.DataType`.
_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
_TODO = "do not use the file; export the run again"
_MOST_PROBLEMS = 20
# An encoder of 24 layers has some ten thousand.
MOST_FIELDS = 2_000_000


def graph_problems(path: Path) -> list[Problem]:
    """What stands in a graph that no export writes, or that would reach outside of the file."""
    walk = _Walk(str(path))
    try:
        with path.open("rb") as stream:
            # It is closed when the last view of it is gone.
            raw = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        walk.model(memoryview(raw))
    except (WireError, ValueError) as error:
        # An empty file is a ValueError.
        walk.note(f"not an ONNX file: {error}", None)
    return walk.problems[:_MOST_PROBLEMS]


@dataclass(slots=True)
class _Walk:
    """A way through the file.

    Attributes:
        where: The file.
        problems: What was found.
    """

    where: str
    problems: list[Problem] = field(default_factory=list)

    def note(self, found: str, expected: str | None) -> None:
        """Keeps a problem."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.where, found, expected, _TODO))

    def model(self, view: memoryview) -> None:
        """`ModelProto`."""
        graphs = 0
        for part in fields_of(view, Budget(MOST_FIELDS)):
            match part.number:
                case 7:
                    graphs += 1
                    self._graph(part)
                case 8:
                    self._domain(_text(part, 1), "the file asks for")
                case 20:
                    self.note("training steps", "a plain graph")
                case 25:
                    self.note("functions of its own", "a plain graph")
        if graphs != 1:
            self.note(f"{graphs} graphs", "one")

    def _graph(self, graph: Field) -> None:
        for part in graph.parts():
            match part.number:
                case 1:
                    self._node(part)
                case 5:
                    self._tensor(part)
                case 15:
                    self.note("a sparse tensor", "plain tensors")

    def _node(self, node: Field) -> None:
        for part in node.parts():
            match part.number:
                case 7:
                    self._domain(bytes(part.view), "an operator is of")
                case 5:
                    for inner in part.parts():
                        if inner.number in {5, 10}:
                            self._tensor(inner)
                        elif inner.number in {6, 11, 22, 23}:
                            self.note("a graph in an operator", "one without loops or branches")

    def _domain(self, domain: bytes, what: str) -> None:
        if domain not in _DOMAINS:
            shown = domain[:80].decode(errors="replace")
            self.note(f"{what} domain {shown!r}", "operators of ONNX and of ONNX Runtime alone")

    def _tensor(self, tensor: Field) -> None:
        declared = _Tensor()
        for part in tensor.parts():
            declared.read(part)
        for found, expected in declared.problems():
            self.note(f"tensor {declared.name!r} {found}", expected)


@dataclass(slots=True)
class _Tensor:
    """What a tensor says of itself.

    Attributes:
        dims: Its shape.
        kind: The type of its numbers.
        name: Its name.
        size: Bytes that it holds.
        listed: Whether it holds numbers in another way.
        outside: The file that it keeps them in; `None` where it keeps them itself.
    """

    dims: list[int] = field(default_factory=list)
    kind: int = 0
    name: str = ""
    size: int = 0
    listed: bool = False
    outside: str | None = None

    def read(self, part: Field) -> None:
        """Takes a field of `TensorProto`."""
        match part.number:
            case 1:
                self.dims += numbers_of(part)
            case 2:
                self.kind = number_of(part)
            case 8:
                self.name = bytes(part.view[:80]).decode(errors="replace")
            case 9:
                self.size = len(part.view)
            case 4 | 5 | 6 | 7 | 10 | 11:
                self.listed = True
            case 13:
                self.outside = _external(part) or self.outside or ""
            case 14 if number_of(part):
                self.outside = self.outside or ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is found, and what is expected."""
        if self.outside is not None:
            yield f"keeps its numbers in another file, {self.outside!r}", "all in this file"
        elif self.listed:
            yield "lists its numbers", "raw bytes"
        elif self.kind not in _BYTES:
            yield f"is of type {self.kind}", "numbers"
        elif any(n < 0 for n in self.dims) or math.prod(self.dims) * _BYTES[self.kind] != self.size:
            shape = " x ".join(map(str, self.dims)) or "one number"
            yield f"is {shape}, and holds {self.size:,} bytes", "as much as it declares"


def _text(owner: Field, number: int) -> bytes:
    return next((bytes(part.view) for part in owner.parts() if part.number == number), b"")


def _external(entry: Field) -> str | None:
    """The path in an entry of `external_data`."""
    if _text(entry, 1) != b"location":
        return None
    return _text(entry, 2)[:200].decode(errors="replace")
