"""Vectors of utterances by a frozen encoder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, EsmConfig, EsmModel, EsmTokenizer

from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

TEXTS = ["wake me up at seven tomorrow", "stop", "明日の天気", "play jazz " * 40, "turn it down"]


def encoder(base: Path, **settings: object) -> SentenceEncoder:
    values = SentenceEncoderSettings.model_validate({"base": str(base), **settings})
    return SentenceEncoder.load(values, "fp32")


@pytest.mark.parametrize("pooling", ["mean", "first", "last"])
def test_vectors_are_those_of_the_model_alone_whatever_the_batch(
    small_encoder: Path, pooling: str
) -> None:
    made = encoder(small_encoder, pooling=pooling, prefix="query: ", max_length=32).vectors(TEXTS)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    model = AutoModel.from_pretrained(small_encoder).eval()
    tokenizer = AutoTokenizer.from_pretrained(small_encoder)
    for text, vector in zip(TEXTS, made, strict=True):
        inputs = tokenizer(f"query: {text}", return_tensors="pt", truncation=True, max_length=32)
        with torch.inference_mode():
            hidden = model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
            ).last_hidden_state[0]
        expected = {"mean": hidden.mean(0), "first": hidden[0], "last": hidden[-1]}[pooling]
        assert np.allclose(vector, expected / expected.norm(), atol=1e-5)


def test_a_lower_layer_is_read_and_saved_alone(small_encoder: Path, tmp_path: Path) -> None:
    lower = encoder(small_encoder, layer=0)
    assert lower.body.config.num_hidden_layers == 1
    vectors = lower.vectors(TEXTS)
    assert not np.allclose(vectors, encoder(small_encoder).vectors(TEXTS), atol=1e-3)
    lower.save(tmp_path)
    again = SentenceEncoder.saved(tmp_path, lower.settings, "fp32")
    assert np.allclose(again.vectors(TEXTS), vectors, atol=1e-6)
    with pytest.raises(ConfigError, match="0 to 1, or last"):
        encoder(small_encoder, layer=2)


def test_the_same_encoder_in_two_folders_is_loaded_and_asked_once(
    small_encoder: Path, tmp_path: Path
) -> None:
    frozen = encoder(small_encoder, prefix="query: ")
    folders = [tmp_path / name for name in ("one", "two", "other")]
    for number, folder in enumerate(folders):
        frozen.save(folder)
        # Of whatever else lies there, each has its own.
        (folder / "vectors.safetensors").write_bytes(bytes(number))
    with torch.no_grad():
        next(frozen.body.parameters()).mul_(2)
    frozen.save(folders[2])
    one = SentenceEncoder.saved(folders[0], frozen.settings, "fp32")
    assert SentenceEncoder.saved(folders[1], frozen.settings, "fp32") is one
    assert one.vectors(TEXTS) is one.vectors(tuple(TEXTS))
    assert np.allclose(one.vectors(TEXTS[:2]), one.vectors(TEXTS)[:2], atol=1e-6)
    other = SentenceEncoder.saved(folders[2], frozen.settings, "fp32")
    assert not np.allclose(other.vectors(TEXTS), one.vectors(TEXTS), atol=1e-3)
    plain = frozen.settings.model_copy(update={"prefix": ""})
    assert SentenceEncoder.saved(folders[0], plain, "fp32") is not one
    # What stands in the place of the files that were read is another encoder.
    shutil.copy(folders[2] / "model.safetensors", folders[0])
    for folder, same in ((folders[0], False), (folders[1], False)):
        assert (SentenceEncoder.saved(folder, frozen.settings, "fp32") is one) is same
    assert SentenceEncoder.saved(folders[0], frozen.settings, "fp32") is other


def test_the_model_of_a_run_is_read_below_its_heads(runs: dict[str, Path]) -> None:
    # Its body is the encoder of an mT5.
    base = runs["encoder"] / "model"
    assert encoder(base).vectors(TEXTS).shape == (5, 32)
    with pytest.raises(ConfigError, match="taken whole"):
        encoder(base, layer=0)


def test_nothing_to_encode_and_a_base_that_is_not_there(
    small_encoder: Path, tmp_path: Path
) -> None:
    assert encoder(small_encoder).vectors([]).shape == (0, 64)
    with pytest.raises(MissingDataError, match="no tokenizer at"):
        encoder(Path("nowhere"))
    with pytest.raises(MissingDataError, match="nowhere: there is no such folder"):
        encoder(tmp_path / "nowhere")
    with pytest.raises(MissingDataError, match=r"the folder holds no tokenizer\.json"):
        encoder(tmp_path)


def test_encoders_whose_tokenizer_lies_in_other_files_are_not_shared(tmp_path: Path) -> None:
    subwords = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", "wake", "me"]
    (tmp_path / "subwords.txt").write_text("\n".join(subwords))
    base, folders = tmp_path / "base", [tmp_path / name for name in ("one", "two")]
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16}
    config = EsmConfig(vocab_size=7, num_hidden_layers=1, pad_token_id=1, mask_token_id=4, **sizes)
    EsmModel(config).save_pretrained(base)
    EsmTokenizer(str(tmp_path / "subwords.txt")).save_pretrained(base)
    frozen = encoder(base)
    for folder in folders:
        folder.mkdir()
        frozen.save(folder)
    words = folders[1] / "vocab.txt"
    words.write_text(words.read_text().replace("wake\nme", "me\nwake"))
    first, second = (SentenceEncoder.saved(folder, frozen.settings, "fp32") for folder in folders)
    assert first is not second
    assert np.allclose(first.vectors(["wake"]), second.vectors(["me"]))
    assert not np.allclose(first.vectors(["wake"]), second.vectors(["wake"]))


def test_a_link_to_nothing_is_reported_as_missing(small_encoder: Path, tmp_path: Path) -> None:
    frozen = encoder(small_encoder)
    frozen.save(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "model.safetensors").symlink_to(tmp_path / "nowhere")
    with pytest.raises(MissingDataError):
        SentenceEncoder.saved(tmp_path, frozen.settings, "fp32")
