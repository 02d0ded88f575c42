"""A search space: which keys of a recipe a search varies, and over what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from massive_kit import content
from massive_kit.errors import MissingDataError
from massive_kit.schema.config import Strict, check, read_yaml


class Domain(Strict):
    """The values of one key: a list to choose from, or a range.

    Attributes:
        choice: The values to choose from; instead of a range.
        low: Lowest value of the range.
        high: Highest value of the range.
        step: Distance between neighbouring values of the range; an integer step gives integers.
            Without it, any number within the range.
        log: Draw so that equal ratios are equally likely, rather than equal differences; needs a
            range above 0 without a step.
    """

    choice: list[Any] | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = Field(default=None, gt=0)
    log: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> Domain:
        span = self.low is not None and self.high is not None
        if (self.choice is None) == (not span):
            raise ValueError("give choice, or low and high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        if self.log and (self.step is not None or (self.low is not None and self.low <= 0)):
            raise ValueError("log takes a range above 0 and no step")
        return self

    @property
    def whole(self) -> bool:
        """Whether the values of a range are integers."""
        return self.step is not None and float(self.step).is_integer()

    @property
    def first(self) -> Any:
        """One of the values."""
        if self.choice is not None:
            return self.choice[0]
        assert self.low is not None
        return int(self.low) if self.whole else self.low


class Space(Strict):
    """What a search varies.

    Attributes:
        recipe: Name of the recipe that the space is made for.
        trials: How many variants of the recipe are tried.
        grace: Evaluations that each trial is given before it may be stopped.
        reduce: At each rung, one in this many trials goes on; the others are stopped.
        vary: The values to try, by dotted key of the recipe, such as `optimiser.lr`.
        note: Where the space comes from.
    """

    recipe: str
    trials: int = Field(default=128, ge=1)
    grace: int = Field(default=1, ge=1)
    reduce: int = Field(default=3, ge=2)
    vary: dict[str, Domain] = Field(min_length=1)
    note: str = ""


def load_space(name: str) -> Space:
    """The space in a file, or that of a shipped recipe by the recipe's name.

    Raises:
        MissingDataError: There is none.
        ConfigError: It is wrong; every mistake is told.
    """
    path = Path(name)
    if path.suffix != ".yaml":
        folder = content.folder("baselines") / "spaces"
        path = folder / f"{name}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "none"
            raise MissingDataError(
                f"no search space for {name!r}; there are: {known}; or give a file with --space"
            )
    elif not path.is_file():
        raise MissingDataError(f"{name}: no such file")
    return check(Space, read_yaml(path), str(path))
