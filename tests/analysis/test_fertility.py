"""Subwords, unknown characters and bytes, with tokenizers small enough to count by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from typer.testing import CliRunner

from massive_kit.analysis.fertility.language_text import (
    LanguageText,
    text_of_file,
    text_of_store,
)
from massive_kit.analysis.fertility.measuring import fertility
from massive_kit.cli.app import app
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError
from massive_kit.languages import LanguageTable

LETTERS = {chr(ord("a") + place): place for place in range(26)}
UNKNOWN = "<unk>"
UNKNOWN_WORD = "[UNK]"


def letters() -> Tokenizer:
    """One subword for each letter from a to z, and an unknown one for every other sign."""
    model = Tokenizer(models.WordLevel({**LETTERS, UNKNOWN: 26}, unk_token=UNKNOWN))
    model.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return model


def words() -> Tokenizer:
    """WordPiece, which gives up a word for one letter that it does not know."""
    pieces = {UNKNOWN_WORD: 0, "a": 1, "##b": 2, "b": 3}
    model = Tokenizer(models.WordPiece(pieces, unk_token=UNKNOWN_WORD))
    model.pre_tokenizer = pre_tokenizers.Whitespace()
    return model


def text(locale: str, *utterances: str, ids: tuple[str, ...] = ()) -> LanguageText:
    return LanguageText(
        locale, "here", ids, utterances, tuple(len(line.split()) for line in utterances)
    )


def test_a_letter_that_is_unknown_is_named_with_how_often() -> None:
    facts = fertility(letters(), text("yo-NG", "jíjí mi", "jí"))
    assert (facts.utterances, facts.tokens, facts.characters) == (2, 3, 8)
    # A space is a sign that this one does not know either, but no character of the text.
    assert (facts.subwords, facts.unknown_subwords) == (9, 4)
    assert facts.unknown_characters == {"í": 3}
    assert facts.unknown_character_share == pytest.approx(3 / 8)
    assert facts.subwords_per_token == 3
    assert facts.relative_length is None


def test_a_word_given_up_for_one_letter_names_that_letter_alone() -> None:
    facts = fertility(words(), text("x", "ab aç"))
    assert facts.unknown_subwords == 1
    assert facts.unknown_characters == {"ç": 1}


def test_characters_cut_into_bytes_are_counted() -> None:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    model = Tokenizer(models.BPE({sign: place for place, sign in enumerate(sorted(alphabet))}, []))
    model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    facts = fertility(model, text("am-ET", "ab ነገ"))
    assert (facts.characters, facts.characters_in_bytes, facts.unknown_subwords) == (4, 2, 0)
    assert facts.subwords_per_character == 9 / 4

    pieces = [("<unk>", 0.0), ("a", -1.0), *((f"<0x{byte:02X}>", -9.0) for byte in range(256))]
    fallback = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    facts = fertility(fallback, text("am-ET", "aነ"))
    assert (facts.characters_in_bytes, facts.unknown_subwords) == (1, 0)


def test_lengths_are_compared_over_the_same_utterances() -> None:
    english = text("en-US", "abc", "ab", ids=("1", "2"))
    assert (
        fertility(letters(), text("x", "abcdef", "a", ids=("1", "3")), english).relative_length == 2
    )
    assert fertility(letters(), text("x", "a"), english).relative_length is None


def test_texts_of_a_store_are_of_the_same_ids_everywhere(demo_store: Store) -> None:
    english, german = (text_of_store(demo_store, code, most=5) for code in ("en-US", "de-DE"))
    assert english.ids == german.ids
    assert len(english.ids) == 5
    assert len(text_of_store(demo_store, "en-US", "dev", None).ids) > 5
    with pytest.raises(MissingDataError, match="no heldout of en-US"):
        text_of_store(demo_store, "en-US", "heldout")


def test_a_text_file_is_a_line_for_each_utterance(tmp_path: Path) -> None:
    path = tmp_path / "ja.txt"
    path.write_text("\ufeff 音量 up \n\n再生\n", encoding="utf-8")
    read = text_of_file(path, "ja-JP", LanguageTable.shipped())
    assert (read.utterances, read.tokens) == (("音量 up", "再生"), (3, 2))
    path.write_bytes("é".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        text_of_file(path, "ja-JP", LanguageTable.shipped())
    path.write_text("a\n" + "b" * 100_001, encoding="utf-8")
    with pytest.raises(DataError, match=r"ja\.txt:2"):
        text_of_file(path, "ja-JP", LanguageTable.shipped())
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match="no text"):
        text_of_file(path, "ja-JP", LanguageTable.shipped())


def test_the_command_shows_a_text_beside_the_languages_of_a_store(tmp_path: Path) -> None:
    letters().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "yo.txt").write_text("jí mi\n", encoding="utf-8")
    options = ["--data", "demo", "--locale", "en-US", "--locale", "am-ET", "--format", "json"]
    named = f"yo-NG={tmp_path / 'yo.txt'}"
    done = CliRunner().invoke(
        app, ["fertility", str(tmp_path), *options, "--text", named], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    table = json.loads(done.stdout)["fertility"]
    rows = {row["locale"]: row for row in table["rows"]}
    assert [*rows] == ["en-US", "am-ET", "yo-NG"]
    assert rows["en-US"]["relative_length"] == 1
    assert rows["yo-NG"]["relative_length"] is None
    assert rows["yo-NG"]["which"] == "í 1"


def test_a_language_to_compare_with_that_is_not_there_is_told(tmp_path: Path) -> None:
    letters().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "yo.txt").write_text("jí mi\n", encoding="utf-8")
    words = ["fertility", str(tmp_path), "--text", f"yo-NG={tmp_path / 'yo.txt'}"]
    done = CliRunner().invoke(app, [*words, "--format", "json"], catch_exceptions=False)
    notes = json.loads(done.stdout)["fertility"]["notes"]
    assert "No length for one of en-US, which is not among these texts" in notes[-1]
    wrong = CliRunner().invoke(app, [*words, "--against", "xx"])
    assert "--against 'xx': 'xx' is not a locale code" in str(wrong.exception)


def test_every_wrong_text_is_told_at_once(tmp_path: Path) -> None:
    letters().save(str(tmp_path / "tokenizer.json"))
    wrong = ["--text", "yo-NG", "--text", "!=a.txt"]
    done = CliRunner().invoke(app, ["fertility", str(tmp_path), *wrong])
    for part in ("'yo-NG' is not LOCALE=FILE", "'!' is not a locale code"):
        assert part in str(done.exception)
