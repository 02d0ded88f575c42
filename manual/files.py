"""The reference of the files that people and other programs write and read, from their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from manual.links import slug
from manual.pages import Page
from manual.tables import cell, table, toctree
from massive_kit.exports.json_schemas import json_schemas
from massive_kit.files import jsonio

FOLDER = "reference/files"
_RECIPE = re.compile(r"systems/(\w+)/recipe-1")
_PUBLISHED = re.compile(r"(\w+)-1\.schema\.json$")
# What a file is called where people meet it.
_TITLES = {
    "board": "`board.yaml`: a leaderboard",
    "manifest": "`manifest.yaml`: a system that is sent to a board",
    "probe": "`probe.json`: what the vectors of an encoder hold",
    "scores": "`scores.json`: the scores of a system",
    "seeds": "`seeds.json`: scores over seeds",
    "space": "A search space",
    "task": "A task",
}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}
_INTRODUCTION = (
    "What stands in the files that people write and that the kit writes. Each page has the JSON"
    " Schema, which an editor takes to complete and explain a YAML."
)
Schema = Mapping[str, Any]


def file_pages() -> list[Page]:
    """A page for each kind of file, and one that lists them."""
    schemas = {_name(file): (file, schema) for file, schema in json_schemas().items()}
    pages = [
        Page(f"{FOLDER}/{name}.md", _page(name, file, schema))
        for name, (file, schema) in schemas.items()
    ]
    return [Page(f"{FOLDER}/index.md", _index({n: s for n, (_, s) in schemas.items()})), *pages]


def schema_files() -> dict[str, str]:
    """The JSON Schemas themselves, by their place in the manual."""
    return {
        f"{FOLDER}/{_name(file)}-1.schema.json": jsonio.dumps(schema)
        for file, schema in json_schemas().items()
    }


def _name(file: str) -> str:
    if recipe := _RECIPE.match(file):
        return f"recipe-{recipe[1]}"
    published = _PUBLISHED.search(file)
    assert published is not None
    return published[1]


def _title(name: str) -> str:
    kind = name.removeprefix("recipe-")
    return f"A recipe of `kind: {kind}`" if kind != name else _TITLES.get(name, name)


def _index(schemas: Mapping[str, Schema]) -> str:
    rows = [(f"[{_title(name)}]({name}.md)", cell(_words(schemas[name]))) for name in schemas]
    return "\n\n".join(
        [
            "# Files",
            _INTRODUCTION,
            table(("file", "what it is"), rows),
            toctree(f"{name}.md" for name in schemas),
        ]
    )


def _words(schema: Schema) -> str:
    return str(schema.get("description", "")).partition("\n\n")[0]


def _page(name: str, file: str, schema: Schema) -> str:
    parts = [f"# {_title(name)}", str(schema.get("description", ""))]
    parts.append(
        f"JSON Schema: [{name}-1.schema.json]({name}-1.schema.json), in the package"
        f" `massive_kit/{file}`."
    )
    parts.append(_keys(schema))
    for title, part in schema.get("$defs", {}).items():
        parts += [f"## {title}", str(part.get("description", ""))]
        parts.append(_keys(part) if "properties" in part else _kind(part))
    return "\n\n".join(part for part in parts if part) + "\n"


def _keys(schema: Schema) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"`{key}`",
            cell(_kind(value)),
            "required" if key in required else cell(_default(value)),
            cell(str(value.get("description", ""))),
        )
        for key, value in schema.get("properties", {}).items()
    ]
    return table(("key", "value", "default", "what it is"), rows)


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    default = schema["default"]
    # What a part of its own holds stands with that part.
    if isinstance(default, dict) and default and "$ref" in schema:
        return "its defaults"
    return f"`{jsonio.dumps(default, indent=False).strip()}`"


def _kind(schema: Schema) -> str:
    kinds = dict.fromkeys(_kinds(schema))
    return " or ".join(kinds) or "anything"


def _kinds(schema: Schema) -> Iterator[str]:
    for options in (schema.get("anyOf", ()), schema.get("oneOf", ()), schema.get("allOf", ())):
        for option in options:
            yield from _kinds(option)
    if "$ref" in schema:
        title = str(schema["$ref"]).rpartition("/")[2]
        yield f"[{title}](#{slug(title)})"
    elif "const" in schema:
        yield f"`{schema['const']}`"
    elif "enum" in schema:
        yield ", ".join(f"`{value}`" for value in schema["enum"])
    elif (kind := schema.get("type")) == "array":
        items = schema.get("items")
        yield f"list of {_kind(items)}" if items else "list"
    elif kind == "object":
        values = schema.get("additionalProperties")
        yield f"mapping to {_kind(values)}" if isinstance(values, dict) and values else "mapping"
    elif kind:
        bounds = [text.format(schema[key]) for key, text in _BOUNDS.items() if key in schema]
        if "pattern" in schema:
            bounds.append(f"as `{schema['pattern']}`")
        yield " ".join([str(kind), f"({', '.join(bounds)})" if bounds else ""]).strip()
