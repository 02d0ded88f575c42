"""Where each page of the site lies. All links are relative, so that the site opens from `file://`."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import PurePosixPath

from massive_kit.languages import LanguageTable
from massive_kit.schema.manifest import Manifest

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_UNSAFE = re.compile(r"[^a-z0-9]+")
_SIMPLE = re.compile(r"[A-Z]?[a-z]+(?:[ -][A-Z][a-z]+)*")
_CAPITALISED = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_LONGEST = 40


def locale_name(locale: str) -> str:
    """A locale as part of a file name; a code that cannot be a file name gets a hash instead."""
    return locale if _SAFE.fullmatch(locale) else f"x_{_digest(locale)}"


def task_name(task: str) -> str:
    """A task as part of an anchor."""
    return task if _SLUG.fullmatch(task) else f"x_{_digest(task)}"


def group_name(name: str) -> str:
    """A grouping or a value of it as part of a file name, different for different ones."""
    slug = _slug(name)
    # `Han`, `han` and `Han!` would meet in one file otherwise.
    if _shipped_names().get(slug, name) == name and len(slug) <= _LONGEST and _plain(name):
        return slug
    return f"{slug[:_LONGEST] or 'group'}_{_digest(name)}"


def _slug(name: str) -> str:
    return _UNSAFE.sub("-", name.lower()).strip("-")


def _plain(name: str) -> bool:
    """Whether no other name, but for shipped ones, has its slug and is plain, too."""
    return bool(_CAPITALISED.fullmatch(name)) or name in _shipped_names().values()


@cache
def _shipped_names() -> dict[str, str]:
    """The simple names of groupings and groups in the shipped language table, by slug."""
    table = LanguageTable.shipped()
    values = (value for row in table.languages.values() for value in row.facts.values())
    return {_slug(name): name for name in (*values, *table.columns) if _SIMPLE.fullmatch(name)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def language_page(locale: str) -> str:
    """The page of a locale."""
    return f"languages/{locale_name(locale)}.html"


def group_page(by: str, name: str) -> str:
    """The page of a group."""
    return f"groups/{group_name(by)}/{group_name(name)}.html"


def mean_page(mean: str) -> str:
    """The page of a mean over languages."""
    return f"averages/{mean.replace('_', '-')}.html"


def slot_method_page(part: str) -> str:
    """The page of utterances whose slots came to be in one way."""
    return f"averages/slot-methods/{part.replace(' ', '-')}.html"


def key(manifest: Manifest) -> str:
    """A version of a system as one name; neither half can hold the `@`."""
    return f"{manifest.system}@{manifest.version}"


def system_page(manifest: Manifest) -> str:
    """The page of one version of a system."""
    return f"systems/{manifest.system}/{manifest.version}.html"


def stem(page: str) -> str:
    """A page's path without `.html`, to put other files of that page beside it."""
    return page.removesuffix(".html")


def root_of(page: str) -> str:
    """What leads from a page back to the top: `../` for every folder."""
    return "../" * (len(PurePosixPath(page).parts) - 1)
