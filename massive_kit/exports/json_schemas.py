"""The JSON Schemas that ship with the package, the recipes of every kind of system included.

`python -m massive_kit.exports.json_schemas` writes them anew; a test holds that they are up to
date. An editor completes and explains a YAML whose first line names one of them:

    # yaml-language-server: $schema=PATH/massive_kit/systems/encoder/recipe-1.schema.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import massive_kit
from massive_kit.files import jsonio
from massive_kit.schema import published
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kinds

_PACKAGE = Path(massive_kit.__file__).parent
_EXTENDS = {
    "description": "Name of another recipe of the same folder that this one builds on; what stands"
    " here replaces what stands there, key by key.",
    "title": "Extends",
    "type": "string",
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """All schemas by file, below the package, such as `systems/encoder/recipe-1.schema.json`."""
    folder = published.FOLDER.relative_to(_PACKAGE)
    return {
        **{f"{folder}/{name}": schema for name, schema in published.json_schemas().items()},
        # With its schema beside it, a kind is one folder still.
        **{
            f"systems/{name}/{published.file_name('recipe')}": _recipe_schema(name, kind.recipe)
            for name, kind in kinds().items()
        },
    }


def write(package: Path = _PACKAGE) -> None:
    """Writes every schema."""
    for name, schema in json_schemas().items():
        jsonio.write_json(package / name, schema)


def _recipe_schema(name: str, recipe: type[Recipe]) -> dict[str, Any]:
    schema = published.json_schema(f"recipe-{name}", recipe, "validation")
    # A file that extends another need not repeat what is required.
    required = schema.pop("required")
    return schema | {
        "properties": {"extends": _EXTENDS, **schema["properties"]},
        "anyOf": [{"required": required}, {"required": ["extends"]}],
    }


if __name__ == "__main__":
    write()
