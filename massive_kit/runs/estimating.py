"""What a training run will need, before it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from massive_kit.data.task_data import TaskData
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import with_parent_models
from massive_kit.runs.unasked_teacher import TextsToAsk, UnaskedTeacher
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kind_of
from massive_kit.systems.trained_recipe import TrainedRecipe

if TYPE_CHECKING:
    from massive_kit.engine.requirements import Requirements


@dataclass(frozen=True, slots=True)
class TrainingNeeds:
    """What training a recipe will need.

    Attributes:
        requirements: What fitting will need; what it takes to ask teachers is not counted.
        teachers: What each run that it learns from will be asked for.
    """

    requirements: Requirements
    teachers: tuple[TextsToAsk, ...] = ()


def training_needs(recipe: Recipe, task_data: TaskData) -> TrainingNeeds | None:
    """What training a recipe will need; `None` where the engine has nothing to fit.

    Rows are tokenised and the model is built as for training, and one batch is read; no teacher is
    asked, and nothing is written but the cache of tokenised rows.

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

    teacher = UnaskedTeacher.of(recipe, task_data)
    task_data, recipe = replace(task_data, teacher=teacher), with_parent_models(recipe)
    assert isinstance(recipe, TrainedRecipe)
    with TemporaryDirectory() as folder:
        workspace = RunFolder(Path(folder) / "run").workspace
        session = open_session(recipe.training, recipe.optimiser, workspace)
        # What saving needs, such as the tokenizer, is held as long as a run holds it.
        preparation = kind_of(recipe).prepare(recipe, task_data, session)
        inputs = preparation.fit_inputs
        if inputs is None:
            return None
        asked = () if teacher is None else tuple(teacher.asked)
        return TrainingNeeds(requirements(session, inputs), asked)
