"""`massive-kit try`: a local page to try systems on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.options import LanguagesOption
from massive_kit.errors import UsageError


def try_(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Finished runs, shown side by side.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8001,
    locale: Annotated[str, typer.Option(help="The language that is chosen first.")] = "en-US",
    languages_file: LanguagesOption = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Type a sentence in any language, see intent, slots, probabilities and latency."""
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.loading import load_system
    from massive_kit.runs.playground.readings import NamedSystem
    from massive_kit.runs.playground.server import HOST, Playground, server

    languages = LanguageTable.load(languages_file)
    meant = languages.match(locale, languages.languages)
    if meant.problem or not meant.known:
        hint = f"; {meant.hint}" if meant.hint else ""
        raise UsageError(f"--locale {locale!r} is no locale of the language table{hint}")
    systems = []
    for name, run in zip(_names(runs), runs, strict=True):
        err.print(f"loading {run}", markup=False, soft_wrap=True)
        systems.append(NamedSystem(name, load_system(run)))
    try:
        made = server(Playground(systems, languages, meant.locale), port)
    except OSError as error:
        raise UsageError(f"--port {port}: {error.strerror}; --port 0 takes a free one") from None
    with made:
        for system in systems:
            system.warm_up(meant.locale)
        address = f"http://{HOST}:{made.server_address[1]}/"
        out.print(f"{address}  (Ctrl-C ends it)", soft_wrap=True)
        if open_:
            import webbrowser

            webbrowser.open(address)
        try:
            made.serve_forever()
        except KeyboardInterrupt:
            err.print("ended")


def _names(runs: list[Path]) -> list[str]:
    """The folders' names, or their paths where two are the same."""
    short = [run.resolve().name for run in runs]
    return short if len({*short}) == len(runs) else [str(run) for run in runs]
