"""`massive-kit data fetch`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from massive_kit.cli.console import emit, out, progress
from massive_kit.cli.options import Format, FormatOption
from massive_kit.counted import counted


class OfficialVersion(StrEnum):
    """An official version."""

    v1_0 = "1.0"
    v1_1 = "1.1"
    heldout = "heldout"


class Origin(StrEnum):
    """Where data come from."""

    s3 = "s3"
    hub = "hub"


def fetch(
    version: Annotated[OfficialVersion, typer.Option(help="Which version.")] = OfficialVersion.v1_1,
    origin: Annotated[
        Origin, typer.Option("--from", help="Amazon's archive, or the hub's Parquet branch.")
    ] = Origin.s3,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="From the hub: only this; repeatable.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(help="Another base URL (or MASSIVE_KIT_MIRROR, HF_ENDPOINT).")
    ] = None,
    proxy: Annotated[
        str | None, typer.Option(help="A proxy's URL. Default: HTTPS_PROXY and NO_PROXY.")
    ] = None,
    accept_new: Annotated[
        bool,
        typer.Option("--accept-new", help="Take files that differ from those fetched before."),
    ] = False,
    only_download: Annotated[
        bool, typer.Option("--only-download", help="Do not import what was fetched.")
    ] = False,
    form: FormatOption = Format.text,
) -> None:
    """Fetch MASSIVE from its official source and import it; goes on where it broke off."""
    from massive_kit.data.intake.fetching import fetch_archive, fetch_hub
    from massive_kit.errors import UsageError
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    if origin is Origin.hub and version is not OfficialVersion.v1_1:
        raise UsageError("the hub's Parquet branch holds version 1.1 alone; leave out --from hub")
    if origin is Origin.hub and proxy:
        raise UsageError("set HTTPS_PROXY for the hub; --proxy is for --from s3")
    if origin is Origin.s3 and locale:
        raise UsageError("the archive comes whole; --locale is for --from hub")
    table = LanguageTable.shipped()
    chosen = table.find(locale, table.languages, "the hub's data set") if locale else None
    with progress("fetching") as bar:
        task = bar.task_ids[0]
        if origin is Origin.hub:
            fetched = fetch_hub(
                locales=chosen, mirror=mirror, accept_new=accept_new, make_store=not only_download
            )
        else:
            fetched = fetch_archive(
                version.value,
                mirror=mirror,
                proxy=proxy,
                accept_new=accept_new,
                make_store=not only_download,
                progress=lambda have, total: bar.update(task, completed=have, total=total),
                imported=lambda _file, _rows: bar.update(task, description="importing"),
            )
    store = fetched.imported.store if fetched.imported else None
    if form is Format.json:
        files = [str(path) for path in fetched.files]
        emit(jsonio.dumps({"files": files, "store": str(store.path) if store else None}))
    elif store:
        total = store.total_rows
        rows, locales = counted(total, "utterance"), counted(len(store.locales), "locale")
        out.print(f"{rows} in {locales} -> {store.path}")
    else:
        for path in fetched.files:
            out.print(str(path), soft_wrap=True)
