"""Rasa NLU: YAML, and the Markdown before it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from massive_kit.errors import DataError
from tests.data.intake.samples_reading import annotated, only, read, sample


def test_rasa_yaml() -> None:
    rows = sample("rasa", "rasa/nlu.yml")
    left_out = "lookup tables, synonyms and regular expressions left out"
    assert [(row.line, row.intent, annotated(row), row.notes) for row in rows] == [
        (6, "book_ferry", "ferry from <city=Bergen> please", [left_out]),
        (
            7,
            "book_ferry",
            "from <city.departure=bergen> to <city.arrival=Oslo>",
            ["groups of entities left out"],
        ),
        (9, "book_ferry", "<ticket=تذكرة> إلى <city=أوسلو>", []),
        (18, "faq/ask_hours", "open on <day=Sunday>?", []),
        (22, "faq/ask_hours", "hours [winter]", []),
    ]
    assert rows[0].source == "ferry from [Bergen](city) please"


def test_rasa_markdown() -> None:
    left_out = "lookup tables, synonyms and regular expressions left out"
    rows = sample("rasa", "rasa-markdown/nlu.md")
    assert [(row.line, row.intent, annotated(row), row.notes) for row in rows] == [
        (2, "book_ferry", "ferry to <city=Oslo>", [left_out]),
        (4, "book_ferry", "from <city=bergen>", []),
        (10, "faq/ask_hours", "เปิด<day=วันอาทิตย์>ไหม", []),
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("press [ and ]", "press [ and ]"),
        ("[ [Oslo](city)", "[ <city=Oslo>"),
        ("[Oslo] (city)", "[Oslo] (city)"),
        ("[Oslo](city)[Bergen](city)", "<city=Oslo><city=Bergen>"),
        ("[ Oslo ](city)", " <city=Oslo> "),
        ('[Oslo][{"entity": "city"}]', "<city=Oslo>"),
    ],
)
def test_brackets_of_rasa_examples(written: str, expected: str) -> None:
    row = only("rasa", f"## intent:x\n- {written}")
    assert row.mistakes == []
    assert annotated(row) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("[Oslo]{entity: city}", "{entity: city} is not JSON"),
        ('[Oslo]{"role": "to"}', "names no entity"),
        ('[Oslo]{"entity": "city", "role": 3}', "names no entity"),
        ('[Oslo][{"entity": "city"}, {"entity": "port"}]', "2 entities over one text"),
        ("[ ](city)", "an entity without text: [ ](city)"),
    ],
)
def test_a_rasa_example_that_cannot_be_used(written: str, reason: str) -> None:
    row = only("rasa", f"## intent:x\n- {written}")
    assert row.line == 2
    assert reason in row.mistakes[0]


def yaml_mistakes(content: str) -> Sequence[tuple[int, str]]:
    rows = read("rasa", f"nlu:\n{content}".encode())
    return [(row.line, row.mistakes[0]) for row in rows if row.mistakes]


def test_parts_of_rasa_yaml_that_cannot_be_used() -> None:
    assert yaml_mistakes("- intent: x\n  examples: |\n    - hi\n    hello\n") == [
        (5, "an example that does not begin with '-'")
    ]
    assert yaml_mistakes("- intent: x\n- hi\n- story: y\n") == [
        (2, "an intent without examples"),
        (3, "neither intent, lookup, synonym nor regex"),
        (4, "neither intent, lookup, synonym nor regex"),
    ]
    assert yaml_mistakes("- intent: x\n  examples:\n  - texts: hi\n") == [
        (4, "an entry of the list of examples has no text")
    ]
    # Only `|` keeps the lines of the file.
    assert yaml_mistakes('- intent: x\n  examples: "- hi\\nhello"\n') == [
        (3, "an example that does not begin with '-'")
    ]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"nlu:\n- intent: 'x", "file:2: not YAML"),
        (
            b"nlu:\n- &a {intent: x, examples: '- hi'}\n- *a\n",
            "file:2: YAML aliases are not allowed",
        ),
        (b"nlu:\n- intent: x\n  examples: |\n    - caf\xe9\n", "file:4: text that is not UTF-8"),
        (b"nlu:\n  intent: x\n", "file:2: nlu is no list of intents"),
        (b"nlu:\n- " + b"[" * 100_000, "file:2: not YAML"),
        (b"nlu:\n- !!python/object/apply:os.system [x]\n", "file:2: neither"),
    ],
)
def test_rasa_yaml_that_cannot_be_read_is_told_with_its_line(content: bytes, place: str) -> None:
    try:
        problems = [f"file:{row.line}: {row.mistakes[0]}" for row in read("rasa", content)]
    except DataError as error:
        problems = [str(problem) for problem in error.problems]
    assert problems[0].startswith(place)


def test_a_comment_that_never_ends_is_text_and_costs_no_time() -> None:
    (row,) = read("rasa", b"## intent:x\n- hi " + b"<!--" * 500_000)
    assert row.text is not None
    assert row.text.startswith("hi <!--<!--")


def test_a_list_under_another_heading_is_of_no_intent() -> None:
    rows = read("rasa", b"## intent:greet\n- hi\n# Notes\n- not said\n\n## intent:bye\n- #1 bye\n")
    assert [(row.line, row.intent, row.text, row.notes) for row in rows] == [
        (2, "greet", "hi", ["lists under other headings left out"]),
        (7, "bye", "#1 bye", []),
    ]
