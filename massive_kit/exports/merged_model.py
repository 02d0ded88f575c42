"""The adapters of a run added to the weights of their base: a model that is whole by itself."""

from __future__ import annotations

from pathlib import Path

from massive_kit.errors import UsageError
from massive_kit.files.atomic import refuse_foreign
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.model_card import write_card
from massive_kit.systems.trained_recipe import TrainedRecipe

_CONFIG = "config.json"


def export_merged(run: Path, folder: Path) -> None:
    """Writes a whole model into a folder, as `transformers` and inference servers load it.

    Its weights are in bf16 where the run computes in it, else in fp32.

    Args:
        run: A finished run with adapters.
        folder: Where to; an earlier export is replaced.

    Raises:
        UsageError: The run has no adapters, or the folder holds other files.
        MissingDataError: The run has not ended, or the base of its adapters is not there.
    """
    from massive_kit.data.inventory import read_inventory
    from massive_kit.engine.precision import choose_precision, quiet
    from massive_kit.engine.tokenizers import load_tokenizer
    from massive_kit.systems.decoders.adapters import is_adapter, merge_adapter
    from massive_kit.systems.decoders.loading import load_adapted, with_padding
    from massive_kit.systems.decoders.precision import frozen_dtype
    from massive_kit.systems.saving import save_model

    run_folder = RunFolder(run)
    facts, recipe = run_folder.facts(), run_folder.recipe()
    if not is_adapter(str(run_folder.model)) or not isinstance(recipe, TrainedRecipe):
        raise UsageError(f"{run} has no adapters to merge; its model is whole: {run_folder.model}")
    refuse_foreign(folder, _CONFIG)
    quiet()
    tokenizer = with_padding(load_tokenizer(run_folder.model))
    dtype = frozen_dtype(choose_precision(recipe.training.precision))
    model = load_adapted(run_folder.model, tokenizer, dtype)
    merge_adapter(model)
    save_model(folder, model, tokenizer, read_inventory(run_folder.model))
    write_card(folder, facts)
