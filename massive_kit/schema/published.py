"""The JSON Schemas of the files that people and other programs read and write.

They are generated from the models. `python -m massive_kit.exports.json_schemas` writes all of them,
and those of the recipes, which the kinds of system bring; this module, run the same way, writes its
own alone. A test holds that they are up to date.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from massive_kit.files import jsonio
from massive_kit.schema.board import Board
from massive_kit.schema.board_forecasts import BoardForecasts
from massive_kit.schema.board_results import BoardResults
from massive_kit.schema.field_descriptions import DescribedJsonSchema
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.probe import Probe
from massive_kit.schema.scores import FORMAT, Scores, SeedScores
from massive_kit.schema.space import Space
from massive_kit.schema.task import Task

FOLDER = Path(__file__).with_name("published")
_WRITTEN_BY_THE_KIT: dict[str, type[BaseModel]] = {
    "forecasts": BoardForecasts,
    "probe": Probe,
    "results": BoardResults,
    "scores": Scores,
    "seeds": SeedScores,
}
_WRITTEN_BY_PEOPLE: dict[str, type[BaseModel]] = {
    "board": Board,
    "manifest": Manifest,
    "space": Space,
    "task": Task,
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schemas by file name, such as `scores-1.schema.json`; the number is the format's."""
    return {
        **{
            file_name(name): json_schema(name, model, "serialization")
            for name, model in _WRITTEN_BY_THE_KIT.items()
        },
        **{
            file_name(name): json_schema(name, model, "validation")
            for name, model in _WRITTEN_BY_PEOPLE.items()
        },
    }


def json_schema(name: str, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
    """The schema of a model, described by its docstrings.

    Args:
        name: What the schema is called in its id.
        model: The model.
        mode: `validation` for what the kit reads, `serialization` for what it writes.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:massive-kit:{name}:{FORMAT}",
        **model.model_json_schema(schema_generator=DescribedJsonSchema, mode=mode),
    }


def file_name(name: str) -> str:
    """The file of the schema of that name."""
    return f"{name}-{FORMAT}.schema.json"


def write(folder: Path = FOLDER) -> None:
    """Writes the schemas of this module."""
    for name, schema in json_schemas().items():
        jsonio.write_json(folder / name, schema)


if __name__ == "__main__":
    write()
