"""Tokens are estimated on the safe side, in every script."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from massive_kit.systems.prompted.token_counts import TokenCounter


# Counted by SmolLM2's tokenizer (49,152 pieces), November 2026.
@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("wake me up at nine am on friday", 9),
        ('{"intent": "alarm_set"}', 10),
        ("- transport_traffic\n- transport_taxi\n- transport_ticket", 16),
        ("weck mich am freitag um neun uhr auf", 15),
        ("金曜日の午前九時に起こして", 23),
        ("አርብ ከጠዋቱ ሶስት ሰዓት ላይ ቀስቅሰኝ", 60),
    ],
)
def test_an_estimate_is_near_what_a_small_vocabulary_needs(text: str, counted: int) -> None:
    assert 0.5 <= TokenCounter(None).text(text) / counted <= 1.5


def test_half_a_character_is_counted() -> None:
    assert TokenCounter(None).text("\ud800") > 0


def test_tokens_are_counted_by_the_revision_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(name: str, revision: str | None) -> object:
        asked.append((name, revision))
        return lambda text, **_: SimpleNamespace(input_ids=[*text])

    monkeypatch.setattr("massive_kit.engine.tokenizers.load_tokenizer", load)
    assert TokenCounter("owner/name", "v2").text("abc") == 3
    assert asked == [("owner/name", "v2")]
