"""`massive-kit push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.errors import MassiveKitError


def push(
    run: Annotated[Path, typer.Argument(help="A run directory.", file_okay=False)],
    repository: Annotated[str, typer.Argument(help="OWNER/NAME on the hub.")],
    public: Annotated[bool, typer.Option("--public", help="Make the repository public.")] = False,
) -> None:
    """Upload a run's model, with its card, to the hub; nothing else ever uploads."""
    from massive_kit.runs.folder import RunFolder

    folder = RunFolder(run)
    folder.recipe()
    folder.facts()
    from huggingface_hub import HfApi

    hub = HfApi()
    try:
        hub.create_repo(repository, private=not public, exist_ok=True)
        url = hub.upload_folder(repo_id=repository, folder_path=folder.model)
    except Exception as error:  # noqa: BLE001 - the hub's, or those of whichever HTTP client it has
        line = str(error).strip().partition("\n")[0]
        raise MassiveKitError(
            f"{repository}: the upload failed: {line}; `hf auth login` signs in"
        ) from None
    out.print(f"{folder.model} -> {url}", soft_wrap=True)
