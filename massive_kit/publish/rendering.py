"""Turns pages into HTML with the templates under `leaderboard/templates`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from massive_kit import content
from massive_kit.counted import counted
from massive_kit.publish import cells, paths, tables
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.page import Page
from massive_kit.publish.pages import navigation
from massive_kit.publish.text import enumerated, safe_lines, safe_link, safe_text
from massive_kit.version import __version__

# `default-src 'none'` leaves nothing but what is named here, all of it the site's own files.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'"
)


class Renderer:
    """Renders the pages of one site.

    Args:
        model: The site.
        root: The leaderboard's folder; its own `templates/` go before the shipped ones.
    """

    def __init__(self, model: BoardModel, root: Path) -> None:
        self._model = model
        folders = [root / "templates", content.installed_root() / "leaderboard" / "templates"]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self._environment.globals.update(
            board=model.board,
            model=model,
            base_url=model.base_url,
            policy=POLICY,
            version=__version__,
            safe_lines=safe_lines,
            safe_link=safe_link,
            counted=counted,
            enumerated=enumerated,
            rows=tables.rows_html,
            heading=cells.heading,
            navigation=navigation(model),
        )

    def render(self, page: Page) -> str:
        """The page as HTML."""
        template = self._environment.get_template(page.template)
        # A 404 is served under any address, so that only absolute links lead back from it.
        root = paths.root_of(page.path)
        if page.path == "404.html" and self._model.base_url:
            root = self._model.base_url
        return template.render(page=page, root=root, stem=_name(page), **page.context) + "\n"


def _name(page: Page) -> str:
    return paths.stem(page.path).rsplit("/", 1)[-1]


def _shown(value: Any) -> Any:
    # Everything printed passes here, so that no hidden character can reach a page.
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value
