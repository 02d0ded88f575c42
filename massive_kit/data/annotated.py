"""Whether labels are gold: annotated, and not made by a dictionary or a run."""

from __future__ import annotations

from massive_kit.data.split import DataSplit
from massive_kit.errors import ConfigError, Problem

# Locales that a line names.
_SHOWN = 5


def check_annotated(split: DataSplit) -> None:
    """Refuses to score by labels that were made, which are no better than what made them.

    Raises:
        ConfigError: Some were; says how, back to the first store.
    """
    todo = "score on the data that it was made of (--data), and use it as --train-data"
    _check(split, "made labels are not scored as gold", todo)


def check_selecting(split: DataSplit) -> None:
    """Refuses to select checkpoints by labels that were made.

    The best would be the one that is most like what made them.

    Raises:
        ConfigError: Some were; says how, back to the first store.
    """
    todo = "select on the data that it was made of (--data), and use it as --train-data"
    _check(split, "checkpoints are not selected by made labels", todo)


def _check(split: DataSplit, refusal: str, todo: str) -> None:
    store, partition = split.store, split.partition
    made = [locale for locale in split.locales if store.has_made_labels(locale, partition)]
    if not made or store.lineage is None:
        return
    locales = ", ".join(made[:_SHOWN]) + ", ..." * (len(made) > _SHOWN)
    chain = "; ".join(line.strip() for line in store.lineage.lines())
    problem = Problem(
        f"store {store.name}",
        f"{partition} of {locales} has labels that were made: {chain}",
        "labels that were annotated",
        todo,
    )
    raise ConfigError(refusal, [problem])
