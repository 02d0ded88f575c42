"""What every recipe says, whatever its kind; the kinds bring the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from massive_kit.schema.config import Strict
from massive_kit.schema.pairs import PairSettings
from massive_kit.schema.resources import Resource
from massive_kit.schema.task import Architecture, Task
from massive_kit.schema.text_locales import TextLocales


@dataclass(frozen=True, slots=True)
class Base:
    """A pre-trained model that a recipe names.

    Attributes:
        key: The recipe's key, with dots, such as `model.base`.
        name: A folder, a name on the Hugging Face hub, or a run of the kit.
        architecture: Of which architecture it has to be, where that is not the kind's own.
        tokenizer_alone: Whether nothing but its tokenizer is read, so that any model will do.
    """

    key: str
    name: str
    architecture: Architecture | None = None
    tokenizer_alone: bool = False


class Recipe(Strict):
    """How a system is trained.

    Attributes:
        title: What tables and model cards call the system.
        published: The published system whose recipe this is, if it is one.
        note: What a user of the recipe must know.
        kind: Which kind of system the recipe trains.
    """

    # The key, with dots, of the seed of all that is random; `None` where nothing is.
    seed_key: ClassVar[str | None] = None
    # Whether it trains on labels; what does not gets its data as text alone.
    uses_labels: ClassVar[bool] = True

    title: str
    published: str | None = None
    note: str = ""
    kind: str

    def bases(self) -> tuple[Base, ...]:
        """The pre-trained models that it starts from or reads with; none by default.

        Those that are runs are the parents of its own runs.
        """
        return ()

    def resources(self) -> tuple[Resource, ...]:
        """What it uses beside the training rows and the pre-trained models; none by default.

        A task has to allow them, and the run keeps them.
        """
        return ()

    def text_locales(self) -> TextLocales | None:
        """Whose text it reads without labels, in their place or beside them; none by default.

        Text of other locales than those whose labels are read is the resource `unlabelled-text`.
        """
        return None

    def parallel_text(self) -> PairSettings | None:
        """Which ids it reads in pairs, or leaves to those who do; none by default."""
        return None

    def reads_pairs(self) -> bool:
        """Whether it reads utterances in pairs, which is the resource `parallel-text`."""
        return False

    def goes_on(self) -> bool:
        """Whether it starts from all that its base knows, labels included; not by default."""
        return False

    def teachers(self) -> tuple[Base, ...]:
        """The runs whose distributions over labels it learns, of its bases; none by default."""
        return ()

    def trained_architecture(self) -> Architecture | None:
        """What it trains, where the kind leaves that to the recipe."""
        return None

    def answers_alone(self) -> bool:
        """Whether nothing but recipe and model folder decides what its systems answer.

        Not where a base stands elsewhere or another is asked; what is not said is not taken for
        granted.
        """
        return False

    def text_partitions(self) -> Mapping[str, str]:
        """The partitions whose text is read before it predicts, by the key that names each."""
        return {}

    def labelled_locales(self, task: Task, locales: tuple[str, ...]) -> tuple[str, ...]:
        """The locales whose labels it reads, of those that a task trains on; by default all.

        Args:
            task: The task.
            locales: The locales of its training split.
        """
        del task
        return locales
