"""What a class docstring says of its fields, as the descriptions of a JSON Schema.

Fields are documented once, under `Attributes:` of the class that declares them. The schemas that
ship with the package take their text from there, so that an editor shows it beside the YAML.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

_HEADING = re.compile(r"^[A-Z]\w*:$", re.MULTILINE)
_SECTION = re.compile(r"^Attributes:\n((?:(?: +.*)?\n)*)", re.MULTILINE)
# The text goes on in lines that are indented further than the name.
_ATTRIBUTE = re.compile(r"^ {4}(\w+):((?: .*)?(?:\n {5,}.*)*)", re.MULTILINE)


def documented_attributes(cls: type) -> dict[str, str]:
    """What the docstring of the class itself says under `Attributes:`, by name."""
    section = _SECTION.search(_docstring(cls) + "\n")
    if section is None:
        return {}
    return {match[1]: _unwrapped(match[2]) for match in _ATTRIBUTE.finditer(section[1])}


def field_descriptions(model: type[Any]) -> dict[str, str]:
    """What is known of the fields of a model or dataclass; the nearest class has the last word."""
    descriptions: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        descriptions |= documented_attributes(cls)
    known = {field.name for field in fields(model)} if is_dataclass(model) else model.model_fields
    return {name: text for name, text in descriptions.items() if name in known}


def model_description(model: type) -> str:
    """The docstring of a class without its sections, one line per paragraph."""
    text = _HEADING.split(_docstring(model), maxsplit=1)[0]
    return "\n\n".join(map(_unwrapped, text.strip().split("\n\n")))


class DescribedJsonSchema(GenerateJsonSchema):
    """Generates JSON Schemas whose descriptions come from the docstrings."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """The schema of a model, each field with its description."""
        json_schema = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        json_schema["description"] = model_description(model)
        properties = json_schema.get("properties", {})
        for name, description in field_descriptions(model).items():
            key = model.model_fields[name].alias or name
            properties[key]["description"] = description
        return json_schema

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> dict[str, Any]:
        """The schema of a dataclass, each field with its description."""
        json_schema = super().dataclass_schema(schema)
        json_schema["description"] = model_description(schema["cls"])
        for name, description in field_descriptions(schema["cls"]).items():
            json_schema["properties"][name]["description"] = description
        return json_schema

    def ser_schema(self, schema: Any) -> dict[str, Any] | None:
        """The schema of what a serializer gives: for one that leaves keys out, its model's own."""
        return None if schema["type"] == "function-wrap" else super().ser_schema(schema)

    def enum_schema(self, schema: core_schema.EnumSchema) -> dict[str, Any]:
        """The schema of a closed choice, described in one line per paragraph."""
        json_schema = super().enum_schema(schema)
        json_schema["description"] = model_description(schema["cls"])
        return json_schema


def _docstring(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
