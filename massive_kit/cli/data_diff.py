"""`massive-kit data diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.options import Format, FormatOption, LanguagesOption

_SHOWN = 5


def diff(
    a: Annotated[str, typer.Argument(help="A store by name, or a path to data.")],
    b: Annotated[str, typer.Argument(help="Another.")],
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Compare two stores, row by row, and how they count spans. Exit code 1 if they differ."""
    from massive_kit.data.inspect.differences import compare_stores
    from massive_kit.data.opening import open_data
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    first, second = open_data(a, languages=table), open_data(b, languages=table)
    differences = compare_stores(first, second)
    schemes = [store.inventory.scheme for store in (first, second)]
    unlike = schemes[0] != schemes[1]
    if unlike:
        words = f"the span scheme is {schemes[0]} in the first, {schemes[1]} in the second"
        (err if form is Format.json else out).print(words, soft_wrap=True)
    if form is Format.json:
        emit(jsonio.dumps([part.to_json() for part in differences]))
    elif not differences and not unlike:
        out.print("the same data")
    else:
        for part in differences:
            lines = [("only in the first", part.only_a), ("only in the second", part.only_b)]
            lines += [(f"{column} differs", ids) for column, ids in part.changed.items()]
            for what, ids in lines:
                if ids:
                    some = ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
                    place = f"{part.locale}/{part.partition}"
                    out.print(f"{place}: {what}: {len(ids):,} (ids {some})", soft_wrap=True)
            if part.moved:
                out.print(f"{part.locale}/{part.partition}: another order")
    if differences or unlike:
        raise typer.Exit(1)
