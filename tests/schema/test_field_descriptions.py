"""Every public field is documented once, in the docstring of the class that declares it."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import Field

import massive_kit
from massive_kit import schema
from massive_kit.schema.config import Strict
from massive_kit.schema.field_descriptions import (
    DescribedJsonSchema,
    documented_attributes,
    field_descriptions,
    model_description,
)
from massive_kit.systems.kind import kinds

PACKAGE = Path(massive_kit.__file__).parent


def subclasses(model: type[Strict]) -> Iterator[type[Strict]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


@cache
def models() -> list[type[Strict]]:
    """Every model of the package, found by being there."""
    for info in pkgutil.iter_modules(schema.__path__, "massive_kit.schema."):
        import_module(info.name)
    recipes = [kind.recipe for kind in kinds().values()]
    assert recipes
    for path in PACKAGE.rglob("*.py"):
        if re.search(r"\bStrict\b", path.read_text(encoding="utf-8")):
            import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
    in_package = {m for m in subclasses(Strict) if m.__module__.startswith("massive_kit.")}
    assert in_package > {*recipes}
    return sorted(in_package, key=lambda model: (model.__module__, model.__qualname__))


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_field_is_documented(model: type[Strict]) -> None:
    descriptions = field_descriptions(model)
    where = f"Attributes: of {model.__module__}.{model.__qualname__}"
    missing = model.model_fields.keys() - descriptions.keys()
    assert not missing, f"{where} lacks {sorted(missing)}"
    invented = documented_attributes(model).keys() - model.model_fields.keys()
    assert not invented, f"{where} names {sorted(invented)}, which are not fields"
    unfinished = [name for name, text in descriptions.items() if not text.endswith(".")]
    assert not unfinished, f"{where}: {unfinished} are not sentences"
    assert model_description(model)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_no_field_is_documented_twice(model: type[Strict]) -> None:
    described = [name for name, field in model.model_fields.items() if field.description]
    assert not described, f"{model.__qualname__}: {described} belong under Attributes:"


class Plain(Strict):
    """A model.

    It has two paragraphs,
    the second in two lines.

    Attributes:
        count: How many there are: in a line
            and another one.

        name: What it is called.

    Raises:
        ValueError: It is not an attribute.
    """

    count: int = Field(ge=0)
    name: str = ""


class Extended(Plain):
    """A model with more.

    Attributes:
        name: What else it is called.
        inner: Another model.
    """

    inner: Plain


class Bare(Strict):
    value: int


def test_attributes_are_read_from_the_docstring() -> None:
    assert documented_attributes(Plain) == {
        "count": "How many there are: in a line and another one.",
        "name": "What it is called.",
    }
    assert documented_attributes(Bare) == {}


def test_inherited_fields_keep_their_words() -> None:
    assert field_descriptions(Extended) == {
        "count": "How many there are: in a line and another one.",
        "name": "What else it is called.",
        "inner": "Another model.",
    }


def test_a_description_is_the_docstring_without_its_sections() -> None:
    assert model_description(Plain) == (
        "A model.\n\nIt has two paragraphs, the second in two lines."
    )


def test_the_schema_carries_them() -> None:
    generated = Extended.model_json_schema(schema_generator=DescribedJsonSchema)
    assert generated["description"] == "A model with more."
    properties = generated["properties"]
    assert properties["count"]["description"] == "How many there are: in a line and another one."
    # A reference keeps what the field says beside what the model says.
    assert properties["inner"] == {"$ref": "#/$defs/Plain", "description": "Another model."}
    assert generated["$defs"]["Plain"]["properties"]["name"]["description"] == "What it is called."
