"""A real HTTP server on loopback that can misbehave."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Site:
    """What the server has, and how it behaves.

    Attributes:
        url: Its base.
        files: Content by path.
        ranges: Whether it knows ranges.
        cuts: After how many bytes it breaks off, answer by answer; `None` for not at all.
        status: Statuses it answers with first.
        requests: (method, path, range asked for) of every request.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cuts: list[int | None] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    tag: str = '"one"'


@pytest.fixture
def site() -> Iterator[Site]:
    state = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            path = re.sub(r"^http://[^/]+", "", self.path)
            state.requests.append(("GET", path, asked))
            if state.status:
                return self._answer(state.status.pop(0), b"")
            content = state.files.get(path)
            if content is None:
                return self._answer(404, b"")
            headers = {"ETag": state.tag}
            start = int(asked[6:-1]) if asked and state.ranges else 0
            if asked and state.ranges and self.headers.get("If-Range") == state.tag:
                if start >= len(content):
                    return self._answer(416, b"")
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
                return self._answer(206, content[start:], headers)
            return self._answer(200, content, headers)

        def _answer(
            self, status: int, content: bytes, headers: dict[str, str] | None = None
        ) -> None:
            self.send_response(status)
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            cut = state.cuts.pop(0) if state.cuts and content else None
            self.wfile.write(content if cut is None else content[:cut])
            if cut is not None:
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
