from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from massive_kit.analysis.forecast.token_facts import token_facts
from massive_kit.errors import MassiveKitError, MissingDataError


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """One subword for each letter from a to z, and an unknown one for every other sign."""
    letters = {chr(ord("a") + place): place for place in range(26)}
    unknown = "<unk>"
    model = Tokenizer(models.WordLevel({**letters, unknown: 26}, unk_token=unknown))
    model.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    folder = tmp_path / "run" / "model"
    folder.mkdir(parents=True)
    model.save(str(folder / "tokenizer.json"))
    return tmp_path / "run"


def test_text_of_another_script_is_unknown_and_shares_nothing_more(tokenizer: Path) -> None:
    facts = token_facts(tokenizer, "demo", "en-US")
    english, german, amharic = (facts[code] for code in ("en-US", "de-DE", "am-ET"))
    assert english.overlap == 1
    assert german.unknown is not None
    assert amharic.unknown is not None
    assert german.unknown < 0.3 < amharic.unknown
    assert english.subwords_per_token > 3
    assert english.subwords_per_utterance > 10


def test_what_is_no_tokenizer_is_refused(tmp_path: Path, tokenizer: Path) -> None:
    with pytest.raises(MissingDataError, match=r"holds no tokenizer\.json"):
        token_facts(tmp_path, "demo", "en-US")
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", encoding="utf-8")
    with pytest.raises(MassiveKitError, match="is not a tokenizer"):
        token_facts(wrong, "demo", "en-US")
    with pytest.raises(MissingDataError, match="no text of yo-NG"):
        token_facts(tokenizer, "demo", "yo-NG")
