"""Loads a text-to-text model."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM

from massive_kit.data.inventory import read_inventory
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.languages import character_locales
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.system import TextSystem
from massive_kit.systems.text_answers.writer import BUDGET, Writer


def load(folder: Path, recipe: Seq2SeqRecipe) -> TextSystem:
    """The system in a model folder, as its recipe says."""
    quiet()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, use_safetensors=True)
    coding = TextCoding(load_tokenizer(folder), read_inventory(folder), recipe.model)
    precision = choose_precision(recipe.training.precision)
    budget = recipe.training.eval_batch_tokens or BUDGET
    writer = Writer(model.to(device).eval(), coding, precision, budget=budget)
    return TextSystem(writer, character_locales())
