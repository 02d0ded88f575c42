"""A unigram tokenizer of the demo's English text, whose cuts have probabilities."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store


@pytest.fixture(scope="session")
def unigram_tokenizer(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tokenizer: letters, and pairs of letters that occur."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    texts = demo_store.read("train", ["en-US"], ["utt"]).column("utt").to_pylist()
    letters = sorted({letter for text in texts for letter in text if letter != " "})
    pairs = sorted({text[i : i + 2] for text in texts for i in range(len(text) - 1)})
    special = ["<s>", "</s>", "<pad>", "<unk>"]
    subwords = [*((name, 0.0) for name in special), ("▁", -2.0)]
    subwords += [(letter, -3.0) for letter in letters]
    subwords += [(pair, -4.5) for pair in pairs if " " not in pair]
    backend = Tokenizer(models.Unigram(subwords, unk_id=3))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        **{
            f"{name}_token": text
            for name, text in zip(("bos", "eos", "pad", "unk"), special, strict=True)
        },
    )
    folder = tmp_path_factory.mktemp("unigram-tokenizer")
    tokenizer.save_pretrained(folder)
    return folder
