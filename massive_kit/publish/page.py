"""One page of the site, before it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.tables import BoardTable

# What stands in a file, or how to make it.
Content = str | bytes | Callable[[], str | bytes]


@dataclass(frozen=True, slots=True)
class NavEntry:
    """An entry of the site's navigation; a module of `pages` has one or none.

    Attributes:
        order: Its place.
        key: What `Page.nav` names it by.
        title: What it says.
        path: Where it leads, or how to tell; `None` where there is nothing to show.
    """

    order: int
    key: str
    title: str
    path: str | Callable[[BoardModel], str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        path: Where it lies, from the top of the site.
        template: What renders it.
        title: Its heading and the browser's title.
        nav: Which entry of the navigation it belongs to.
        tables: Its tables; each also becomes a CSV and a JSON file next to the page.
        context: What else its template shows.
        files: Other files that belong to it, by path from the top of the site; what is large is
            made when it is written, so that not all of it is in memory at once.
        listed: Whether the sitemap lists it.
    """

    path: str
    template: str
    title: str
    nav: str = ""
    tables: tuple[BoardTable, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Content] = field(default_factory=dict)
    listed: bool = True
