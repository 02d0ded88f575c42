"""Croissant metadata names files and columns that are there."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.store import SCHEMA, Store
from massive_kit.exports.croissant import croissant


def test_croissant(demo_store: Store, tmp_path: Path) -> None:
    value = json.loads(json.dumps(croissant(demo_store)))
    assert value["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    files = {file["@id"]: file for file in value["distribution"]}
    for locale, parts in demo_store.parts.items():
        for partition, part in parts.items():
            file = files[f"{locale}/{partition}.parquet"]
            assert file["sha256"] == part.sha256
            assert (demo_store.path / file["contentUrl"]).is_file()
    for records in value["recordSet"]:
        for field in records["field"]:
            assert field["source"]["fileObject"]["@id"] in files
            assert field["source"]["extract"]["column"] in SCHEMA.names


def test_touching_spans_are_described(touching_store: Store) -> None:
    (records,) = (r for r in croissant(touching_store)["recordSet"] if r["@id"] == "en-US/test")
    (field,) = (f for f in records["field"] if f["name"] == "boundaries")
    assert field["dataType"] == "sc:Integer"
    assert field["repeated"]
    assert touching_store.read("test", ["en-US"])["boundaries"].to_pylist() == [[2], [4]]


def test_the_commands(tmp_path: Path) -> None:
    runner = CliRunner()
    path = tmp_path / "c.json"
    done = runner.invoke(app, ["export", "croissant", "--data", "demo", "--out", str(path)])
    assert done.exit_code == 0, done.output
    assert json.loads(path.read_text())["@type"] == "sc:Dataset"
