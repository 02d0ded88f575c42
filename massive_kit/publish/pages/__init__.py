"""The pages of the board, one kind a module.

A module with a function `pages(model)` is a kind of page; it is found by being here. Its `NAV`, if
it has one, becomes an entry of the site's navigation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from massive_kit.publish.model import Model
from massive_kit.publish.page import Nav, Page


@cache
def kinds() -> tuple[ModuleType, ...]:
    """The modules that make pages, by name."""
    names = sorted(one.name for one in iter_modules(__path__))
    modules = (import_module(f"{__name__}.{name}") for name in names)
    return tuple(module for module in modules if hasattr(module, "pages"))


def all_pages(model: Model) -> Iterator[Page]:
    """Every page of the site."""
    for kind in kinds():
        yield from kind.pages(model)


def navigation(model: Model) -> list[tuple[Nav, str]]:
    """The entries of the navigation that lead somewhere, with their paths."""
    entries = sorted((kind.NAV for kind in kinds() if hasattr(kind, "NAV")), key=lambda n: n.order)
    paths = ((one, one.path if isinstance(one.path, str) else one.path(model)) for one in entries)
    return [(one, path) for one, path in paths if path is not None]
