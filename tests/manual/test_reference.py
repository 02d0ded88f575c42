"""What the manual makes of the code: nothing is left out."""

from __future__ import annotations

import orjson
import pytest

import massive_kit
from manual.building import all_pages, written_pages
from manual.commands import Command, command_tree
from manual.files import file_pages, schema_files
from manual.navigation import INDEX
from manual.pages import Page, places
from manual.python_face import PAGE, returned_classes
from massive_kit.exports.json_schemas import json_schemas
from massive_kit.systems.kind import kinds


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return {page.path: page for page in all_pages()}


COMMANDS = [*command_tree().all()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.line)
def test_a_command_has_its_page_with_all_options(command: Command, pages: dict[str, Page]) -> None:
    text = pages[command.page].text
    for parameter in command.parser.params:
        if not parameter.hidden and parameter.param_type_name == "option":
            assert f"{parameter.opts[0]}" in text
    for below in command.subcommands:
        assert f"`{below.line}`" in text


def test_hidden_commands_have_no_page_of_their_own() -> None:
    names = {command.line for command in COMMANDS}
    assert "massive-kit data derive translate-words" in names
    assert "massive-kit forecast scores" not in names
    assert "massive-kit forecast" in names


def test_a_group_that_runs_without_a_name_shows_what_it_takes(pages: dict[str, Page]) -> None:
    assert "--tokenizer" in pages["reference/commands/forecast.md"].text


def test_a_command_leads_to_the_pages_that_show_it(pages: dict[str, Page]) -> None:
    assert "](../../corpora.md)" in pages["reference/commands/data-import.md"].text


def test_every_key_of_every_file_stands_on_its_page() -> None:
    texts = {page.path: page.text for page in file_pages()}
    schemas = json_schemas()
    assert len(texts) == len(schemas) + 1
    assert {f"reference/files/recipe-{name}.md" for name in kinds()} < set(texts)
    for name, schema in zip(schema_files(), schemas.values(), strict=True):
        text = texts[name.replace("-1.schema.json", ".md")]
        parts = [schema, *schema.get("$defs", {}).values()]
        keys = {key for part in parts for key in part.get("properties", {})}
        assert [key for key in keys if f"| `{key}` |" not in text] == []


def test_the_schemas_come_along() -> None:
    assert orjson.loads(schema_files()["reference/files/task-1.schema.json"])["title"] == "Task"


def test_every_public_name_is_in_the_python_reference(pages: dict[str, Page]) -> None:
    text = pages[PAGE].text
    for name in massive_kit.__all__:
        assert name.startswith("__") or f".. autofunction:: massive_kit.{name}\n" in text
    assert {"Evaluation", "Scores", "Comparison", "Report"} <= {
        cls.__name__ for cls in returned_classes()
    }


def test_every_page_is_in_the_navigation(pages: dict[str, Page]) -> None:
    index = pages[INDEX].text
    listed = {
        line.partition("<")[2].rstrip(">") for line in index.splitlines() if line.endswith(".md>")
    }
    written = {page.path for page in written_pages() if not page.text.startswith("---\norphan")}
    assert written - {INDEX} == {name for name in listed if name in written}


def test_pages_keep_their_names_in_the_repository() -> None:
    known = places()
    assert known["docs/architecture.md"] == "architecture.md"
    assert known["baselines/README.md"] == "recipes.md"


def test_sections_with_a_page_of_their_own_leave_a_link(pages: dict[str, Page]) -> None:
    assert "MK101" in pages["reference/rules.md"].text
    assert "MK101" not in pages["submissions.md"].text
    assert "## The rules\n\nOn a page of their own: [" in pages["submissions.md"].text
    assert "](../feedback.md)" in pages["reference/glossary.md"].text
