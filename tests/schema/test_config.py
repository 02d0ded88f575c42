"""YAML and overrides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from pydantic import BaseModel, Field

from massive_kit import content
from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.schema import config
from massive_kit.schema.config import check, merge, parse_overrides, parse_yaml
from massive_kit.schema.task import Task, load_task


def test_every_shipped_task_is_valid() -> None:
    for name in content.names("tasks"):
        assert load_task(name).name == name


def test_unknown_key_gets_a_suggestion_and_all_mistakes_are_told() -> None:
    values = {"name": "x", "titel": "t", "setting": "ful", "data": []}
    with pytest.raises(ConfigError) as caught:
        check(Task, values, "x.yaml")
    text = str(caught.value)
    assert "unknown key 'titel' (did you mean 'title'?)" in text
    assert "setting is 'ful'; expected 'full', 'zero-shot'" in text
    assert text.count("is missing") == 4


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\xff", "not UTF-8"),
        (b"a: [", "expected the node content"),
        (b"- a", "a mapping"),
        (b"", "nothing in it"),
        (b"a: 2026-13-31", "month must be in 1..12"),
        (b"a: 1\na: 2", "stands here twice"),
        (b"a: &x 1\nb: *x", "aliases"),
        (b"? [a]\n: b", "a key that is not text"),
        (b"a: {? {b: c} : d}", "a key that is not text"),
        (b"!!timestamp 2", "not valid YAML"),
        (b"a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        (b"a: " + b"[" * 5000, "nested too deeply|node content"),
    ],
)
def test_bad_yaml(raw: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_yaml(raw, "x.yaml")


def test_yaml_is_read_alike_with_and_without_libyaml() -> None:
    texts = [path.read_text("utf-8") for path in content.folder("baselines").glob("*.yaml")]
    for text in (
        *texts,
        "a: [1, 2.5, yes, ~, 2026-01-02]\nb:\n  c: |\n    x\n\n    y\n",
        "a: 'x*y'",
    ):
        slow = yaml.load(text, Loader=config._Loader)  # noqa: S506 - a SafeLoader
        assert parse_yaml(text.encode(), "x.yaml") == slow
        assert yaml.load(text, Loader=config._QuickLoader) == slow  # noqa: S506 - likewise


def test_overrides_keep_their_type() -> None:
    got = parse_overrides(["a.b=false", "a.c=0", "lr=1e-4", "s=x", "l=[1, 2]", "e="])
    assert got == {"a": {"b": False, "c": 0}, "lr": 1e-4, "s": "x", "l": [1, 2], "e": ""}
    assert merge({"a": {"b": True, "z": 1}}, got)["a"] == {"b": False, "c": 0, "z": 1}


def test_bad_overrides_are_all_told() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_overrides(["a", "=1", "b=]", "date=2026-13-31"])
    assert len(caught.value.problems) == 4
    assert "month must be in 1..12" in str(caught.value)


def test_text_with_a_colon_is_told_to_be_quoted() -> None:
    values = parse_overrides(["title=query: "])
    with pytest.raises(ConfigError, match="""-o 'title="a: b"'"""):
        check(Task, values, "a task")
    assert parse_overrides(['title="query: "']) == {"title": "query: "}


def test_a_missing_task_lists_what_there_is() -> None:
    with pytest.raises(MissingDataError, match=r"no task named 'nope'; there are: .*massive-full"):
        load_task("nope")


def test_a_misspelt_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"'demo-ful' \(did you mean 'demo-full'\?\)"):
        load_task("demo-ful")
    with pytest.raises(MissingDataError, match="a folder, not a file"):
        load_task(str(tmp_path))


def test_an_error_names_the_model_in_words() -> None:
    class EncoderRecipe(BaseModel):
        title: str

    with pytest.raises(ConfigError, match="is not a valid encoder recipe"):
        check(EncoderRecipe, {}, "x.yaml")


def test_a_root_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(content.ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(MissingDataError, match="--root must hold tasks/, "):
        content.names("tasks")


def test_a_root_with_a_board_alone_takes_the_rest_from_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leaderboard" / "results").mkdir(parents=True)
    monkeypatch.setenv(content.ROOT_VARIABLE, str(tmp_path))
    assert content.own_folder("leaderboard") == tmp_path / "leaderboard"
    assert "massive-full" in content.names("tasks")
    monkeypatch.delenv(content.ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)
    assert content.folder("leaderboard") == tmp_path / "leaderboard"


def test_a_value_of_none_of_its_types_is_one_problem_without_their_names() -> None:
    class WeightRecipe(BaseModel):
        weight: Annotated[float, Field(le=1)] | Literal["dev"]

    with pytest.raises(ConfigError) as caught:
        check(WeightRecipe, {"weight": 7}, "x.yaml")
    (problem,) = caught.value.problems
    assert problem.found == "weight is 7"
    assert problem.expected == "less than or equal to 1 or 'dev'"
