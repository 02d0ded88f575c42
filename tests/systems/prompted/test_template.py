"""A prompt template may show what it is given; whatever else it tries is told before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit import content
from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.systems.prompted.asking import Label
from massive_kit.systems.prompted.template import MOST_CHARACTERS, PromptTemplate


def template(question: str) -> PromptTemplate:
    instruction = "{% block instruction %}{% endblock %}"
    return PromptTemplate(f"{instruction}{{% block question %}}{question}{{% endblock %}}", "p")


def filled(question: str, **values: Any) -> str:
    return template(question).render("question", values)


def test_variables_choices_and_loops_are_filled_in() -> None:
    labels = [Label("time", "when"), Label("date")]
    text = (
        "{% for label in slots %}{{ loop.index }} {{ label.name }}"
        "{% if label.description %}: {{ label.description | upper }}{% endif %};{% endfor %}"
    )
    assert filled(text, slots=labels) == "1 time: WHEN;2 date;"
    # What stands in an utterance is text, whatever it looks like.
    assert filled("{{ utterance }}", utterance="{{ 7 * 7 }} <b>") == "{{ 7 * 7 }} <b>"


@pytest.mark.parametrize(
    "question",
    [
        "{{ utterance.__class__ }}",
        "{{ utterance.upper() }}",
        "{{ 'x' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ utterance | attr('__class__') }}",
        "{{ '{:>1000000000}' | format(1) }}",
        "{{ range(1000000000) }}",
        "{% set x = 1 %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{% for a in s recursive %}{{ a }}{% endfor %}",
        "{% for a in s %}{% for b in s %}{% for c in s %}x{% endfor %}{% endfor %}{% endfor %}",
        "{{ lipsum() }}{{ cycler() }}",
        "{% call x() %}{% endcall %}",
        "{{ " + "not " * 100 + "1 }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if %}",
    ],
)
def test_what_no_template_may_do_is_told(question: str) -> None:
    with pytest.raises(ConfigError, match="is not a prompt template"):
        template(question)


@pytest.mark.parametrize(
    "question",
    [
        "{{ utterences }}",
        "{% for a in slots %}{% for b in slots %}{% endfor %}{% endfor %}",
        "{% for a in slots %}{{ utterance }}{% endfor %}",
        "{% for letter in utterance %}x{% endfor %}",
        "{{ slots[0].nothing }}",
    ],
)
def test_what_cannot_be_filled_in_is_told(question: str) -> None:
    with pytest.raises(ConfigError, match="cannot be filled in"):
        filled(question, slots=["x"] * 2000, utterance="y" * (MOST_CHARACTERS // 1000))


def test_a_misspelt_name_is_told_with_its_line_and_the_names_there_are() -> None:
    with pytest.raises(ConfigError) as raised:
        filled("\n\n{{ utterences }}", slots=[], utterance="x")
    (problem,) = raised.value.problems
    assert problem.line == 3
    assert "utterences" in problem.found
    assert problem.expected == "one of slots, utterance"


def test_both_blocks_are_needed() -> None:
    with pytest.raises(ConfigError, match="no block question"):
        PromptTemplate("{% block instruction %}{% endblock %}", "p")


def test_a_template_is_found_by_name_or_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = content.installed_root() / "baselines" / "prompts" / "default.jinja"
    assert PromptTemplate.load("default").source == shipped.read_text(encoding="utf-8")
    assert PromptTemplate.load(str(shipped)).where == str(shipped)
    for name in ("nothing", "../prompts/default", str(tmp_path / "nothing.jinja")):
        with pytest.raises(MissingDataError):
            PromptTemplate.load(name)
    own = tmp_path / "baselines" / "prompts" / "mine.jinja"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"\xff")
    monkeypatch.setenv("MASSIVE_KIT_ROOT", str(tmp_path))
    with pytest.raises(ConfigError, match="not UTF-8"):
        PromptTemplate.load("mine")
    own.write_bytes(b"x" * 200_000)
    with pytest.raises(ConfigError, match="too large"):
        PromptTemplate.load("mine")
