"""Saves a trained model as a folder that loads without the kit's command line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
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
        make_readable(new)


def make_readable(folder: Path) -> None:
    """Gives the files of a model folder, some of which are saved as private ones, anybody's mode.

    A file that stands in another folder, too, stays as it is.
    """
    mode = (folder / "inventory.json").stat().st_mode
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_nlink == 1:
            path.chmod(mode)


def carry_over(model: Path, folder: Path, without: Collection[str] = ()) -> None:
    """Brings into a folder what a model folder has and it lacks.

    Weights, which nothing writes anew in their place, are linked where the file system can.

    Args:
        model: The model folder.
        folder: The folder to bring it into.
        without: Names of files and folders that stay behind.
    """
    for path in sorted(model.iterdir()):
        target = folder / path.name
        if path.name in without or target.exists():
            continue
        if path.is_dir():
            shutil.copytree(path, target, copy_function=_link_weights)
        else:
            _link_weights(path, target)


def _link_weights(source: Path | str, target: Path | str) -> None:
    if Path(source).suffix == ".safetensors":
        try:
            os.link(Path(source).resolve(), target)
        except OSError:
            # Another file system, or one without links.
            pass
        else:
            return
    shutil.copyfile(source, target)
