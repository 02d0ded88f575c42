"""CoNLL columns: xSID, NorSID and newswire; what is refused, with its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import conll
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.errors import DataError

SAMPLES = Path(__file__).parent.parent / "samples"


def file_of(content: str | bytes, name: str = "x.conll") -> SourceFile:
    return SourceFile.of_bytes(name, content if isinstance(content, bytes) else content.encode())


def rows_of(content: str | bytes) -> list[ForeignRow]:
    return list(conll.read_rows([file_of(content)]))


@pytest.mark.parametrize("name", ["xsid.valid.conll", "norsid_dev.conll", "newswire.txt"])
def test_samples_are_recognised_whatever_their_line_ends(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    rows = rows_of(content)
    assert not any(row.mistakes for row in rows)
    windows = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    for variant in (content, windows):
        assert conll.recognises(file_of(variant).head())
        again = rows_of(variant)
        assert [(row.id, row.intent, row.tokens, row.tags) for row in again] == [
            (row.id, row.intent, row.tokens, row.tags) for row in rows
        ]


def test_xsid_has_comments_numbers_and_the_intent_on_each_line() -> None:
    rows = rows_of((SAMPLES / "xsid.valid.conll").read_bytes())
    assert [(row.line, row.id, row.intent) for row in rows] == [
        (1, "1", "alarm/set_alarm"),
        (12, "2", "weather/find"),
        (24, "3", "weather/find"),
    ]
    # Brackets are tokens like any other.
    assert rows[1].tokens == ["Rengts", "muagn", "z'Wean", "[", "Stadt", "]", "?"]
    assert rows[1].tags is not None
    assert rows[1].tags[:4] == ["B-weather/attribute", "B-datetime", "B-location", "I-location"]
    # The last line has no newline.
    assert rows[2].tokens == ["Heit", "oda", "muagn"]
    assert rows[0].source.startswith("# id: 1\n# text-en: Wake")
    assert rows[0].source.endswith("5\t!\talarm/set_alarm\tO")


@pytest.mark.parametrize("misc", ["_", "SpaceAfter=No"])
def test_a_treebank_has_no_slots(misc: str) -> None:
    columns = (
        "1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_",
        f"1\tdo\tdo\tAUX\tVBP\t_\t0\troot\t_\t{misc}",
        f"2\tn't\tnot\tPART\tRB\t_\t1\tadvmod\t_\t{misc}",
    )
    tree = "\n".join(["# sent_id = 1", "# text = don't", *columns, "", ""])
    assert not conll.recognises(file_of(tree * 2).head())


def test_norsid_writes_comments_with_an_equals_sign() -> None:
    rows = rows_of((SAMPLES / "norsid_dev.conll").read_bytes())
    assert [(row.id, row.intent) for row in rows] == [
        ("1/B", "alarm/set_alarm"),
        ("1/4", "alarm/set_alarm"),
    ]


def test_newswire_has_the_tag_last_and_no_intent() -> None:
    rows = rows_of((SAMPLES / "newswire.txt").read_bytes())
    assert [row.intent for row in rows] == [None, None]
    assert rows[0].tokens == ["Rivertown", "beats", "Lakeside", "Hillside"]
    assert rows[0].tags == ["I-LOC", "O", "I-LOC", "B-LOC"]
    assert rows[1].tokens == ["#", "1"]


def test_a_test_set_without_labels_has_numbers_and_words() -> None:
    rows = rows_of("# text = Ja?\n# intent = \n1\tJa\n2\t?\n\n# text = Å\n# intent = \n1\tÅ\n")
    assert [(row.tokens, row.tags, row.intent) for row in rows] == [
        (["Ja", "?"], None, None),
        (["Å"], None, None),
    ]


def test_two_columns_are_enough() -> None:
    content = "# intent: a\n# lang: gsw\n# domain: b\nja\tO\nnei\tB-x\n\n# intent: c\n#\tO\n"
    rows = rows_of(content)
    assert conll.recognises(file_of(content).head())
    assert [(row.tokens, row.tags) for row in rows] == [
        (["ja", "nei"], ["O", "B-x"]),
        (["#"], ["O"]),
    ]
    assert [(row.intent, row.locale, row.scenario) for row in rows] == [
        ("a", "gsw", "b"),
        ("c", None, None),
    ]


def test_a_hash_may_be_a_token_anywhere() -> None:
    rows = rows_of("# a note\nja O\n# O\n# B-x\n# I-x\n\n# B-x\nja O\n")
    assert [row.tokens for row in rows] == [["ja", "#", "#", "#"], ["#", "ja"]]
    assert [row.mistakes for row in rows] == [[], []]


def test_columns_may_be_plain_names_and_numbers_begin_at_0() -> None:
    content = "0 at O\n1 six time\n2 or O\n3 seven time\n\n0 no O\n1 rain O\n"
    assert conll.recognises(file_of(content).head())
    assert [row.tags for row in rows_of(content)] == [["O", "time", "O", "time"], ["O", "O"]]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "plain words\n\nof a text\n",
        "O O B-time\nO O O\n\nO O O\n",
        "a b\nc O\n",
        'version: "3.1"\n# intent: none\nnlu:\n- intent: greet\n',
        '{"id": "1"}\n\n{"id": "2"}\n',
    ],
)
def test_other_files_are_left_alone(content: str) -> None:
    assert not conll.recognises(file_of(content).head())


GOOD = "# intent: a\n1\tja\ta\tO\n\n" * 3


@pytest.mark.parametrize(
    ("block", "mistake"),
    [
        ("# intent: a\n1\tja\tO\n", "line 11 has 3 columns; the file has 4"),
        ("# intent: a\n1\tja\ta\tO\n3\tja\ta\tO\n", "line 12 is numbered 3, not 2"),
        ("# intent: a\n1\tja\tb\tO\n", "several intents: a, b"),
        ("1\tja\ta\tO\n2\tja\tb\tO\n", "several intents: a, b"),
        ("# intent: a\n", "comments without tokens"),
        ("1\t\ta\tO\n", "line 10 has no token"),
        (
            "1\tja\ta\tO\n# intent: b\n1\tja\tb\tO\n",
            "line 11 is a comment after tokens; is a blank line missing?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(block: str, mistake: str) -> None:
    rows = rows_of(GOOD + block)
    assert [row.mistakes for row in rows[:-1]] == [[], [], []]
    assert rows[-1].line == 10
    assert rows[-1].mistakes[0] == mistake


def test_an_utterance_without_end_is_refused() -> None:
    rows = rows_of("ja\tO\n\nnei\tB-x\n\n" + "ja\tO\n" * 11_000)
    mistake = "more than 10,000 lines or 1,048,576 characters; is a blank line missing?"
    assert rows[-1].mistakes == [mistake]
    assert rows[-1].source.count("\n") < 10_000
    rows = rows_of("ja\tO\n\nnei\tB-x\n\n" + "# text: " + "ja " * 500_000 + "\nja\tO\n")
    assert rows[-1].mistakes == [mistake]
    assert len(rows[-1].source) < 1 << 20


def test_slots_in_comments_alone_are_not_lost_in_silence() -> None:
    rows = rows_of("# text: um sechs\n# intent: a\n# slots: 3:8:time\n1\tum\n2\tsechs\n")
    assert rows[0].mistakes == ["slots in a comment alone; write a column of tags"]


@pytest.mark.parametrize("blanks", ["\t", "\t\t", "\t \t"])
def test_blank_columns_after_the_tags_are_no_columns(blanks: str) -> None:
    content = "pay\tO\non\tO\nmonday\tB-date\n\npay\tO\ntomorrow\tI-date\n"
    padded = content.replace("\n", f"{blanks}\n").replace(f"\n{blanks}\n", "\n\n")
    assert conll.recognises(file_of(padded).head())
    assert [row.tags for row in rows_of(padded)] == [["O", "O", "B-date"], ["O", "I-date"]]
    assert not any(row.mistakes for row in rows_of(padded))


def test_what_stands_in_a_blank_column_later_is_a_mistake_of_its_line() -> None:
    lines = "pay\tO\t\nnow\tB-date\t\n\n" * 6_000
    rows = rows_of(lines + "pay\tO\tsee me\n")
    assert [row.mistakes for row in rows if row.mistakes] == [
        ["line 18001 has 3 columns; the file has 2"]
    ]


def test_tags_that_are_blank_everywhere_are_refused_with_line_and_advice() -> None:
    content = "# intent = pay\npay\t\t\nnow\t\t\n\n# intent = pay\npay\t\t\n"
    with pytest.raises(DataError, match="has no tags") as refused:
        rows_of(content)
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert "column 2, that of the tags, is blank" in problem.found
    assert problem.todo is not None
    assert "without any slot write O" in problem.todo
