"""Protobuf as it lies in a file: fields with a number and a value, nothing interpreted.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10


class WireError(Exception):
    """The bytes are not protobuf."""


@dataclass(slots=True)
class Budget:
    """How many fields may be read yet; a file of many tiny ones would keep a reader busy.

    Attributes:
        left: So many.
    """

    left: int

    def spend(self) -> None:
        """Counts a field.

        Raises:
            WireError: It is one too many.
        """
        self.left -= 1
        if self.left < 0:
            raise WireError("more fields than any model has")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message.

    Attributes:
        number: Its number.
        kind: How it lies: 0 for a number, 2 for bytes, 1 and 5 for 8 and 4 bytes.
        value: The number, where it is one.
        view: Its bytes, where it has any.
        budget: That of the file.
    """

    number: int
    kind: int
    value: int
    view: memoryview
    budget: Budget

    def parts(self) -> Iterator[Field]:
        """Its fields, where it is a message.

        Raises:
            WireError: It is none.
        """
        if self.kind != _BYTES:
            raise WireError(f"field {self.number} is no message")
        return fields_of(self.view, self.budget)


def fields_of(view: memoryview, budget: Budget) -> Iterator[Field]:
    """The fields of a message, in order.

    Raises:
        WireError: The bytes are none, or there are more than the budget allows.
    """
    at = 0
    while at < len(view):
        budget.spend()
        key, at = _varint(view, at)
        number, kind = key >> 3, key & 7
        value, length = 0, 0
        if kind == _VARINT:
            value, at = _varint(view, at)
        elif kind == _BYTES:
            length, at = _varint(view, at)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise WireError(f"a field of kind {kind}")
        if length > len(view) - at:
            raise WireError("a field that ends behind the file")
        yield Field(number, kind, value, view[at : at + length], budget)
        at += length


def number_of(part: Field) -> int:
    """The number in a field.

    Raises:
        WireError: It holds none.
    """
    if part.kind != _VARINT:
        raise WireError(f"field {part.number} is no number")
    return _signed(part.value)


def numbers_of(part: Field) -> list[int]:
    """The numbers in a field, of which there may be several.

    Raises:
        WireError: It holds none.
    """
    if part.kind == _VARINT:
        return [_signed(part.value)]
    if part.kind != _BYTES:
        raise WireError(f"field {part.number} holds no numbers")
    numbers, at = [], 0
    while at < len(part.view):
        value, at = _varint(part.view, at)
        numbers.append(_signed(value))
    return numbers


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for i in range(min(_LONGEST_VARINT, len(view) - at)):
        byte = view[at + i]
        value |= (byte & 127) << (7 * i)
        if not byte & 128:
            return value & ((1 << 64) - 1), at + i + 1
    raise WireError("a number that does not end")
