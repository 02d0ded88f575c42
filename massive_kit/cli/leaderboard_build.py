"""`massive-kit leaderboard build`: the board as a static site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, out
from massive_kit.cli.options import Format, FormatOption, Results

SiteFolder = Annotated[Path, typer.Option("--out", help="Folder of the site.", file_okay=False)]
BaseUrl = Annotated[
    str,
    typer.Option(help="Where the site will stand, https://...; for the sitemap, feed and 404."),
]


def build(
    site: SiteFolder = Path("site"),
    base_url: BaseUrl = "",
    results: Results = None,
    form: FormatOption = Format.text,
) -> None:
    """Build the board as a static site that opens from file:// and needs no server."""
    from dataclasses import asdict

    from massive_kit.counted import counted
    from massive_kit.files import jsonio
    from massive_kit.publish.results import board_folder
    from massive_kit.publish.site import build as build_site

    built = build_site(board_folder(results), site, base_url, results)
    if form is Format.json:
        emit(jsonio.dumps({**asdict(built), "folder": str(built.folder)}))
        return
    out.print(
        f"{counted(built.systems, 'system')}, {counted(built.pages, 'page')},"
        f" {counted(built.files, 'file')}, {built.bytes / 1e6:,.1f} MB"
    )
    out.print(str((built.folder / "index.html").resolve()), soft_wrap=True)
