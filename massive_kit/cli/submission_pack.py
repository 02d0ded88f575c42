"""`massive-kit submission pack`: from predictions to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.options import CostFile, DataName, ManifestFile, ManifestKeys
from massive_kit.errors import UsageError


def pack(
    files: Annotated[list[Path], typer.Argument(help="Prediction files, or a folder of them.")],
    *,
    target: Annotated[Path, typer.Option("--out", help="Folder, or a name that ends in .zip.")],
    manifest_file: ManifestFile = None,
    keys: ManifestKeys = None,
    cost: CostFile = None,
    task: Annotated[str | None, typer.Option("--task", "-t", help="As in the manifest.")] = None,
    data: DataName = None,
) -> None:
    """Check predictions and pack them with manifest, signature and hashes."""
    from massive_kit.runs.folder import RunFolder
    from massive_kit.schema.task import load_task
    from massive_kit.submission.bundle import pack as pack_bundle
    from massive_kit.submission.index import TaskIndex
    from massive_kit.submission.manifests import known_of_task, read_manifest, require_task
    from massive_kit.submission.measured_cost import with_cost

    for path in files:
        if RunFolder.is_run(path):
            raise UsageError(
                f"{path} is a run; a bundle holds its predictions: massive-kit predict {path}"
                f" --task {task or 'TASK'} --out predictions.jsonl, and pack that"
            )
    loaded = load_task(task) if task else None
    described = read_manifest(manifest_file, keys or (), known_of_task(loaded) if loaded else {})
    if cost is not None:
        described = with_cost(described, cost, *(path.stem for path in files))
    if loaded:
        require_task(described.task, loaded, str(manifest_file or "the manifest"))
    index = TaskIndex.at_hand(loaded or load_task(described.task), data)
    packed = pack_bundle(files, described, index, target)
    for locale, rows in packed.left_out.items():
        err.print(
            f"left out of the bundle: {rows:,} rows of {locale}, which {described.task} does not"
            " test",
            markup=False,
            soft_wrap=True,
        )
    out.print(
        f"{described.system} {described.version} for {described.task} -> {packed.path}",
        markup=False,
    )
