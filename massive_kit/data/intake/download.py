"""Downloads that can be broken off and taken up again, and that are what they were before.

urllib3 does the work: it is maintained with requests, brings no further package, and knows proxies,
retries and ranges.
"""

from __future__ import annotations

import errno
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files import jsonio
from massive_kit.provenance import file_sha256
from massive_kit.version import __version__

# The largest official archive has 40 MB; more than this is something else.
MAX_BYTES = 4 << 30
ATTEMPTS = 5
_CHUNK = 1 << 18
_OK, _PARTIAL, _RANGE_WRONG = 200, 206, 416

# Bytes so far, and bytes in all where the server says.
OnBytes = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Download:
    """A file that has arrived.

    Attributes:
        path: Where it is.
        sha256: Its checksum.
        resumed: Bytes that were there already from an earlier try.
    """

    path: Path
    sha256: str
    resumed: int = 0


class _ConnectionCut(Exception):  # noqa: N818 - ends a try, not a mistake of a caller
    """The connection broke; what came is kept."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    proxy: str | None = None,
    progress: OnBytes | None = None,
    pause: float = 1.0,
) -> Download:
    """Gets a file, taking up an earlier try where the server still has the same file.

    The file appears at `target` only when it is whole and its checksum right; until then it is
    `target` with `.part`.

    Args:
        url: Where it is.
        target: Where it goes. A file there with the right checksum is taken as it is.
        sha256: The checksum it must have, or `None`.
        proxy: URL of a proxy; by default that of the environment (`HTTPS_PROXY`, `NO_PROXY`).
        progress: Called as bytes come.
        pause: Seconds before the second try; doubled each time.

    Raises:
        MissingDataError: The server refuses, cannot be reached or breaks off; or the disk is full.
        DataError: The file is another than the checksum says.
    """
    if target.is_file() and (sha256 is None or file_sha256(target) == sha256):
        return Download(target, file_sha256(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    resumed = part.stat().st_size if part.is_file() else 0
    pool = _pool(url, proxy)
    try:
        for attempt in range(ATTEMPTS):
            try:
                _attempt(pool, url, part, progress)
                break
            except (_ConnectionCut, urllib3.exceptions.HTTPError) as error:
                if attempt == ATTEMPTS - 1:
                    raise _broken(url, part, error) from None
                time.sleep(pause * 2**attempt)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise MissingDataError(
            f"the disk is full at {part.parent}; free some space and run the command again, which"
            f" goes on from what is there"
        ) from None
    finally:
        pool.clear()
    checksum = file_sha256(part)
    if sha256 is not None and checksum != sha256:
        part.unlink()
        _validator(part).unlink(missing_ok=True)
        todo = "the file has changed or was tampered with; try again"
        problem = Problem(url, f"SHA-256 {checksum}", sha256, todo)
        raise DataError(f"{url} is not the file it should be", [problem])
    part.replace(target)
    _validator(part).unlink(missing_ok=True)
    return Download(target, checksum, resumed)


def _pool(url: str, proxy: str | None) -> urllib3.PoolManager:
    host = urlsplit(url).hostname or ""
    proxy = proxy or (
        None
        if urllib.request.proxy_bypass(host)
        else urllib.request.getproxies().get(urlsplit(url).scheme)
    )
    options: dict[str, Any] = {
        "timeout": urllib3.Timeout(connect=15, read=60),
        # The loop above retries, as it can go on where the last try ended.
        "retries": urllib3.Retry(total=0, redirect=5, raise_on_redirect=True),
        "headers": {"User-Agent": f"massive-kit/{__version__}", "Accept-Encoding": "identity"},
    }
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def _attempt(pool: urllib3.PoolManager, url: str, part: Path, progress: OnBytes | None) -> None:
    start = part.stat().st_size if part.is_file() else 0
    validator = _read_validator(part, url)
    # Without something to tell that the file is still the same, a part of it is of no use.
    start = start if validator else 0
    headers = dict(pool.headers)
    if start and validator:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    response = pool.request("GET", url, headers=headers, preload_content=False)
    try:
        if response.status == _RANGE_WRONG and start:
            part.unlink()
            raise _ConnectionCut("the file has become shorter")
        if response.status not in {_OK, _PARTIAL}:
            _refuse(url, response)
        start = _start_of(response, start)
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        if total is not None and total > MAX_BYTES:
            raise MissingDataError(f"{url} has {total:,} bytes; more than {MAX_BYTES:,} is refused")
        _write_validator(part, url, response)
        with part.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            stream.truncate()
            received = start
            # `read1` gives what has come, so that nothing is lost when the connection is cut.
            while chunk := response.read1(_CHUNK):
                stream.write(chunk)
                received += len(chunk)
                if received > MAX_BYTES:
                    raise MissingDataError(f"{url} has more than {MAX_BYTES:,} bytes; refused")
                if progress:
                    progress(received, total)
        if total is not None and received < total:
            raise _ConnectionCut(f"{total - received:,} bytes did not come")
    finally:
        response.release_conn()
        response.close()


def _start_of(response: urllib3.BaseHTTPResponse, asked: int) -> int:
    if response.status != _PARTIAL:
        return 0
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    if unit != "bytes" or rest.split("-")[0] != str(asked):
        raise _ConnectionCut("the server sent another range than asked for")
    return asked


def _refuse(url: str, response: urllib3.BaseHTTPResponse) -> None:
    reason = f"{response.status} {response.reason or ''}".strip()
    if response.status >= 500:  # noqa: PLR2004 - server errors may pass
        raise _ConnectionCut(f"the server answers {reason}")
    raise MissingDataError(f"{url} is refused: the server answers {reason}")


def _broken(url: str, part: Path, error: Exception) -> MissingDataError:
    host = urlsplit(url).netloc
    have = part.stat().st_size if part.is_file() else 0
    if have:
        return MissingDataError(
            f"the connection to {host} broke off {ATTEMPTS} times; {have:,} bytes are kept, and the"
            f" same command goes on from there"
        )
    # With retries off, urllib3 wraps what happened.
    reason = str(getattr(error, "reason", None) or error)
    return MissingDataError(
        f"{host} cannot be reached ({_short(reason)}); check the network, --proxy and --mirror, or"
        f" get {url} by other means and import it with `massive-kit data import`"
    )


def _short(reason: str) -> str:
    return reason.rsplit(": ", 1)[-1][:120]


def _validator(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_validator(part: Path, url: str) -> str | None:
    try:
        known = jsonio.read_json(_validator(part))
        return str(known["validator"]) if known["url"] == url and known["validator"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_validator(part: Path, url: str, response: urllib3.BaseHTTPResponse) -> None:
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise equal bytes.
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
    jsonio.write_json(_validator(part), {"url": url, "validator": validator})


class Checksums:
    """What was fetched before, so that the same name never stands for other bytes unnoticed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._known = dict(jsonio.read_json(path))
        except (OSError, ValueError, TypeError):
            self._known = {}

    def get(self, name: str) -> str | None:
        """The SHA-256 of a file, or `None` where it was never fetched."""
        value = self._known.get(name)
        return value if isinstance(value, str) else None

    def record(self, checksums: dict[str, str]) -> None:
        """Keeps checksums by name."""
        self._known |= checksums
        jsonio.write_json(self._path, self._known)
