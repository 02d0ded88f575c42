"""The systems that `massive-kit demo` trains."""

from __future__ import annotations

from typing import NamedTuple


class DemoBase(NamedTuple):
    """A run that a system of the demo starts from, which predicts nothing itself."""

    name: str
    title: str
    recipe: str


class DemoSystem(NamedTuple):
    """One system of the demo; of a floor to compare with, averages alone are shown."""

    name: str
    title: str
    recipe: str
    task: str
    changes: list[str]
    by_group: bool = True
    base: DemoBase | None = None
    # The system that is shown beside it, locale by locale, and what is new since.
    before: str | None = None
    news: str = ""


# The first gives the second something to be compared with. So many epochs that the tiny systems
# learn something and the whole demo stays under two and a half minutes.
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
        by_group=False,
    ),
    DemoSystem(
        "tiny-pairs",
        "Tiny encoder, English labels of half of the ids, text of the others in pairs",
        "tiny-pairs",
        "demo-zeroshot-open",
        [],
        base=DemoBase("tiny-contrast", "Tiny encoder, pairs without labels", "tiny-contrast"),
        before="tiny-zeroshot",
        news="pairs without labels",
    ),
)
