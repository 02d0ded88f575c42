"""MTOP: offsets, parses, slots within slots."""

from __future__ import annotations

import pytest

from massive_kit.data.intake.source_files import SourceFile
from tests.data.intake.samples_reading import annotated, only, read, recognised, sample


def test_mtop() -> None:
    rows = sample("mtop", "mtop/eval.txt")
    nested = "slots within slots left out, the outermost kept"
    assert [(row.id, row.locale, row.scenario, row.intent, annotated(row)) for row in rows] == [
        ("901", "en", "alarm", "IN:CREATE_ALARM", "Wake me <SL:DATE_TIME=at 6 am tomorrow>."),
        (
            "902",
            "en",
            "reminder",
            "IN:CREATE_REMINDER",
            "Remind <SL:PERSON_REMINDED=me> to <SL:TODO=call Özlem> <SL:DATE_TIME=at noon>",
        ),
        ("903", "th", "alarm", "IN:CREATE_ALARM", "ปลุกฉัน<SL:DATE_TIME=ตอนหกโมงเช้า>"),
        # Offsets in code points; those above are in bytes.
        (
            "904",
            "hi",
            "music",
            "IN:PLAY_MUSIC",
            "<SL:DATE_TIME=कल> के लिए <SL:MUSIC_TYPE=गाने> बजाओ",
        ),
        ("905", "en", "event", "IN:GET_EVENT", "[live] shows in <SL:LOCATION=Lyon>"),
    ]
    assert [row.notes for row in rows] == [[], [nested], [], [], []]


def mtop_row(slots: str, parse: str, text: str = "café at ten or eleven") -> str:
    return f"7\tIN:GET\t{slots}\t{text}\tevent\tfr_XX\t{parse}\t{{}}"


@pytest.mark.parametrize(
    ("slots", "parse", "expected"),
    [
        # Bytes and code points, whichever the parse confirms.
        ("9:12:SL:AT", "[IN:GET [SL:AT ten ] ]", "café at <SL:AT=ten> or eleven"),
        ("8:11:SL:AT", "[IN:GET [SL:AT ten ] ]", "café at <SL:AT=ten> or eleven"),
        # White space at the ends is no part of a slot.
        ("8:13:SL:AT", "[IN:GET [SL:AT ten ] ]", "café at <SL:AT=ten> or eleven"),
        # Slots in any order, and a parse with all words.
        (
            "16:22:SL:B,0:5:SL:A",
            "[IN:GET [SL:A café ] at ten or [SL:B eleven ] ]",
            "<SL:A=café> at ten or <SL:B=eleven>",
        ),
        ("", "[IN:GET [SL:A café ] at ten or eleven ]", "<SL:A=café> at ten or eleven"),
        ("", "[IN:GET ]", "café at ten or eleven"),
        # A slot of the column that is in another one.
        (
            "0:12:SL:A,9:12:SL:B",
            "[IN:GET [SL:A [IN:X [SL:B ten ] ] ] ]",
            "<SL:A=café at ten> or eleven",
        ),
        # A tokeniser's own case and composition.
        ("0:5:SL:A", "[IN:GET [SL:A CAFE\u0301 ] ]", "<SL:A=café> at ten or eleven"),
    ],
)
def test_mtop_offsets_are_held_against_the_parse(slots: str, parse: str, expected: str) -> None:
    row = only("mtop", mtop_row(slots, parse))
    assert row.mistakes == []
    assert annotated(row) == expected


@pytest.mark.parametrize(
    ("slots", "parse", "reason"),
    [
        (
            "8:12:SL:AT",
            "[IN:GET [SL:AT eleven ] ]",
            "by the offsets of slots [SL:AT ten], by the parse [SL:AT eleven]",
        ),
        ("8:11:SL:AT", "[IN:GET [SL:BY ten ] ]", "[SL:AT ten], by the parse [SL:BY ten]"),
        (
            "5:11:SL:AT",
            "[IN:GET [SL:AT ten or ] ]",
            "by the offsets of slots [SL:AT at ten], by the parse [SL:AT ten or]",
        ),
        ("8:11:SL:AT", "[IN:GET ]", "[SL:AT ten], by the parse no slot"),
        ("8:90:SL:AT", "[IN:GET [SL:AT ten ] ]", "nothing, by the parse [SL:AT ten]"),
        ("4:5:SL:AT", "[IN:GET [SL:AT ten ] ]", "nothing, by the parse [SL:AT ten]"),
        ("0:7:SL:A,5:11:SL:B", "[IN:GET [SL:A café ] [SL:B ten ] ]", "nothing, by the parse"),
        ("8-11:SL:AT", "[IN:GET ]", "the slot '8-11:SL:AT' is not start:end:SL:NAME"),
        ("", "[IN:GET [SL:AT ten ] ]", "the column of slots is empty, and the parse has slots"),
        ("", "[IN:PUT ]", "the intent is 'IN:GET', that of the parse 'IN:PUT'"),
        ("", "[IN:GET [SL:AT ten ]", "[IN:GET has no ']'"),
        ("", "[IN:GET ] ]", "a ']' without its '[' (character 11)"),
        ("", "[IN:GET [now] ]", "a '[' without IN: or SL: (character 9"),
        ("", "so [IN:GET ]", "'so' stands outside of the brackets"),
        ("", "[IN:GET ] so", "'so' stands outside of the brackets"),
        ("", "", "0 outer brackets instead of one [IN: ]"),
        ("", "[IN:A ] [IN:B ]", "2 outer brackets instead of one [IN: ]"),
        ("", "[IN:A " * 100 + "] " * 100, "brackets within brackets, more than 64 times"),
    ],
)
def test_an_mtop_row_that_contradicts_itself_is_refused(
    slots: str, parse: str, reason: str
) -> None:
    rows = read("mtop", f"{mtop_row('', '[IN:GET ]')}\n\n{mtop_row(slots, parse)}\n".encode())
    assert [row.line for row in rows] == [1, 3]
    assert reason in "; ".join(rows[1].mistakes)
    assert rows[1].source == mtop_row(slots, parse)


def test_mtop_with_a_header_and_without_tokens() -> None:
    content = (
        f"id\tintent\tslots\tutterance\tdomain\tlocale\tparse\n{mtop_row('', '[IN:GET ]')[:-3]}"
    )
    assert recognised(SourceFile.of_bytes("file", content.encode())) == {"mtop"}
    assert annotated(only("mtop", content)) == "café at ten or eleven"
    assert only("mtop", "a\tb[").mistakes == [
        "2 columns; 7 or 8 are wanted: id, intent, slots, utterance, domain, locale, parse, tokens"
    ]


def test_where_both_units_fit_the_rest_of_the_file_tells() -> None:
    # `b` stands at bytes 3 to 4 and at code points 3 to 4.
    both = mtop_row("3:4:SL:B", "[IN:GET [SL:B b ] ]", "ébbb")
    points = mtop_row("5:8:SL:AT", "[IN:GET [SL:AT ten ] ]", "café ten")
    counted_bytes = mtop_row("6:9:SL:AT", "[IN:GET [SL:AT ten ] ]", "café ten")
    for other, expected in ((points, "ébb<SL:B=b>"), (counted_bytes, "éb<SL:B=b>b")):
        rows = read("mtop", f"{both}\n{other}\n".encode())
        assert annotated(rows[0]) == expected
        assert annotated(rows[1]) == "café <SL:AT=ten>"
    assert annotated(only("mtop", both)) == "éb<SL:B=b>b"


def test_more_slots_than_any_utterance_has() -> None:
    row = only("mtop", mtop_row(",".join(["0:1:SL:A"] * 2_000), "[IN:GET ]"))
    assert row.mistakes == ["2,000 slots; at most 1,000 are read"]
