"""Slips of the hand move whole signs, and break none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.graphemes import clusters
from massive_kit.data.rewriting import Phrase
from massive_kit.data.typing_errors import NEIGHBOURS, SLIPS, Slip, Typist, mistyped, usual_slips

WORDS = (
    *("alarm", "Über", "e\u0301te\u0301", "क्षत्रिय", "مي\u200cخواهم", "ক্ষেত্ৰ", "ഞാന്‍ട്", "เปิดเพลง"),
    *(
        "នឹងដាក់",
        "မြန်မာ",
        "가나다",
        "\u1112\u1161\u11ab글자",
        "👨‍👩‍👧abc",
        "ab",
        "12345",
        "a1b2",
        "日本語",
    ),
)


@pytest.mark.parametrize(
    ("word", "signs"),
    [
        ("abc", "a b c"),
        ("e\u0301t", "e\u0301 t"),
        ("क्षत्रिय", "क्ष त्रि य"),
        ("می\u200cخ", "م ی\u200cخ"),
        ("เปิดน้ำ", "เปิ ด น้ำ"),
        ("ស្តាប់", "ស្តា ប់"),
        ("\u1112\u1161\u11ab글", "\u1112\u1161\u11ab 글"),
        ("👍🏽", "👍🏽"),
        ("", ""),
    ],
)
def test_signs(word: str, signs: str) -> None:
    assert clusters(word) == signs.split()


unit = st.floats(0, 1, exclude_max=True)


@given(st.sampled_from(WORDS), st.sampled_from(SLIPS), unit, unit)
def test_a_slip_moves_whole_signs(word: str, slip: Slip, which: float, where: float) -> None:
    made = mistyped(word, [slip], which, where)
    if made is None:
        return
    text, kind = made
    signs, after = clusters(word), clusters(text)
    assert kind == slip
    assert text != word
    assert text.split() == [text]
    for joiner in "\u200c\u200d":
        assert text.count(joiner) == word.count(joiner)
    difference = {"swap": 0, "drop": -1, "double": 1, "neighbour": 0}[slip]
    assert len(after) == len(signs) + difference
    if slip == "swap":
        assert sorted(after) == sorted(signs)
    if slip == "neighbour":
        assert sum(a != b for a, b in zip(signs, after, strict=True)) == 1
    assert {*after} <= {*signs} or slip == "neighbour"


@pytest.mark.parametrize("word", ["ab", "12345", "क्षत्रि", "...", "म"])
def test_what_stays(word: str) -> None:
    assert mistyped(word, SLIPS, 0.5, 0.5) is None


def test_keys_beside_each_other() -> None:
    assert {*NEIGHBOURS["s"]} == {*"adwezx"}
    assert {*NEIGHBOURS["p"]} == {*"ol"}
    assert mistyped("AAA", ["neighbour"], 0.0, 0.0) == ("QAA", "neighbour")
    assert usual_slips(SLIPS, "Latn") == SLIPS
    assert usual_slips(SLIPS, "Deva") == ("swap", "drop", "double")


ROWS = [
    [Phrase(("turn", "off")), Phrase(("kitchen",), "place"), Phrase(("anna",), "person")],
    [Phrase(("ok",))],
    [Phrase(("anna",), "person")],
]


def test_one_word_of_each_utterance() -> None:
    typist = Typist(SLIPS, None, never=("person",))
    made = [*typist.slipped(ROWS, np.random.default_rng(0))]
    assert [row.row for row in made] == [0]
    words = [word for phrase in made[0].phrases for word in phrase.words]
    assert sum(a != b for a, b in zip(words, ["turn", "off", "kitchen", "anna"], strict=True)) == 1
    assert [phrase.slot for phrase in made[0].phrases] == [None, "place", "person"]
    assert len(made[0].slips) == 1


def test_a_share_of_words() -> None:
    rows = [[Phrase(("alarm",) * 10)]] * 200
    made = [*Typist(SLIPS, 0.1).slipped(rows, np.random.default_rng(0))]
    assert 0.07 < sum(len(row.slips) for row in made) / 2000 < 0.13
    assert [*Typist(SLIPS, 0.0).slipped(rows, np.random.default_rng(0))] == []
