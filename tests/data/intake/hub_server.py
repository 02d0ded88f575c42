"""Fetches from a local stand-in for the hub, through `huggingface_hub`; run by `test_fetching`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

FILES: dict[str, bytes] = {}
COMMIT = ["a" * 40]
REPOSITORY = "AmazonScience/massive"


def parquet(locale: str, name: str) -> bytes:
    names = {"intent": {"names": ["alarm_query", "alarm_set"], "_type": "ClassLabel"}}
    table = pa.table(
        {
            "id": [name],
            "locale": [locale],
            "partition": ["test"],
            "scenario": [16],
            "intent": [1],
            "utt": ["weck mich"],
            "annot_utt": ["weck mich"],
        }
    )
    metadata = {"huggingface": json.dumps({"info": {"features": names}})}
    stream = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), stream)
    return stream.getvalue()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET(body=False)

    def do_GET(self, *, body: bool = True) -> None:
        path = unquote(urlsplit(self.path).path)
        headers = {"X-Repo-Commit": COMMIT[0]}
        api = f"/api/datasets/{REPOSITORY}"
        if path.startswith(f"{api}/tree/"):
            value: Any = [
                {"type": "file", "path": name, "size": len(data), "oid": _oid(data)}
                for name, data in FILES.items()
            ]
            return self._answer(json.dumps(value).encode(), headers, body=body)
        if path.startswith(api):
            siblings = [{"rfilename": name} for name in FILES]
            value = {"id": REPOSITORY, "sha": COMMIT[0], "siblings": siblings, "private": False}
            return self._answer(json.dumps(value).encode(), headers, body=body)
        name = path.partition("/resolve/")[2].partition("/")[2]
        if name.startswith("refs/"):
            name = path.partition("/resolve/refs/convert/parquet/")[2]
        content = FILES.get(name)
        if content is None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        headers |= {"ETag": f'"{_oid(content)}"', "Accept-Ranges": "bytes"}
        return self._answer(content, headers, body=body)

    def _answer(self, content: bytes, headers: dict[str, str], *, body: bool) -> None:
        self.send_response(200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        pass


def _oid(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def main(home: Path) -> None:
    """Prints what happened as one line of JSON."""
    for locale in ("de-DE", "km-KH", "all"):
        FILES[f"{locale}/test/0000.parquet"] = parquet(locale, "1")
    FILES["README.md"] = b"no data"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    os.environ |= {
        "MASSIVE_KIT_HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": endpoint,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    from massive_kit.data.intake.fetching import fetch_hub
    from massive_kit.errors import DataError, MissingDataError

    first = fetch_hub(mirror=endpoint).imported
    assert first is not None
    outcome: dict[str, Any] = {
        "first": list(first.store.locales),
        "intent": first.store.read("test", ["km-KH"]).column("intent")[0].as_py(),
    }
    COMMIT[0] = "b" * 40
    FILES["de-DE/test/0000.parquet"] = parquet("de-DE", "2")
    try:
        fetch_hub(mirror=endpoint)
    except DataError as error:
        outcome["changed"] = error.args[0]
    second = fetch_hub(mirror=endpoint, accept_new=True).imported
    assert second is not None
    outcome["accepted"] = list(second.store.locales)
    try:
        fetch_hub(locales=["xx-XX"], mirror=endpoint)
    except MissingDataError:
        outcome["missing"] = True
    sys.stdout.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
