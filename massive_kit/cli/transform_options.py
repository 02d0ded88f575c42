"""The parameters of a transform as options of a command."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from massive_kit.cli.options import Format, FormatOption, LanguagesOption, ReplaceOption, StoreName

if TYPE_CHECKING:
    from massive_kit.data.derivation import Transform

_StoreName = Annotated[
    str | None, typer.Option(help="What to call the new store; what --data takes.")
]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing; print what is known beforehand.")
]
_Stores = Annotated[
    list[str] | None, typer.Option("--data", help="A store by name or path; repeatable.")
]
_Locales = Annotated[
    list[str] | None, typer.Option("--locale", help="Only this locale; repeatable.")
]


def options_of(transform: type[Transform]) -> inspect.Signature:
    """The options of a transform's command, as the signature of a function.

    Those of every transform, with this one's own parameters between them.
    """
    from massive_kit.data.derivation import REQUIRED

    hints = get_type_hints(transform)
    options: list[tuple[str, Any, Any]] = [
        ("name", _StoreName, None),
        ("data", _Stores if transform.several else StoreName, None),
    ]
    fields: Any = dataclasses.fields(transform)  # type: ignore[arg-type]  # each is a dataclass
    for field in fields:
        if "description" in field.metadata:
            option = typer.Option(*field.metadata["flags"], help=field.metadata["description"])
            kind, default = hints[field.name], field.default
            if kind == tuple[str, ...]:
                kind, default = list[str], list(default)
            elif default is REQUIRED:
                default = inspect.Parameter.empty
            options.append((field.name, Annotated[kind, option], default))
    options += [
        ("locale", _Locales, None),
        ("languages", LanguagesOption, None),
        ("replace", ReplaceOption, False),
        ("dry_run", _DryRun, False),
        ("form", FormatOption, Format.text),
    ]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter(name, keyword, default=default, annotation=annotation)
            for name, annotation, default in options
        ]
    )
