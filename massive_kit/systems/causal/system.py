"""Loads a fine-tuned decoder."""

from __future__ import annotations

from pathlib import Path

import torch

from massive_kit.data.inventory import read_inventory
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.languages import character_locales
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.causal.recipe import CausalRecipe
from massive_kit.systems.decoders.adapters import is_adapter, merge_adapter
from massive_kit.systems.decoders.loading import load_adapted, load_decoder, with_padding
from massive_kit.systems.decoders.precision import frozen_dtype
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.system import TextSystem
from massive_kit.systems.text_answers.writer import BUDGET, Writer


def load(folder: Path, recipe: CausalRecipe) -> TextSystem:
    """The system in a model folder, as its recipe says.

    Raises:
        MissingDataError: The base of its adapter is not where it was.
        MassiveKitError: The folder's files do not fit together.
    """
    quiet()
    precision = choose_precision(recipe.training.precision)
    tokenizer = with_padding(load_tokenizer(folder))
    if is_adapter(str(folder)):
        model = load_adapted(folder, tokenizer, frozen_dtype(precision))
        # Beside the weights it takes as long again as they do.
        merge_adapter(model)
    else:
        model = load_decoder(BaseModelSettings(base=str(folder)), tokenizer)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    coding = TextCoding(tokenizer, read_inventory(folder), recipe.model, recipe.model.separator)
    budget = recipe.training.eval_batch_tokens or BUDGET
    writer = Writer(model.to(device).eval(), coding, precision, goes_on=True, budget=budget)
    return TextSystem(writer, character_locales())
