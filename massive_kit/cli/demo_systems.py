"""The systems that `massive-kit demo` trains."""

from __future__ import annotations

from typing import NamedTuple


class DemoSystem(NamedTuple):
    """One system of the demo; of a floor to compare with, averages alone are shown."""

    name: str
    title: str
    recipe: str
    task: str
    changes: list[str]
    by_group: bool = True


# The first gives the second something to be compared with. So many epochs that both tiny systems
# learn something and the whole demo stays under two minutes.
SYSTEMS = (
    DemoSystem(
        "majority", "Most frequent intent, no slots", "majority", "demo-full", [], by_group=False
    ),
    DemoSystem(
        "tiny-full",
        "Tiny encoder, all languages",
        "tiny",
        "demo-full",
        ["training.epochs=4", "training.evaluations=2"],
    ),
    DemoSystem(
        "tiny-zeroshot",
        "Tiny encoder, English only",
        "tiny",
        "demo-zeroshot",
        ["training.epochs=60", "training.evaluations=2"],
    ),
)
