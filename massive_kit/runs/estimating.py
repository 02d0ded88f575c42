"""What a training run will need, before it starts."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from massive_kit.data.task_data import TaskData
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import with_parent_models
from massive_kit.runs.teaching import with_teacher
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kind_of
from massive_kit.systems.trained_recipe import TrainedRecipe

if TYPE_CHECKING:
    from massive_kit.engine.requirements import Requirements


def training_requirements(recipe: Recipe, task_data: TaskData) -> Requirements | None:
    """What training a recipe will need; `None` where the engine has nothing to fit.

    Rows are tokenised and the model is built as for training, and one batch is read; nothing is
    written but the cache of tokenised rows.

    Args:
        recipe: The recipe.
        task_data: The data as the recipe reads them (`training.training_data`).

    Raises:
        MassiveKitError: The base model is not found, or the recipe does not fit it.
    """
    if not isinstance(recipe, TrainedRecipe):
        return None
    from massive_kit.engine.requirements import requirements
    from massive_kit.engine.session import open_session

    task_data, recipe = with_teacher(recipe, task_data), with_parent_models(recipe)
    assert isinstance(recipe, TrainedRecipe)
    with TemporaryDirectory() as folder:
        workspace = RunFolder(Path(folder) / "run").workspace
        session = open_session(recipe.training, recipe.optimiser, workspace)
        # What saving needs, such as the tokenizer, is held as long as a run holds it.
        preparation = kind_of(recipe).prepare(recipe, task_data, session)
        inputs = preparation.fit_inputs
        return None if inputs is None else requirements(session, inputs)
