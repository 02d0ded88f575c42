"""The JSON Schemas that ship with the package: up to date, described, and true of shipped files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import massive_kit
from massive_kit import content
from massive_kit.exports.json_schemas import json_schemas, write
from massive_kit.files import jsonio
from massive_kit.schema import published
from massive_kit.schema.config import read_yaml
from massive_kit.systems.kind import kinds
from massive_kit.systems.recipes import load_recipe

COMMAND = "python -m massive_kit.exports.json_schemas"
ROOT = content.installed_root()
PACKAGE = Path(massive_kit.__file__).parent
SCHEMAS = json_schemas()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_up_to_date(name: str) -> None:
    path = PACKAGE / name
    assert path.is_file(), f"{path} is missing; `{COMMAND}` writes it"
    # A change that breaks readers needs a new format, too.
    assert jsonio.read_json(path) == SCHEMAS[name], f"{path} is old; run `{COMMAND}`"


def test_nothing_else_is_published() -> None:
    files = PACKAGE.rglob("*.schema.json")
    left_over = {str(path.relative_to(PACKAGE)) for path in files} - SCHEMAS.keys()
    assert not left_over, "no model has these schemas; delete the files"


def test_every_kind_has_a_schema_of_its_recipes() -> None:
    recipes = {name for name in SCHEMAS if name.startswith("systems/")}
    assert recipes == {f"systems/{kind}/recipe-1.schema.json" for kind in kinds()}


def test_they_are_written_anew(tmp_path: Path) -> None:
    write(tmp_path)
    for name in SCHEMAS:
        assert (tmp_path / name).read_bytes() == (PACKAGE / name).read_bytes()


def test_the_lower_layer_writes_all_but_the_recipes(tmp_path: Path) -> None:
    published.write(tmp_path)
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {Path(name).name for name in SCHEMAS if not name.startswith("systems/")}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema["description"]
    for model in (schema, *schema.get("$defs", {}).values()):
        bare = [key for key, value in model.get("properties", {}).items() if not _text(value)]
        assert not bare, f"{model['title']}: {bare}"


def _text(value: dict[str, Any]) -> str:
    return str(value.get("description", ""))


def test_a_docstring_is_the_only_place_of_a_description() -> None:
    schema = SCHEMAS["systems/encoder/recipe-1.schema.json"]
    training = schema["$defs"]["Training"]
    assert training["properties"]["accumulate"]["description"] == "Batches per optimiser step."
    assert "Attributes:" not in str(schema)


def _shipped() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "tasks").glob("*.yaml")):
        yield "schema/published/task", path
    for path in sorted((ROOT / "baselines").glob("*.yaml")):
        yield f"systems/{load_recipe(str(path)).kind}/recipe", path
    for path in sorted((ROOT / "baselines" / "spaces").glob("*.yaml")):
        yield "schema/published/space", path
    for path in sorted((ROOT / "leaderboard").glob("*.yaml")):
        yield "schema/published/board", path
    for path in sorted((ROOT / "leaderboard" / "results").rglob("manifest.yaml")):
        yield "schema/published/manifest", path
    for path in sorted((ROOT / "leaderboard" / "results").rglob("scores.json")):
        yield "schema/published/scores", path


SHIPPED = {str(path.relative_to(ROOT)): (name, path) for name, path in _shipped()}


def test_something_of_each_schema_is_shipped() -> None:
    # Nor is an exported model shipped, or what is made of runs.
    names_of_none = ("cost", "forecasts", "probe", "results", "seeds")
    unseen = {f"schema/published/{name}" for name in names_of_none}
    unseen |= {f"systems/{kind}/recipe" for kind in ("ensemble", "glossed", "onnx_encoder")}
    names = {f"{name}-1.schema.json" for name, _ in SHIPPED.values()}
    assert names == SCHEMAS.keys() - {f"{name}-1.schema.json" for name in unseen}


@pytest.mark.parametrize("shipped", SHIPPED)
def test_a_shipped_file_fits_its_schema(shipped: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    name, path = SHIPPED[shipped]
    value = jsonio.read_json(path) if path.suffix == ".json" else read_yaml(path)
    validate = jsonschema.Draft202012Validator(SCHEMAS[f"{name}-1.schema.json"]).validate
    validate(value)
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        validate(value | {"surprise": 1})


@pytest.mark.parametrize("kind", kinds())
def test_a_recipe_gives_what_is_required_or_extends_another(kind: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = SCHEMAS[f"systems/{kind}/recipe-1.schema.json"]
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert validator.is_valid({"extends": "another", "note": "Only this differs."})
    assert not validator.is_valid({"title": "No kind"})
    assert not validator.is_valid({"extends": "another", "kind": "nonesuch"})
