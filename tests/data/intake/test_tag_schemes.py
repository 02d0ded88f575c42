"""Spans in, spans out, for every tag scheme and spelling; and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import scheme as seqeval_scheme

from massive_kit.data.intake.tag_recognition import SPELLINGS, recognise
from massive_kit.data.intake.tag_schemes import (
    OUTSIDE,
    SCHEMES,
    LetterRules,
    Spelling,
    TagScheme,
    TagSpan,
)
from massive_kit.errors import TagError

BY_NAME = {rules.name: rules for rules in SCHEMES}
SLOTS = ("time", "date_time", "LOC-city", "SL:DATE", "B_x", "E-mail")


def encode(rules: LetterRules, spans: list[TagSpan], length: int) -> list[tuple[str, str] | None]:
    """Letter and slot of each token: the definition of each scheme, written another way."""
    tags: list[tuple[str, str] | None] = [None] * length
    ends = {(span.end, span.slot) for span in spans}
    starts = {(span.start, span.slot) for span in spans}
    for start, end, slot in spans:
        letters = ["I"] * (end - start)
        match rules.name:
            case "IOB2":
                letters[0] = "B"
            case "IOB1" if (start, slot) in ends:
                letters[0] = "B"
            case "IOE2":
                letters[-1] = "E"
            case "IOE1" if (end, slot) in starts:
                letters[-1] = "E"
            case "IOBES" | "BILOU" | "BMES":
                begin, inside, last, single = list(rules.letters)
                middle = [inside] * (end - start - 2)
                letters = [begin, *middle, last] if end - start > 1 else [single]
        tags[start:end] = [(letter, slot) for letter in letters]
    return tags


@st.composite
def span_lists(draw: st.DrawFn, slots: tuple[str, ...] = SLOTS) -> tuple[list[TagSpan], int]:
    spans = []
    at = 0
    for _ in range(draw(st.integers(0, 5))):
        start = at + draw(st.integers(0, 2))
        at = start + draw(st.integers(1, 4))
        spans.append(TagSpan(start, at, draw(st.sampled_from(slots))))
    return spans, at + draw(st.integers(0, 2))


def touching(spans: list[TagSpan]) -> bool:
    return any((a.end, a.slot) == (b.start, b.slot) for a in spans for b in spans)


@pytest.mark.parametrize("rules", SCHEMES, ids=lambda rules: rules.name)
@given(drawn=span_lists(), spelling=st.sampled_from(SPELLINGS), outside=st.sampled_from([*OUTSIDE]))
def test_spans_in_spans_out(
    rules: LetterRules, drawn: tuple[list[TagSpan], int], spelling: Spelling, outside: str
) -> None:
    spans, length = drawn
    if rules.name == "IO" and touching(spans):
        return
    parts = encode(rules, spans, length)
    tags = [spelling.join(*part) if part else outside for part in parts]
    assert TagScheme(rules, spelling).spans(tags) == spans


@pytest.mark.parametrize("name", [rules.name for rules in SCHEMES])
@given(drawn=span_lists(("time", "LOC-city")))
def test_a_corpus_is_known_and_read_back(name: str, drawn: tuple[list[TagSpan], int]) -> None:
    spans, length = drawn
    # Two spans that show every letter stand in any real corpus.
    shown = [TagSpan(0, 3, "time"), TagSpan(3, 4, "time"), TagSpan(5, 7, "time")]
    if name == "IO":
        shown = shown[:1]
        if touching(spans):
            return
    rows = [encode(BY_NAME[name], row, size) for row, size in ((shown, 9), (spans, length))]
    for spelling in (Spelling(), Spelling("_"), Spelling("-", letter_first=False)):
        if name == "IO" and spelling != Spelling():
            continue
        tag_rows = [[spelling.join(*part) if part else "O" for part in row] for row in rows]
        scheme = recognise(tag_rows)
        assert scheme.spans(tag_rows[1]) == spans
        assert scheme.says_boundaries == (name != "IO")
        if spans:
            assert scheme == TagScheme(BY_NAME[name], spelling)


@pytest.mark.parametrize("name", ["IOB1", "IOB2", "IOE1", "IOE2", "IOBES", "BILOU"])
@given(data=st.data())
def test_what_is_read_is_what_seqeval_reads(name: str, data: st.DataObject) -> None:
    rules = BY_NAME[name]
    tag = st.builds("{}-{}".format, st.sampled_from(rules.letters), st.sampled_from(["x", "y"]))
    tags = data.draw(st.lists(st.one_of(st.just("O"), tag), max_size=6))
    try:
        spans = TagScheme(rules).spans(tags)
    except TagError:
        return
    # "IOE1 hasn't yet been able to handle some cases", says seqeval.
    if name == "IOE1" and any(tags[span.start].startswith("E") for span in spans):
        return
    entities = seqeval_scheme.Tokens(tags, getattr(seqeval_scheme, name)).entities
    assert spans == [(entity.start, entity.end, entity.tag) for entity in entities]


@pytest.mark.parametrize("name", ["IOB1", "IOB2", "IOE2", "IOBES", "BILOU"])
@given(data=st.data())
def test_nothing_is_refused_that_some_spans_give(name: str, data: st.DataObject) -> None:
    rules = BY_NAME[name]
    tag = st.builds("{}-{}".format, st.sampled_from(rules.letters), st.sampled_from(["x", "y"]))
    tags = data.draw(st.lists(st.one_of(st.just("O"), tag), max_size=6))
    entities = seqeval_scheme.Tokens(tags, getattr(seqeval_scheme, name)).entities
    spans = [TagSpan(entity.start, entity.end, entity.tag) for entity in entities]
    again = ["-".join(part) if part else "O" for part in encode(rules, spans, len(tags))]
    if again == tags:
        assert TagScheme(rules).spans(tags) == spans
    else:
        with pytest.raises(TagError):
            TagScheme(rules).spans(tags)


def test_plain_names_are_runs() -> None:
    scheme = recognise([["O", "time", "time", "date_time", "O", "E_mail", "B_side"]])
    assert not scheme.says_boundaries
    assert str(scheme) == scheme.name == "plain names"
    assert scheme.spans(["time", "time", "", "date_time", "E_mail"]) == [
        (0, 2, "time"),
        (3, 4, "date_time"),
        (4, 5, "E_mail"),
    ]


@pytest.mark.parametrize(
    "tags",
    [
        "E_mail",
        "E_mail B_side",
        "E_mail E_mail O mail",
        "B_side I_pod I_pod O B_side",
        "E-mail U-turn O S-class O",
        "vitamin_B O vitamin_E O vitamin_S",
        "type_B O type_I O type_S",
        "time O date O E-mail",
        "S B",
    ],
)
def test_a_name_that_looks_like_a_tag_stays_a_name(tags: str) -> None:
    row = tags.split()
    if row == ["S", "B"]:
        with pytest.raises(TagError, match="the tags B, S name no slot"):
            recognise([row])
        return
    scheme = recognise([row])
    assert scheme.name == "plain names"
    assert {span.slot for span in scheme.spans(row)} == set(row) - {"O"}


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ("B-time O B-time", "IOB2"),
        ("B-time B-time I-time", "IOB2"),
        ("I-time I-time O I-date", "IO"),
        ("I-time B-time O I-date", "IOB1"),
        ("B-a E-a O B-a E-a", "IOBES"),
        ("S-a S-b S-c", "IOBES"),
        ("U-a U-b U-c", "BILOU"),
        ("B_a M_a E_a O S_a", "BMES"),
        ("I-a E-a E-a", "IOE2"),
        ("a-B a-I O b-B", "IOB2"),
        ("b-a i-a o b-c", "IOB2"),
        ("O O", "plain names"),
    ],
)
def test_few_tags_are_enough(tags: str, name: str) -> None:
    scheme = recognise([tags.split()])
    assert scheme.name == name
    scheme.spans(tags.split())


def test_the_majority_says_what_is_a_mistake() -> None:
    rows = [["B-time", "I-time", "O"]] * 20 + [["O", "I-time", "O"]] * 3 + [["O", "date"]]
    scheme = recognise(rows)
    assert scheme.name == "IOB2"
    with pytest.raises(TagError) as caught:
        scheme.spans(rows[21])
    assert str(caught.value) == (
        "token 2 has 'I-time' after 'O'; IOB2 has it only after B-time or I-time"
    )
    with pytest.raises(TagError) as caught:
        scheme.spans(rows[-1])
    assert str(caught.value) == "token 2 has 'date', which is no tag of IOB2 (B-slot, I-slot)"


@pytest.mark.parametrize(
    ("name", "tags", "message"),
    [
        (
            "IOBES",
            "E-x",
            "token 1 has 'E-x' at the start; IOBES has it only after B-x or I-x",
        ),
        ("IOBES", "B-x", "token 1 has 'B-x' at the end; IOBES has it only before I-x or E-x"),
        (
            "BILOU",
            "O B-x U-x",
            "token 2 has 'B-x' before 'U-x'; BILOU has it only before I-x or L-x",
        ),
        ("IOB1", "O B-x", "token 2 has 'B-x' after 'O'; IOB1 has it only after I-x or B-x"),
        ("IOE2", "I-x O", "token 1 has 'I-x' before 'O'; IOE2 has it only before I-x or E-x"),
        ("IOB2", "B-x I-y I-z O I-x O I-y", None),
    ],
)
def test_the_message_says_what_was_expected(name: str, tags: str, message: str | None) -> None:
    with pytest.raises(TagError) as caught:
        TagScheme(BY_NAME[name]).spans(tags.split())
    told = str(caught.value)
    if message:
        assert told == message
    else:
        assert told.count("only after") == 3
        assert told.endswith("; 1 more mistakes")


def test_a_few_letters_among_plain_names_are_a_mix() -> None:
    rows = [["time", "date", "city"]] * 9 + [["E-time", "O"], ["B_city", "I_city"]]
    scheme = recognise(rows)
    assert scheme.name == "plain names"
    with pytest.raises(TagError, match="token 1 has 'E-time' in a corpus of plain names"):
        scheme.spans(rows[9])
    with pytest.raises(TagError, match="token 2 has 'I_city' in a corpus"):
        scheme.spans(rows[10])


def test_a_mix_that_no_scheme_can_read_is_refused() -> None:
    rows = [["B-x", "L-x"], ["I-x", "O"], ["U-z", "M-z"]]
    with pytest.raises(TagError) as caught:
        recognise(rows)
    assert str(caught.value) == (
        "the tags fit BILOU (B-slot, I-slot, L-slot, U-slot) best, and yet make 3 mistakes in"
        " 5 tags; are several tag schemes mixed?"
    )


def test_letters_in_both_cases_are_refused_as_that() -> None:
    rows = [["B-x", "I-x", "O"], ["b-x", "i-x", "o"]]
    with pytest.raises(TagError, match=r"upper and lower case are mixed .* 'B-x' and 'b-x'; write"):
        recognise(rows)
    assert recognise([["E-mail", "e-book"], ["E-mail", "time"]]).name == "plain names"


def test_half_of_one_scheme_and_half_of_another_is_refused_row_by_row() -> None:
    rows = [["B-x", "I-x", "I-x", "O"]] * 10 + [["B-x", "I-x", "E-x", "S-x"]] * 9
    scheme = recognise(rows)
    assert scheme.name == "IOBES"
    with pytest.raises(TagError, match="token 3 has 'I-x' before 'O'; IOBES has it only before"):
        scheme.spans(rows[0])


def test_memory_is_bounded() -> None:
    with pytest.raises(TagError, match="already 5,001 different tags"):
        recognise([str(number)] for number in range(6_000))
