"""The reference of the package's Python face, from its docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import massive_kit
from manual.pages import Page
from manual.tables import table

PAGE = "reference/python.md"
_INTRODUCTION = (
    "Each is the command of its name; `score` takes rows in memory, without files or a task. What"
    " they give prints as a table in a notebook, and `.to_frame()` makes a pandas data frame of it."
    " Mistakes are raised as errors that hold all of them."
)


def public_functions() -> list[str]:
    """The functions of the package itself."""
    return [name for name in massive_kit.__all__ if not name.startswith("__")]


def returned_classes() -> list[type[Any]]:
    """The package's classes that these functions give, in order."""
    classes: dict[type[Any], None] = {}
    for name in public_functions():
        function = getattr(massive_kit, name)
        # Not all hints at once: some name what only a type checker imports.
        hint = inspect.signature(function).return_annotation
        known = vars(inspect.getmodule(function))
        for part in str(hint).split(" | "):
            classes |= dict.fromkeys(_classes(known[part]))
    return list(classes)


def python_page() -> Page:
    """The page of all functions, and of what they give."""
    functions = public_functions()
    rows = [
        (f"{{py:func}}`massive_kit.{name}`", _summary(getattr(massive_kit, name)))
        for name in functions
    ]
    parts = [
        "# From Python",
        _INTRODUCTION,
        table(("function", "what it does"), rows),
        "## Functions",
        *(_directive("autofunction", f"massive_kit.{name}") for name in functions),
        "## What they give",
        *(
            _directive("autoclass", f"{cls.__module__}.{cls.__qualname__}", ":members:")
            for cls in returned_classes()
        ),
        "## Errors",
        _directive("automodule", "massive_kit.errors", ":members:", ":show-inheritance:"),
    ]
    return Page(PAGE, "\n\n".join(parts) + "\n")


def _classes(hint: Any) -> Iterator[type[Any]]:
    if inspect.isclass(hint) and hint.__module__.startswith("massive_kit."):
        yield hint


def _summary(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _directive(kind: str, name: str, *options: str) -> str:
    lines = [f".. {kind}:: {name}", *(f"   {option}" for option in options)]
    return "\n".join(["```{eval-rst}", *lines, "```"])
