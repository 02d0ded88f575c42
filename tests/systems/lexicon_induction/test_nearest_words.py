"""Tokens are read as the source's words that an encoder makes the same of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from massive_kit.errors import DataError, MissingDataError
from massive_kit.systems.lexicon_induction.nearest_words import NearestWords
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

SOURCE = [["wake", "me", "up"], ["wake", "up", "now"], ["play", "jazz", "now"]]


@pytest.fixture(scope="module")
def nearest(small_encoder: Path) -> NearestWords:
    settings = SentenceEncoderSettings(base=str(small_encoder), prefix="query: ")
    reader = ContextReader(SentenceEncoder.load(settings, "fp32"), (0, 1))
    return NearestWords(reader, reader.words(SOURCE), 0.4)


def test_words_of_the_source_are_themselves(nearest: NearestWords) -> None:
    done: list[int] = []
    rows = [["play", "jazz", "now"], [], ["wake", "me", "up"]]
    assert nearest.nearest(rows, done.append) == [["play", "jazz", "now"], [], ["wake", "me", "up"]]
    assert sum(done) == 3
    assert nearest.nearest([]) == []


def test_what_is_near_to_none_stays(nearest: NearestWords) -> None:
    rows = [["weck", "mich", "7", "!", "auf"]]
    far = NearestWords(nearest.reader, nearest.source, 1.1)
    assert far.nearest(rows) == rows
    (any_,) = NearestWords(nearest.reader, nearest.source, -1.0).nearest(rows)
    # Digits and signs have no gloss.
    assert any_[2:4] == ["7", "!"]
    assert {any_[0], any_[1], any_[4]} <= {*nearest.source.words}


def test_they_are_read_as_they_were_saved(nearest: NearestWords, tmp_path: Path) -> None:
    nearest.save(tmp_path / "words")
    rows = [["weck", "mich", "um", "fünf"], ["נגן", "מוזיקה"]]
    loaded = NearestWords.load(tmp_path / "words")
    assert loaded.nearest(rows) == nearest.nearest(rows)
    assert loaded.source.words == nearest.source.words
    assert loaded.cosine == 0.4
    assert {path.suffix for path in (tmp_path / "words").rglob("*") if path.is_file()} <= {
        ".json",
        ".safetensors",
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "other"),
        ("words", ["wake"]),
        ("words", None),
        ("layers", [0, 9]),
        ("layers", [1]),
        ("layers", []),
        ("encoder", {"surprise": 1}),
        ("cosine", "near"),
    ],
)
def test_a_damaged_folder_is_told(
    key: str, value: object, nearest: NearestWords, tmp_path: Path
) -> None:
    nearest.save(tmp_path / "words")
    about = tmp_path / "words" / "words.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), key: value}))
    with pytest.raises(DataError, match="cannot be read"):
        NearestWords.load(tmp_path / "words")


def test_missing_and_broken_files(nearest: NearestWords, tmp_path: Path) -> None:
    nearest.save(tmp_path / "words")
    (tmp_path / "words" / "words.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match=r"words\.safetensors: something else"):
        NearestWords.load(tmp_path / "words")
    nearest.save(tmp_path / "again")
    (tmp_path / "again" / "encoder" / "config.json").unlink()
    with pytest.raises(DataError, match=r"encoder: .*make the run again"):
        NearestWords.load(tmp_path / "again")
    (tmp_path / "again" / "words.safetensors").unlink()
    with pytest.raises(MissingDataError, match=r"no words\.safetensors; make the run again"):
        NearestWords.load(tmp_path / "again")
    (tmp_path / "words" / "words.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match="cannot be read"):
        NearestWords.load(tmp_path / "words")
    (tmp_path / "words" / "words.json").unlink()
    with pytest.raises(MissingDataError, match="make the run again"):
        NearestWords.load(tmp_path / "words")


def test_the_cosine_is_the_mean_of_the_layers(nearest: NearestWords) -> None:
    vectors = nearest.source.vectors
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.allclose(lengths, np.sqrt(2), atol=1e-4)


def test_what_is_read_most_like_a_span_is_taken(nearest: NearestWords) -> None:
    play, jazz, now = nearest.vectors([["play", "jazz", "now"]])[:, None]
    both = np.concatenate([play, jazz])
    choices = [("wake", "play"), ("now", "play jazz"), ("jazz", "now"), ("play",)]
    taken = nearest.most_alike([play, both, now, jazz], choices)
    assert taken == ["play", "play jazz", "now", "play"]
    assert nearest.most_alike([], []) == []
    # What the source does not have is no reason to pass over what is likelier by itself.
    assert nearest.most_alike([play], [("guitar", "violin")]) == ["guitar"]
    # Many places weigh more than a cosine.
    places = (*(f"word{n}" for n in range(500)), "play")
    assert nearest.most_alike([play], [places]) == ["word0"]


def test_what_was_cut_off_is_like_nothing(nearest: NearestWords) -> None:
    row = ["play"] * 2000
    vectors = nearest.vectors([row])
    assert vectors[0].any()
    assert not vectors[-1].any()
    assert nearest.nearest_to(vectors[-1:], ["spiel"]) == ["spiel"]
    assert nearest.most_alike([vectors[-1:]], [("now", "play")]) == ["now"]
    # More pairs than are compared at a time.
    play = nearest.vectors([["play", "jazz", "now"]])[:1]
    many = nearest.most_alike([play] * 9000, [("wake", "play")] * 9000)
    assert many == ["play"] * 9000
