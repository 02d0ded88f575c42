"""A transform is one module, found by being there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data import derive as transforms_package
from massive_kit.data.derivation import derive, find_transform, transform_names
from massive_kit.data.derive.sample import Sample
from massive_kit.data.home import stores
from massive_kit.data.lineage import Parent
from massive_kit.data.opening import open_data
from massive_kit.data.store import Store
from massive_kit.errors import UsageError

# As somebody would write it who reads no more than `derivation.py`.
MODULE = '''
"""Puts stores together, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from massive_kit.data.derivation import (
    REQUIRED,
    Derivation,
    DerivationReport,
    Transform,
    parameter,
)
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.schema.resources import Resource


@dataclass(frozen=True, slots=True)
class StackUp(Transform):
    description: ClassVar[str] = "Put stores together.\\n\\nIds of a later store get a prefix."
    several: ClassVar[bool] = True

    prefix: str = parameter(REQUIRED, "Before the ids of a later store.")
    fail_in: tuple[str, ...] = parameter((), "Break off in this locale; repeatable.")

    def resources(self) -> tuple[Resource, ...]:
        return ("lexicon",) if self.prefix == "lex" else ()

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        def rows(locale: str, partition: str) -> pa.Table:
            if locale in self.fail_in:
                raise UsageError(f"fails in {locale}")
            tables = []
            for number, store in enumerate(stores):
                table = store.read(partition, [locale])
                ids = [number * self.prefix + name for name in table.column("id").to_pylist()]
                tables.append(table.set_column(0, "id", pa.array(ids)))
            return pa.concat_tables(tables)

        first = stores[0]
        report = DerivationReport({"stores": len(stores)}, ("stacked",), ("mind the ids",))
        parts = {locale: ("train",) for locale in locales}
        return Derivation(parts, rows, first.inventory, first.character_locales, report)
'''


@pytest.fixture
def transform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A transform in a folder of its own, as if it stood in the package."""
    folder = tmp_path / "transforms"
    folder.mkdir()
    (folder / "stack_up.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(transforms_package, "__path__", [*transforms_package.__path__, str(folder)])
    yield "stack_up"
    sys.modules.pop(f"{transforms_package.__name__}.stack_up", None)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["data", "derive", *arguments])
    assert (result.exit_code or 0) == code, result.output
    return result.output if code else result.stdout


def test_it_is_found_and_has_a_command(transform: str) -> None:
    assert {"sample", transform} <= {*transform_names()}
    assert find_transform(transform).__name__ == "StackUp"
    assert "Put stores together." in run("--help")
    text = run("stack-up", "--help")
    for option in ("--name", "--data", "--prefix", "--fail-in", "--locale", "--format"):
        assert option in text


def test_it_writes_a_store_with_a_lineage(transform: str) -> None:
    options = ("--data", "demo", "--data", "demo", "--locale", "en-US", "--prefix", "lex")
    text = run("stack-up", *options, "--name", "stacked")
    demo, store = open_data("demo"), open_data("stacked")
    rows = 2 * demo.rows("train", ["en-US"])
    assert text.startswith(f"train {rows:,} in 1 locale -> ")
    assert text.endswith("stacked\n")
    assert store.rows("train", ["en-US"]) == rows
    assert store.locales == ("en-US",)
    assert store.lineage is not None
    assert store.lineage.transform == transform
    assert store.lineage.parameters == {"prefix": "lex", "fail_in": [], "locales": ["en-US"]}
    assert store.lineage.resources == ("lexicon",)
    assert store.lineage.parents == (Parent("demo", demo.hash),) * 2
    value = json.loads(run("stack-up", *options, "--name", "stacked", "--format", "json"))
    assert value == {"path": str(store.path), "rows": {"train": rows}, "stores": 2}


def test_a_store_is_written_whole_or_not_at_all(transform: str) -> None:
    del transform
    before = {path.name for path in stores().iterdir()}
    result = CliRunner().invoke(
        app, ["data", "derive", "stack-up", "--name", "broken", "--data", "demo",
              "--locale", "de-DE", "--locale", "en-US", "--prefix", "x", "--fail-in", "en-US"]
    )  # fmt: skip
    assert str(result.exception) == "fails in en-US"
    assert {path.name for path in stores().iterdir()} == before


def test_a_parameter_without_a_default_is_asked_for(transform: str) -> None:
    del transform
    assert "Missing option '--prefix'" in run("stack-up", "--name", "x", code=2)


def test_a_name_is_asked_for_unless_nothing_is_written(transform: str) -> None:
    del transform
    options = ("stack-up", "--data", "demo", "--locale", "en-US", "--prefix", "x")
    result = CliRunner().invoke(app, ["data", "derive", *options])
    assert str(result.exception) == "say what to call the new store: --name"
    before = {path.name for path in stores().iterdir()}
    assert run(*options, "--dry-run") == "stacked\n"
    assert json.loads(run(*options, "--dry-run", "--format", "json")) == {"stores": 1}
    assert {path.name for path in stores().iterdir()} == before


def test_no_such_transform() -> None:
    run("nothing", code=2)
    with pytest.raises(UsageError, match=r"no transform 'nothing'; there are: .*sample"):
        find_transform("nothing")


def test_one_store_where_a_transform_takes_one(demo_store: Store, tmp_path: Path) -> None:
    sample = find_transform("sample")(per_intent=1)  # type: ignore[call-arg]  # a field of it
    with pytest.raises(UsageError, match="sample takes one store, not 2"):
        derive([demo_store, demo_store], sample, tmp_path / "s", name="s")


def test_data_sample_is_a_short_name(tmp_path: Path) -> None:
    del tmp_path
    options = ("--data", "demo", "-k", "2", "--locale", "en-US", "--format", "json")
    long = json.loads(run("sample", *options, "--name", "long"))
    result = CliRunner().invoke(app, ["data", "sample", *options, "--name", "short"])
    short = json.loads(result.stdout)
    assert {**short, "path": ""} == {**long, "path": ""}
    assert open_data("short").hash == open_data("long").hash
    assert CliRunner().invoke(app, ["data", "sample", "--nothing"]).exit_code == 2
    text = CliRunner().invoke(app, ["data", "sample", "--help"]).stdout
    assert "--min-intent-score" in text


def test_a_store_does_not_replace_what_it_is_made_of(demo_store: Store, tmp_path: Path) -> None:
    made = ["data", "sample", "--data", "demo", "--locale", "km-KH", "-k", "2", "--name", "drawn"]
    assert CliRunner().invoke(app, made).exit_code == 0
    store = Store.open(stores() / "drawn")
    again = ["data", "sample", "--data", "drawn", "-k", "1", "--name", "drawn"]
    caught = CliRunner().invoke(app, again).exception
    assert isinstance(caught, UsageError)
    assert "give the new store another name" in str(caught)
    assert Store.open(stores() / "drawn") == store
    (tmp_path / "link").symlink_to(store.path.parent)
    for target in (tmp_path / "link" / "drawn", tmp_path / "link"):
        with pytest.raises(UsageError, match="which it is made of"):
            derive(store, Sample(per_intent=1), target, name="x")
    assert store.path.is_dir()
