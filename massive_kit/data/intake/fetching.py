"""Getting MASSIVE from where it is published, and importing it.

Archives come from Amazon's bucket, Parquet from the hub's converted branch. Nothing is fetched but
on command.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.home import home, stores
from massive_kit.data.intake.download import Checksums, OnBytes, download
from massive_kit.data.intake.importing import Imported, import_source
from massive_kit.errors import (
    DataError,
    MassiveKitError,
    MissingDataError,
    MissingExtraError,
    Problem,
    UsageError,
)
from massive_kit.provenance import file_sha256

MIRROR_VARIABLE = "MASSIVE_KIT_MIRROR"
BUCKET = "https://amazon-massive-nlu-dataset.s3.amazonaws.com"
ARCHIVES = {
    "1.0": "amazon-massive-dataset-1.0.tar.gz",
    "1.1": "amazon-massive-dataset-1.1.tar.gz",
    "heldout": "amazon-massive-dataset-heldout-MMNLU-1.0.tar.gz",
}
# Known checksums of archives by name. Amazon publishes none, so none is pinned yet: the first fetch
# is recorded and held to, and `data check` compares the content of 1.1 with known hashes.
PINNED: dict[str, str] = {}

HUB_REPOSITORY = "AmazonScience/massive"
HUB_REVISION = "refs/convert/parquet"
HUB_VERSION = "1.1"
# One folder per locale; the folders `all` and `all_1.1` hold the same rows again.
_HUB_FILES = "??-??/*/*.parquet"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched.

    Attributes:
        files: The files, in the cache.
        imported: The store made of them, if one was wanted.
    """

    files: tuple[Path, ...]
    imported: Imported | None


def fetch_archive(
    version: str,
    *,
    mirror: str | None = None,
    proxy: str | None = None,
    accept_new: bool = False,
    make_store: bool = True,
    progress: OnBytes | None = None,
    imported: Callable[[str, int], None] | None = None,
) -> Fetched:
    """Fetches an official archive into the cache and imports it as the store of its version.

    Args:
        version: `1.0`, `1.1` or `heldout`.
        mirror: Base URL in place of Amazon's bucket; by default `MASSIVE_KIT_MIRROR`, if set.
        proxy: As for `download`.
        accept_new: Take a file that differs from the one fetched before.
        make_store: Import it too.
        progress: Called as bytes come.
        imported: Called as files of the archive are imported.

    Raises:
        UsageError: The version is unknown.
        MissingDataError: It cannot be fetched.
        DataError: It is not what it was before, or not a sound archive.
    """
    if version not in ARCHIVES:
        raise UsageError(f"no version {version!r}; there are: {', '.join(ARCHIVES)}")
    name = ARCHIVES[version]
    base = mirror or os.environ.get(MIRROR_VARIABLE) or BUCKET
    checksums = Checksums(downloads() / "checksums.json")
    expected = PINNED.get(name) or (None if accept_new else checksums.get(name))
    target = downloads() / name
    if accept_new:
        target.unlink(missing_ok=True)
    url = f"{base.rstrip('/')}/{name}"
    archive = download(url, target, sha256=expected, proxy=proxy, progress=progress)
    try:
        result = _import(archive.path, version, imported) if make_store else None
    except DataError:
        if checksums.get(name) is None:
            # What cannot be imported is not an archive of MASSIVE; the next fetch starts afresh.
            archive.path.unlink()
        raise
    checksums.record({name: archive.sha256})
    return Fetched((archive.path,), result)


def fetch_hub(
    *,
    locales: Sequence[str] | None = None,
    mirror: str | None = None,
    accept_new: bool = False,
    make_store: bool = True,
    imported: Callable[[str, int], None] | None = None,
) -> Fetched:
    """Fetches the hub's Parquet files through `huggingface_hub` and imports them as version 1.1.

    Proxies are those of the environment.

    Args:
        locales: Only these; then the store is named `hub` and claims no version.
        mirror: Another endpoint; by default `HF_ENDPOINT`, if set.
        accept_new: Take files that differ from those fetched before.
        make_store: Import them too.
        imported: Called as files are imported.

    Raises:
        MissingExtraError: `huggingface_hub` is not installed.
        MissingDataError: The hub cannot be reached or refuses.
        DataError: The files are not what they were before.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtraError("train", "fetching from the hub") from None
    folder = downloads() / "hub"
    wanted = [f"{locale}/*/*.parquet" for locale in locales] if locales else [_HUB_FILES]
    try:
        snapshot_download(
            HUB_REPOSITORY,
            repo_type="dataset",
            revision=HUB_REVISION,
            allow_patterns=wanted,
            local_dir=folder,
            endpoint=mirror,
        )
    except MassiveKitError:
        raise
    except Exception as error:
        # The hub's client raises its own tree, its HTTP library's, and OSError.
        reason = str(error).strip().splitlines()
        raise MissingDataError(
            f"{HUB_REPOSITORY} cannot be fetched from the hub: {reason[0] if reason else error!r};"
            f" `massive-kit data fetch --from s3` takes the official archive"
        ) from error
    files = sorted(path for pattern in wanted for path in folder.glob(pattern))
    if not files:
        raise MissingDataError(f"the hub's {HUB_REVISION} holds no file {', '.join(wanted)}")
    checksums = Checksums(downloads() / "checksums.json")
    digests = {f"hub/{path.relative_to(folder).as_posix()}": file_sha256(path) for path in files}
    if not accept_new:
        _hold_to(checksums, digests)
    version = "" if locales else HUB_VERSION
    result = _import(folder, version, imported, files) if make_store else None
    checksums.record(digests)
    return Fetched(tuple(files), result)


def downloads() -> Path:
    """Where fetched files are kept."""
    return home() / "downloads"


def _hold_to(checksums: Checksums, digests: dict[str, str]) -> None:
    problems = [
        Problem(name, f"SHA-256 {digest}", checksums.get(name), "--accept-new takes it")
        for name, digest in digests.items()
        if checksums.get(name) not in {None, digest}
    ]
    if problems:
        raise DataError("files on the hub have changed since they were fetched first", problems)


def _import(
    source: Path,
    version: str,
    imported: Callable[[str, int], None] | None,
    files: Sequence[Path] | None = None,
) -> Imported:
    name = version or "hub"
    return import_source(
        source, stores() / name, name=name, version=version, progress=imported, only=files
    )
