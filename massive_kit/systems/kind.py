"""What a kind of system brings. A folder of this package with a module `kind` is a kind.

The module is light: it names the code that trains and loads, and imports none of it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massive_kit import systems
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Architecture

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.data.word_states import StatesAsked
    from massive_kit.engine.fitting import FitInputs
    from massive_kit.engine.observer import TextObserver
    from massive_kit.engine.session import Session
    from massive_kit.systems.interface import System

# What a run says of itself in `run.json`, by key.
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preparation:
    """A system that is ready to be fitted, or to be saved as it is.

    Attributes:
        fit_inputs: What the engine fits; `None` where there is nothing to fit.
        save: Writes the fitted model (or, without one, what was counted) into a model folder and
            returns the facts of the run.
    """

    fit_inputs: FitInputs | None
    save: Callable[[Any, Path], Facts]


@dataclass(frozen=True, slots=True)
class MemberRun:
    """A finished run that is put together with others.

    Attributes:
        name: What to call it in messages.
        model: Its model folder.
        recipe: Its recipe.
        system: Its system.
    """

    name: str
    model: Path
    recipe: Recipe
    system: System


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a kind adds to the card of its models.

    Attributes:
        hub_library: Which library the hub says they are for.
        loading: Python lines that load the model in the folder `model`.
        weights: Whether there are weights.
        purpose: What they are for, as a sentence or two.
    """

    hub_library: str
    loading: str
    weights: bool = True
    purpose: str = (
        "Reads an utterance to a voice assistant, says its intent and the slot of each token."
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of system.

    Attributes:
        name: Its folder, and the `kind` of its recipes.
        recipe: The class of its recipes.
        architecture: What a manifest calls it; decides which cap on parameters holds. A recipe may
            say otherwise, see `architecture_of`.
        card: What it adds to a model card.
        prepare_path: `module:function` that takes the recipe, the task's data and the session
            (`None` where the engine has nothing to fit) and returns a `Preparation`; "" where runs
            of this kind are made of others alone.
        load_path: `module:function` that takes the model folder and the recipe and returns a
            `System`.
        configure_path: `module:function` that takes the recipe with other `inference` settings, the
            task's data, a trained model's folder and a new one, writes the model into that with
            what they ask for, and returns facts; "" where recipes have no such settings.
        extra: The optional dependencies that training and loading need; "" for none.
        prediction_keys: Keys of the recipe that may be changed when a trained run predicts.
        model_module: A module whose import makes the auto classes of `transformers` know the models
            of its runs, so that others can read them; "" where they do anyway.
        training_keys: Keys of the recipe's `model` that training alone reads; runs that differ in
            them alone may be averaged.
        distributions: Whether its systems say how likely each label is, so that others can learn
            that (`DistributionSystem`).
        states_path: `module:function` that takes a trained model's folder and the hidden states
            that are asked for, and refuses those that it does not have; "" where no model of this
            kind shows any.
        portable_path: `module:function` that takes a trained model's folder, the recipe and a new
            folder, writes into that what predicts without PyTorch, and returns what a recipe of
            `portable_kind` says of its model; "" where there is no such form.
        portable_kind: The kind of what is written so.
        made_by: Of a kind that nothing trains, how its runs are made.
        assemble_path: `module:function` that takes several `MemberRun`s and a new folder, refuses
            those that do not fit together, and writes a model of them into the folder; "" where
            runs of this kind are not made of others.
    """

    name: str
    recipe: type[Recipe]
    architecture: Architecture
    card: ModelCard
    prepare_path: str
    load_path: str
    configure_path: str = ""
    extra: str = ""
    prediction_keys: frozenset[str] = frozenset()
    model_module: str = ""
    training_keys: frozenset[str] = frozenset()
    distributions: bool = False
    states_path: str = ""
    portable_path: str = ""
    portable_kind: str = ""
    made_by: str = ""
    assemble_path: str = ""

    def architecture_of(self, recipe: Recipe) -> Architecture:
        """What a recipe of this kind trains."""
        return recipe.trained_architecture() or self.architecture

    def prepare(self, recipe: Recipe, task_data: TaskData, session: Session | None) -> Preparation:
        """A system of this kind, ready to be fitted or saved.

        Raises:
            ConfigError: Nothing trains such a system.
        """
        if not self.prepare_path:
            expected = "a kind that is trained, such as encoder"
            problem = Problem("recipe", f"kind is {self.name}", expected, self.made_by)
            raise ConfigError("nothing trains a system of this kind", [problem])
        prepare: Callable[[Recipe, TaskData, Session | None], Preparation] = _named(
            self.prepare_path
        )
        return prepare(recipe, task_data, session)

    def load(self, folder: Path, recipe: Recipe) -> System:
        """The system in a model folder."""
        load: Callable[[Path, Recipe], System] = _named(self.load_path)
        return load(folder, recipe)

    def check_states(self, folder: Path, asked: StatesAsked) -> None:
        """Finds out whether the model in a folder has hidden states; no weight is read.

        Raises:
            ConfigError: It has no such states.
        """
        if not self.states_path:
            problem = Problem("recipe", f"the teacher is of kind {self.name}", "one that has them")
            raise ConfigError("the teacher shows no hidden states", [problem])
        check: Callable[[Path, StatesAsked], None] = _named(self.states_path)
        check(folder, asked)

    def configure(
        self,
        recipe: Recipe,
        task_data: TaskData,
        model: Path,
        folder: Path,
        observer: TextObserver,
    ) -> Facts:
        """Writes a trained model into a new folder, with other settings of inference."""
        configure: Callable[[Recipe, TaskData, Path, Path, TextObserver], Facts] = _named(
            self.configure_path
        )
        return configure(recipe, task_data, model, folder, observer)

    def assemble(self, members: Sequence[MemberRun], folder: Path) -> None:
        """Writes a model of several runs into a new folder.

        Raises:
            ConfigError: They do not fit together.
        """
        assemble: Callable[[Sequence[MemberRun], Path], None] = _named(self.assemble_path)
        assemble(members, folder)

    def write_portable(self, recipe: Recipe, model: Path, folder: Path) -> dict[str, Any]:
        """Writes a trained model into a new folder, as one that predicts without PyTorch."""
        write: Callable[[Path, Recipe, Path], dict[str, Any]] = _named(self.portable_path)
        return write(model, recipe, folder)


def kinds() -> Mapping[str, Kind]:
    """All kinds by name, sorted."""
    # The folders are read anew at each call, since there are few and tests add some.
    folders = sorted(info.name for info in pkgutil.iter_modules(systems.__path__) if info.ispkg)
    return {name: kind for name in folders if (kind := _kind_in(name)) is not None}


def kind_of(recipe: Recipe) -> Kind:
    """The kind of a recipe."""
    return kinds()[recipe.kind]


def register_models() -> None:
    """Makes the auto classes of `transformers` know the models of every kind's runs."""
    for kind in kinds().values():
        if kind.model_module:
            import_module(kind.model_module)


def _kind_in(folder: str) -> Kind | None:
    # Packages that several kinds share hold no module `kind`.
    module = f"{systems.__name__}.{folder}.kind"
    if find_spec(module) is None:
        return None
    kind: Kind = import_module(module).KIND
    return kind


def _named(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
