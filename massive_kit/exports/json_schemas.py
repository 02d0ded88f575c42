"""The JSON Schemas that ship with the package, the recipes of every kind of system included.

`python -m massive_kit.exports.json_schemas` writes them anew; a test holds that they are up to
date. An editor completes and explains a YAML whose first line names one of them:

    # yaml-language-server: $schema=PATH/massive_kit/schema/published/recipe-encoder-1.schema.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massive_kit.files import jsonio
from massive_kit.schema import published
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kinds

_EXTENDS = {
    "description": "Name of another recipe of the same folder that this one builds on; what stands"
    " here replaces what stands there, key by key.",
    "title": "Extends",
    "type": "string",
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """All schemas by file name, such as `task-1.schema.json` or `recipe-encoder-1.schema.json`."""
    recipes = {f"recipe-{name}": kind.recipe for name, kind in kinds().items()}
    return published.json_schemas() | {
        published.file_name(name): _recipe_schema(name, recipe) for name, recipe in recipes.items()
    }


def write(folder: Path = published.FOLDER) -> None:
    """Writes every schema."""
    for name, schema in json_schemas().items():
        jsonio.write_json(folder / name, schema)


def _recipe_schema(name: str, recipe: type[Recipe]) -> dict[str, Any]:
    schema = published.json_schema(name, recipe, "validation")
    # A file that extends another need not repeat what is required.
    required = schema.pop("required")
    return schema | {
        "properties": {"extends": _EXTENDS, **schema["properties"]},
        "anyOf": [{"required": required}, {"required": ["extends"]}],
    }


if __name__ == "__main__":
    write()
