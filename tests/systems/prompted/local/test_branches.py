"""Texts that are read side by side are read as if each stood alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers.normalizers import Replace
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from massive_kit.errors import MassiveKitError
from massive_kit.systems.prompted.local.batch_reading import BatchReader
from massive_kit.systems.prompted.local.branches import Branch, BranchingReader, Tree, read_head
from massive_kit.systems.prompted.local.label_scoring import LabelTree
from massive_kit.systems.prompted.local.language_model import LanguageModel
from massive_kit.systems.prompted.local.windows import Windows
from massive_kit.systems.prompted.recipe import PromptedModel
from tests.small_decoders import LLAMA, decoder_folder

WORDS = 60
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": LLAMA,
    "qwen3": LLAMA | {"model_type": "qwen3", "head_dim": 16},
    # Their windows are narrower than what is read.
    "gemma3": LLAMA
    | {"model_type": "gemma3_text", "head_dim": 16, "sliding_window": 4, "num_hidden_layers": 6},
    "gemma2": LLAMA
    | {"model_type": "gemma2", "head_dim": 16, "final_logit_softcapping": 3.0, "sliding_window": 4},
    "mistral": LLAMA | {"model_type": "mistral", "sliding_window": 4},
    "phi3": LLAMA | {"model_type": "phi3", "pad_token_id": 0, "sliding_window": 5},
    "gpt2": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 128},
}


def model_of(values: dict[str, Any]) -> PreTrainedModel:
    torch.manual_seed(0)
    special = {"vocab_size": WORDS, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    model: PreTrainedModel = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(**values | special)
    )
    return model.eval()


@torch.inference_mode()
def alone(model: PreTrainedModel, ids: list[int]) -> torch.Tensor:
    logits: torch.Tensor = model(input_ids=torch.tensor([ids])).logits[0]
    return logits


@pytest.mark.parametrize("family", FAMILIES)
def test_branches_see_what_leads_to_them_alone(family: str) -> None:
    model = model_of(FAMILIES[family])
    head, texts = [5, 6, 7, 8], [[9, 10, 11], [12, 13]]
    labels = [[20, 21], [20, 22, 23], [24]]
    reader = BranchingReader(model, read_head(model, head), 2)
    stems = [Branch(reader.start(i), Tree.chain(text)) for i, text in enumerate(texts)]
    reads = reader.read(stems, [[len(text) - 1] for text in texts])
    places = [read.place(range(len(t))) for read, t in zip(reads, texts, strict=True)]
    tree = Tree.of(labels)
    assert len(tree.tokens) == 5
    # The same tree twice in a row, and other branches beside it.
    hung = [Branch(place, tree) for place in [*places, places[0]]]
    scored = reader.read(hung, [[*range(5)]] * 3)
    for number, row in ((0, 0), (1, 1), (2, 0)):
        for label in labels:
            whole = alone(model, [*head, *texts[row], *label])[-1]
            branch = scored[number].logits[tree.path(label)[-1]]
            torch.testing.assert_close(branch, whole, atol=2e-4, rtol=2e-3)
    further = reader.read(
        [Branch(scored[1].place(tree.path([20, 22])), Tree.chain([30, 31]))], [[0, 1]]
    )
    whole = alone(model, [*head, *texts[1], 20, 22, 30, 31])[-2:]
    torch.testing.assert_close(further[0].logits, whole, atol=2e-4, rtol=2e-3)


def test_labels_are_as_likely_as_they_are_alone() -> None:
    model = model_of(LLAMA)
    batches = BatchReader(LanguageModel(model, None))
    labels = ((20, 21), (20, 22, 23), (24,), (20, 22, 25))
    head = [*range(3, 23)]
    for texts in ([[30, 31], [32]], [[33], [34, 35]], [[36, 37, 38]]):
        rows = [(*head, *text) for text in texts]
        batch = batches.read(rows)
        for ids, labelled in zip(
            rows, LabelTree(labels).score(batch.reader, batch.endings), strict=True
        ):
            for score, label in zip(labelled.scores.tolist(), labels, strict=True):
                likely = alone(model, [*ids, *label]).log_softmax(-1)
                start = len(ids)
                whole = sum(likely[start + i - 1, t].item() for i, t in enumerate(label))
                assert score == pytest.approx(whole, abs=1e-3)
    # The head was read once for the first two batches, and the third one begins with it, too.
    assert len(batches._heads) == 1


def test_a_model_that_heeds_no_mask_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mamba"
    small = {"model_type": "mamba", "hidden_size": 16, "state_size": 4, "num_hidden_layers": 1}
    decoder_folder(folder, ["wake me up at nine am on friday"], **small)
    with pytest.raises(MassiveKitError, match=r"branches|side by side"):
        LanguageModel.load(PromptedModel(base=str(folder), precision="fp32"))


def test_layers_that_see_a_text_in_parts_are_refused() -> None:
    whole = AutoConfig.for_model("gpt_neo", num_layers=2, attention_types=[[["global"], 2]])
    parts = AutoConfig.for_model("gpt_neo", num_layers=2, attention_types=[[["local"], 2]])
    assert Windows.of(whole) == Windows(None, is_mixed=False)
    with pytest.raises(ValueError, match="in parts"):
        Windows.of(parts)


def test_what_is_too_long_to_read_is_told(small_decoder: Path) -> None:
    model = LanguageModel.load(PromptedModel(base=str(small_decoder), precision="fp32"))
    assert model.room == 512
    reader = BranchingReader(model.model, None, 1)
    (read,) = reader.read([Branch(reader.start(0), Tree.chain([5] * 512))], [[511]])
    with pytest.raises(MassiveKitError, match="room for 512"):
        reader.read([Branch(read.place(range(512)), Tree.chain([5]))], [[0]])


def test_what_a_tokenizer_drops_has_a_token_all_the_same(small_decoder: Path) -> None:
    model = LanguageModel.load(PromptedModel(base=str(small_decoder), precision="fp32"))
    model.tokenizer.backend_tokenizer.normalizer = Replace("\u200d", "")
    assert model.encode("\u200d") == model.encode("")
    assert model.continuation("\u200d", "a")


def test_an_encoder_is_told_to_be_one(tmp_path: Path) -> None:
    folder = tmp_path / "bert"
    small = {"model_type": "bert", "num_hidden_layers": 2, "initializer_range": 1.0}
    decoder_folder(folder, ["wake me up at nine am on friday"], **small)
    with pytest.raises(MassiveKitError, match="as an encoder does"):
        LanguageModel.load(PromptedModel(base=str(folder), precision="fp32"))


def test_of_several_known_beginnings_the_longest_is_gone_on_from(small_decoder: Path) -> None:
    reader = BatchReader(LanguageModel(AutoModelForCausalLM.from_pretrained(small_decoder), None))
    short, long = tuple(range(5, 25)), tuple(range(5, 45))
    for known in (short, long):
        reader._heads[known] = read_head(reader.model.model, known)
    assert reader._head((*long, 3)) == long
