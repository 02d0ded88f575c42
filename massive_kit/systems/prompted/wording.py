"""The words of prompts that are content and not code: instructions, and what labels mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from massive_kit import content
from massive_kit.data.inventory import Inventory
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.config import read_yaml
from massive_kit.schema.label_descriptions import load_label_descriptions
from massive_kit.systems.prompted.asking import Step

INSTRUCTIONS = "prompts/instructions.yaml"
_STEPS: tuple[Step, ...] = get_args(Step)
_LONGEST = 2000


def instructions(locales: Sequence[str], *, own: bool) -> dict[str, dict[str, str]]:
    """The instruction by locale and by what is asked for; under "" those for other locales.

    Args:
        locales: The locales that are asked about.
        own: Whether each is instructed in its own language, where that is at hand.

    Raises:
        ConfigError: The file of instructions is wrong.
    """
    path = content.folder("baselines") / INSTRUCTIONS
    if not path.is_file():
        path = content.installed_root() / "baselines" / INSTRUCTIONS
    values = read_yaml(path)
    problems = [
        Problem(str(path), f"{language} is {str(texts)[:80]!r}", f"texts for {', '.join(_STEPS)}")
        for language, texts in values.items()
        if not isinstance(texts, dict) or {*texts} != {*_STEPS} or not _are_texts(texts)
    ]
    if "en" not in values:
        problems.append(Problem(str(path), "no English instructions", "the key en"))
    if problems:
        raise ConfigError(f"{path} does not hold instructions", problems)
    chosen = {"": values["en"]}
    if own:
        for locale in locales:
            texts = values.get(locale) or values.get(locale.partition("-")[0])
            if texts is not None:
                chosen[locale] = texts
    return chosen


def descriptions(inventory: Inventory) -> dict[str, dict[str, str]]:
    """A line on each intent and slot that has one, under `intents` and `slots`.

    Raises:
        ConfigError: The file of descriptions is wrong.
    """
    return load_label_descriptions().of(inventory.intents, inventory.slots).model_dump()


def _are_texts(values: Mapping[Any, Any]) -> bool:
    return all(isinstance(text, str) and len(text) <= _LONGEST for text in values.values())
