"""Turns pages into HTML with the templates under `leaderboard/templates`."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from markupsafe import Markup

from massive_kit import content
from massive_kit.counted import counted
from massive_kit.errors import ConfigError, Problem
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
        self._folders = folders
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
        """The page as HTML.

        Raises:
            ConfigError: A template is wrong.
        """
        # A 404 is served under any address, so that only absolute links lead back from it.
        root = paths.root_of(page.path)
        if page.path == "404.html" and self._model.base_url:
            root = self._model.base_url
        with self._mistakes_told(page):
            template = self._environment.get_template(page.template)
            return template.render(page=page, root=root, stem=_name(page), **page.context) + "\n"

    @contextmanager
    def _mistakes_told(self, page: Page) -> Iterator[None]:
        """Turns what Jinja raises into an error that names the template and the line."""
        try:
            yield
        except TemplateSyntaxError as error:
            where = error.filename or error.name or page.template
            raise _wrong(Problem(where, error.message or "not Jinja", line=error.lineno)) from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            frames = traceback.extract_tb(error.__traceback__)
            inside = [frame for frame in frames if self._is_template(frame.filename)]
            # Whatever else fails deeper than in a template is no mistake of its author.
            if not isinstance(error, TemplateError) and frames[-1] not in inside:
                raise
            missing = isinstance(error, TemplateNotFound)
            what = f"no template {error}" if missing else str(error)
            problem = (
                Problem(inside[-1].filename, what, line=inside[-1].lineno)
                if inside
                else Problem(page.template, what)
            )
            raise _wrong(problem) from None

    def _is_template(self, filename: str) -> bool:
        return any(Path(filename).is_relative_to(folder) for folder in self._folders)


def _wrong(problem: Problem) -> ConfigError:
    return ConfigError("a template of the board is wrong", [problem])


def _name(page: Page) -> str:
    return paths.stem(page.path).rsplit("/", 1)[-1]


def _shown(value: Any) -> Any:
    # Everything printed passes here, so that no hidden character can reach a page.
    return safe_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value
