"""Whole words of a vocabulary, by their script; what is cut inside a word is none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from massive_kit.errors import ConfigError
from massive_kit.systems.lexicon_induction.vocabulary import words_by_script


class Vocabulary:
    """As much of a tokenizer as is read."""

    all_special_tokens: Sequence[str] = ("<s>", "[CLS]")

    def __init__(self, *subwords: str) -> None:
        self.subwords = subwords

    def get_vocab(self) -> dict[str, int]:
        return {subword: place for place, subword in enumerate(self.subwords)}


def test_words_begin_with_a_space() -> None:
    tokenizer = Vocabulary(
        "<s>", "▁wecker", "weck", "▁Wecker", "▁a", "▁2nd", "▁c'est", "▁будильник", "▁wеcker", "er"
    )
    assert words_by_script(tokenizer, ["Latn", "Cyrl"]) == {
        # The last but one has a Cyrillic letter.
        "Latn": ["wecker", "Wecker", "c'est"],
        "Cyrl": ["будильник"],
    }


def test_scripts_without_spaces_have_words_inside_a_text() -> None:
    tokenizer = Vocabulary(
        "▁the", "天气", "▁雨", "ライト", "起こす", "▁ไฟ", "พรุ่งนี้", "ភ្លៀង", "커피", "▁커피", "่อ"
    )
    assert words_by_script(tokenizer, ["Hani", "Jpan", "Thai", "Khmr", "Kore"]) == {
        "Hani": ["雨", "天气"],
        "Jpan": ["ライト"],
        # A mark without a letter begins no word.
        "Thai": ["ไฟ", "พรุ่งนี้"],
        "Khmr": ["ភ្លៀង"],
        "Kore": ["커피"],
    }


def test_word_pieces() -> None:
    tokenizer = Vocabulary("[CLS]", "wecker", "##wecker", "утро", "##ро")
    assert words_by_script(tokenizer, ["Latn", "Cyrl"]) == {"Latn": ["wecker"], "Cyrl": ["утро"]}


@pytest.mark.parametrize(
    "subwords", [("alarm", "weck"), ("Ġalarm", "alarm"), ("Ġalarm", "Ġweck", "weck", "##")]
)
def test_a_vocabulary_without_marks_is_refused(subwords: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="there are no words") as caught:
        words_by_script(Vocabulary(*subwords), ["Latn"])
    assert "where words begin" in caught.value.problems[0].found


def test_a_few_subwords_of_another_kind_change_nothing() -> None:
    pieces = Vocabulary("Ġa", "Ġalarm", "wecker", "##er", "##ro", "##en")
    assert "wecker" in words_by_script(pieces, ["Latn"])["Latn"]
    sentence_pieces = Vocabulary("##", "▁wecker", "▁alarm")
    assert words_by_script(sentence_pieces, ["Latn"]) == {"Latn": ["wecker", "alarm"]}
