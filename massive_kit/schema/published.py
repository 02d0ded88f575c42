"""The JSON Schemas of the files that others may read, generated from the models.

`python -m massive_kit.schema.published` writes them anew; a test holds that they are up to date.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from massive_kit.files import jsonio
from massive_kit.schema.field_descriptions import DescribedJsonSchema
from massive_kit.schema.scores import FORMAT, Scores, SeedScores

FOLDER = Path(__file__).with_name("published")
_MODELS: dict[str, type[BaseModel]] = {"scores": Scores, "seeds": SeedScores}


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by file name, such as `scores-1.schema.json`; the number is the format's."""
    return {
        f"{name}-{FORMAT}.schema.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:massive-kit:{name}:{FORMAT}",
            **model.model_json_schema(schema_generator=DescribedJsonSchema, mode="serialization"),
        }
        for name, model in _MODELS.items()
    }


def write(folder: Path = FOLDER) -> None:
    """Writes every schema."""
    for name, schema in json_schemas().items():
        jsonio.write_json(folder / name, schema)


if __name__ == "__main__":
    write()
