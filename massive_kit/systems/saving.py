"""Saves a trained model as a folder that loads without the kit's command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from massive_kit.data.inventory import Inventory, write_inventory
from massive_kit.files.atomic import atomic_folder


def save_model(folder: Path, model: PreTrainedModel, tokenizer: Any, inventory: Inventory) -> None:
    """Weights as safetensors, configuration, tokenizer and inventory; all at once or not at all."""
    save_beside(folder, model.save_pretrained, tokenizer, inventory)


def save_beside(
    folder: Path, write_weights: Callable[[Path], Any], tokenizer: Any, inventory: Inventory
) -> None:
    """As `save_model`, where weights and configuration are written in another way."""
    with atomic_folder(folder) as new:
        write_weights(new)
        tokenizer.save_pretrained(new)
        write_inventory(new, inventory)
        # Weights are saved as a private file, the others as anybody's.
        mode = (new / "inventory.json").stat().st_mode
        for path in new.rglob("*"):
            if path.is_file():
                path.chmod(mode)
