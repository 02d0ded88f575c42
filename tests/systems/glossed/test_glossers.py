"""Texts are glossed in parts, each of which says what it does alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.lexicons.glossaries import GlossSettings
from massive_kit.systems.glossed import glossers
from massive_kit.systems.glossed.glossers import EncoderGlosser
from massive_kit.systems.interface import Utterance
from massive_kit.systems.lexicon_induction.nearest_words import NearestWords
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

SOURCE = [["wake", "me", "up"], ["wake", "up", "now"], ["play", "jazz", "now"]]


def test_an_encoder_glosses_parts_as_it_does_the_whole(
    small_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SentenceEncoderSettings(base=str(small_encoder))
    reader = ContextReader(SentenceEncoder.load(settings, "fp32"), (0, 1))
    words = NearestWords(reader, reader.words(SOURCE), -1.0)
    glosser = EncoderGlosser(words, GlossSettings("en-US"))
    texts = [("de-DE", "weck mich"), ("en-US", "wake up"), ("de-DE", "jetzt"), ("sw-KE", "sasa")]
    utterances = [
        Utterance(str(n), locale, text, text.split()) for n, (locale, text) in enumerate(texts)
    ]
    whole = glosser.glosses(utterances)
    assert [len(gloss) for gloss in whole] == [2, 0, 1, 1]
    monkeypatch.setattr(glossers, "_AT_A_TIME", 2)
    assert glosser.glosses(utterances) == whole
