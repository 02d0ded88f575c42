"""The pages of the board, one kind per module.

A module with a function `pages(model)` is a kind of page; it is found by being here. Its `NAV`, if
it has one, becomes an entry of the site's navigation. A module with a page for each system or
language has a function `makers(model)` besides, or in its place, which gives a function for each of
those pages, so that processes can share them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.page import NavEntry, Page

PageMaker = Callable[[], Iterable[Page]]


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """The modules that make pages, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = (import_module(f"{__name__}.{name}") for name in names)
    return tuple(
        module for module in modules if hasattr(module, "pages") or hasattr(module, "makers")
    )


def page_makers(model: BoardModel) -> list[PageMaker]:
    """Functions that make every page of the site, those that make several pages first."""
    several = [partial(m.pages, model) for m in page_modules() if hasattr(m, "pages")]
    single = [make for m in page_modules() if hasattr(m, "makers") for make in m.makers(model)]
    return [*several, *(partial(_alone, make) for make in single)]


def _alone(make: Callable[[], Page]) -> Iterator[Page]:
    yield make()


def navigation(model: BoardModel) -> list[tuple[NavEntry, str]]:
    """The entries of the navigation that lead somewhere, with their paths."""
    entries: list[NavEntry] = [module.NAV for module in page_modules() if hasattr(module, "NAV")]
    entries.sort(key=lambda entry: entry.order)
    paths = (
        (entry, entry.path if isinstance(entry.path, str) else entry.path(model))
        for entry in entries
    )
    return [(entry, path) for entry, path in paths if path is not None]
